import { ok, type Result } from '../../../base/result.ts';
import { type AuthorizationRequest, recordFromJson, uidFromJson, type VmCode } from '../../../vm/index.ts';
import { isObject, type Json } from '../../../vm/json/json.ts';
import { readContext } from '../../../vm/schema/read-json.ts';
import { keyOfUid, type Schema } from '../../../vm/schema/schema.ts';
import { readUid } from './expression.ts';

export interface WrittenRequest {
  readonly principal: Json;
  readonly action: Json;
  readonly resource: Json;
  readonly context: Json;
}

/** A request from its JSON; the context is read by the schema where it declares the action. */
export function requestFromJson(
  { principal, action, resource, context }: WrittenRequest,
  schema: Schema | undefined,
): Result<AuthorizationRequest, VmCode> {
  const [who, what, which] = [uidOf(principal, 'principal'), uidOf(action, 'action'), uidOf(resource, 'resource')];
  if (!who.ok) return who;
  if (!what.ok) return what;
  if (!which.ok) return which;
  const facts = schema?.actions.has(keyOfUid(what.value))
    ? readContext(schema, what.value, context)
    : recordFromJson(context, 'context');
  if (!facts.ok) return facts;
  return ok({ principal: who.value, action: what.value, resource: which.value, context: facts.value });
}

/** `{ "type", "id" }`, alone or under `__entity`, or the text `Type::"id"`, as old tests have it. */
function uidOf(json: Json, path: string): ReturnType<typeof uidFromJson> {
  if (typeof json === 'string') return readUid(json);
  const inner = isObject(json) ? (json.get('__entity') ?? json) : json;
  if (!isObject(inner)) return uidFromJson(json, path);
  return uidFromJson(new Map([...inner].filter(([name]) => name === 'type' || name === 'id')), path);
}
