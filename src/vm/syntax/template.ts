import { ok, type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import type { EntityUid } from '../values/value.ts';
import type { ParsedPolicy, ParsedTemplate, ScopeClause, SlotClause } from './ast.ts';
import { printPolicy } from './print-policy.ts';

export interface SlotValues {
  readonly principal?: EntityUid;
  readonly resource?: EntityUid;
}

/**
 * The policy that a template becomes when its slots are filled, every one and no other. Its `@id` is the id given; its text is printed,
 * and its places are those of the template.
 */
export function linkTemplate(
  template: ParsedTemplate,
  id: string,
  { principal: forPrincipal, resource: forResource }: SlotValues,
): Result<ParsedPolicy, VmCode> {
  const principal = filled(template.scope.principal, forPrincipal, '?principal');
  if (!principal.ok) return principal;
  const resource = filled(template.scope.resource, forResource, '?resource');
  if (!resource.ok) return resource;
  const policy: ParsedPolicy = {
    ...template,
    annotations: new Map([...template.annotations, ['id', id]]),
    scope: { principal: principal.value, action: template.scope.action, resource: resource.value },
  };
  return ok({ ...policy, text: printPolicy(policy) });
}

function filled(
  clause: ScopeClause | SlotClause,
  uid: EntityUid | undefined,
  slot: string,
): Result<ScopeClause, VmCode> {
  if (clause.kind !== 'slot') return uid === undefined ? ok(clause) : refuse('vm-template.no-such-slot', { slot });
  if (uid === undefined) return refuse('vm-template.missing-value', { slot });
  const { at, operator, entityType } = clause;
  if (operator === '==') return ok({ kind: '==', at, uid });
  return ok(entityType === undefined ? { kind: 'in', at, uids: [uid] } : { kind: 'is', at, entityType, within: uid });
}
