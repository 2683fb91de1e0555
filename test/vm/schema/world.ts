import * as official from '@cedar-policy/cedar-wasm/nodejs';
import { type Json, parseJson, uidFromJson } from '../../../src/vm/index.ts';
import type { EntityData } from '../../../src/vm/schema/entity-data.ts';
import { readContext, readEntities } from '../../../src/vm/schema/read-json.ts';
import { validateEntities } from '../../../src/vm/schema/validate-entity.ts';
import { validateRequest } from '../../../src/vm/schema/validate-request.ts';
import { accepted } from '../support.ts';
import { schemaOf } from './support.ts';

/** One schema with every kind of type, for cases that are asked of both engines. */
export const WORLD = `
entity Group, Team in Group;
entity Ring in Loop;
entity Loop in Ring;
entity Colour enum ["red", "blue"];
entity Named = { name: String };
entity Tagged tags Set<decimal>;
entity User in [Team, Colour] = {
  long?: Long, string?: String, bool?: Bool, decimal?: decimal, ip?: ipaddr, datetime?: datetime, duration?: duration,
  user?: User, colour?: Colour, action?: Action, users?: Set<User>, colours?: Set<Colour>, actions?: Set<Action>,
  records?: Set<{ a?: Long }>, sets?: Set<Set<Long>>, decimals?: Set<decimal>, empty?: {},
  record?: { a: Long, user?: User, decimal?: decimal, inner?: { colour: Colour } },
  typeAndId?: { type: String, id: String }, escape?: { "__entity": { type: String, id: String } },
} tags Colour;
action top;
action middle in top;
action leaf in middle appliesTo {
  principal: [User, Colour], resource: User,
  context: { long?: Long, colour?: Colour, action?: Action, decimal?: decimal, user?: User, records?: Set<{ a?: Long }>, inner?: { colour: Colour } },
};
action strict appliesTo { principal: User, resource: [Named, User], context: { needed: Long } };
namespace N { action foreign; entity User2; }
`;
export const SCHEMA = schemaOf(WORLD);

/** JSON as a test writes it. */
export type Plain = official.CedarValueJson;
export const jsonOf = (plain: unknown): Json => accepted(parseJson(JSON.stringify(plain)));

export function areAcceptedByUs(entities: readonly unknown[]): boolean {
  const json = parseJson(JSON.stringify(entities));
  if (!json.ok) return false;
  const read = readEntities(SCHEMA, json.value);
  return read.ok && validateEntities(SCHEMA, read.value).ok;
}

/** The official engine keeps the schema: reading it again for each of a thousand cases would take most of the time. */
const NAME = 'world of the tests';
official.preparseSchema(NAME, WORLD);
official.preparsePolicySet(NAME, { staticPolicies: '' });

const askOfficially = (request: PlainRequest, entities: readonly unknown[]): boolean =>
  official.statefulIsAuthorized({
    ...request,
    context: request.context as official.Context,
    entities: entities as official.Entities,
    validateRequest: true,
    preparsedSchemaName: NAME,
    preparsedPolicySetId: NAME,
  }).type === 'success';

export const areAcceptedOfficially = (entities: readonly unknown[]): boolean => askOfficially(LEAF, entities);
export const isRequestAcceptedOfficially = (request: PlainRequest): boolean => askOfficially(request, []);

export interface PlainRequest {
  readonly principal: official.TypeAndId;
  readonly action: official.TypeAndId;
  readonly resource: official.TypeAndId;
  readonly context: Readonly<Record<string, unknown>>;
}

/** A request that is as the schema says. */
export const LEAF: PlainRequest = {
  principal: { type: 'User', id: '1' },
  action: { type: 'Action', id: 'leaf' },
  resource: { type: 'User', id: '1' },
  context: {},
};

export function isRequestAcceptedByUs({ principal, action, resource, context }: PlainRequest): boolean {
  const uid = accepted(uidFromJson(jsonOf(action)));
  const read = readContext(SCHEMA, uid, jsonOf(context));
  if (!read.ok) return false;
  return validateRequest(SCHEMA, {
    principal: accepted(uidFromJson(jsonOf(principal))),
    action: uid,
    resource: accepted(uidFromJson(jsonOf(resource))),
    context: read.value,
  }).ok;
}

export const entitiesOf = (entities: readonly unknown[]): readonly EntityData[] =>
  accepted(readEntities(SCHEMA, jsonOf(entities)));
