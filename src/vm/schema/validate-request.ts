import { refuse } from '../../base/result.ts';
import type { AuthorizationRequest } from '../evaluate/request.ts';
import type { EntityUid } from '../values/value.ts';
import { type Conformance, conforms, conformsUid } from './conform.ts';
import { keyOfUid, type Schema } from './schema.ts';

/**
 * Is this a request that the schema allows? Its principal and resource are of declared types, the action is declared and
 * applies to them, and the context is what the action says. `detail` names the part that is not.
 */
export function validateRequest(schema: Schema, request: AuthorizationRequest): Conformance {
  const { principal, action, resource, context } = request;
  for (const [part, uid] of [['principal', principal] as const, ['resource', resource] as const]) {
    const verdict = validateActor(schema, uid, part);
    if (!verdict.ok) return verdict;
  }
  const declared = schema.actions.get(keyOfUid(action));
  if (declared === undefined) return refuse('vm-conform.unknown-action', { path: 'action' });
  const { appliesTo } = declared;
  if (!appliesTo?.principals.has(principal.type)) return refuse('vm-conform.not-applicable', { path: 'principal' });
  if (!appliesTo.resources.has(resource.type)) return refuse('vm-conform.not-applicable', { path: 'resource' });
  return conforms(schema, context, appliesTo.context, 'context');
}

/** A principal or resource; an action is neither. */
function validateActor(schema: Schema, uid: EntityUid, path: 'principal' | 'resource'): Conformance {
  if (!schema.entityTypes.has(uid.type)) return refuse('vm-conform.unknown-type', { path });
  return conformsUid(schema, uid, path);
}
