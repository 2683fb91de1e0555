import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { AuthorizationRequest, EntityUid, Value } from '../../src/vm/index.ts';
import type { EntityData } from '../../src/vm/schema/entity-data.ts';
import { SCHEMA } from './official.ts';

/** Values, entities and requests as the official engine takes them, and what it says of them under the chain's schema. */
const uidJson = ({ type, id }: EntityUid) => ({ type, id });

function valueJson(value: Value): cedar.CedarValueJson {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object') return value;
  switch (value.kind) {
    case 'entity':
      return { __entity: uidJson(value) };
    case 'set':
      return value.items.map(valueJson);
    case 'record':
      return fieldsJson(value.fields);
    default:
      throw new Error(`the chain gives no ${value.kind}`);
  }
}
const fieldsJson = (fields: ReadonlyMap<string, Value>): Record<string, cedar.CedarValueJson> =>
  Object.fromEntries([...fields].map(([name, value]) => [name, valueJson(value)]));

/** What is wrong with these entities. */
export function entityProblems(entities: readonly EntityData[]): readonly string[] {
  const json = entities.map(({ uid, attributes, parents, tags }) => ({
    uid: uidJson(uid),
    attrs: fieldsJson(attributes),
    parents: parents.map(uidJson),
    tags: fieldsJson(tags),
  }));
  const answer = cedar.checkParseEntities({ entities: json, schema: SCHEMA });
  return answer.type === 'success' ? [] : answer.errors.map(({ message }) => message);
}

const NAME = 'carechain';
let isPrepared = false;

/** What is wrong with this request. */
export function requestProblems({ principal, action, resource, context }: AuthorizationRequest): readonly string[] {
  if (!isPrepared) {
    cedar.preparseSchema(NAME, SCHEMA);
    cedar.preparsePolicySet(NAME, {});
    isPrepared = true;
  }
  const answer = cedar.statefulIsAuthorized({
    principal: uidJson(principal),
    action: uidJson(action),
    resource: uidJson(resource),
    context: fieldsJson(context.fields),
    preparsedSchemaName: NAME,
    preparsedPolicySetId: NAME,
    validateRequest: true,
    entities: [],
  });
  return answer.type === 'success' ? [] : answer.errors.map(({ message }) => message);
}
