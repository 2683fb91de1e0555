import { ok, type Result, refuse } from '../../../src/base/result.ts';
import type { VmCode } from '../../../src/vm/codes.ts';
import { policySetOf } from '../../../src/vm/evaluate/policy-set.ts';
import {
  type AuthorizationRequest,
  type EntityReader,
  entitiesFromJson,
  entity,
  isAuthorizedCedar,
  type Json,
  type PolicySet,
  parseJson,
  recordFromJson,
  uidFromJson,
} from '../../../src/vm/index.ts';
import { isList, isObject } from '../../../src/vm/json/json.ts';
import { policyToJson } from '../../../src/vm/json/policy-json.ts';
import { readerOf } from '../../../src/vm/schema/entity-data.ts';
import { readContext, readEntities, readEntity } from '../../../src/vm/schema/read-json.ts';
import { parseSchema } from '../../../src/vm/schema/read-schema.ts';
import { keyOfUid, type Schema } from '../../../src/vm/schema/schema.ts';
import { validateEntities, validateEntity } from '../../../src/vm/schema/validate-entity.ts';
import { validateRequest } from '../../../src/vm/schema/validate-request.ts';
import type { ParsedPolicy, ParsedTemplate } from '../../../src/vm/syntax/ast.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { printPolicy } from '../../../src/vm/syntax/print-policy.ts';
import { linkTemplate } from '../../../src/vm/syntax/template.ts';
import { reviewPolicy } from '../../../src/vm/validate/validate.ts';
import { type Answer, canonicalText, type PolicySetTexts, type Refused } from './official.ts';

/** Our engine, asked what the official one is asked, with the same texts. */
export type Read<T> = Result<T, VmCode>;

/** The value, or an exception: for what we wrote ourselves and must therefore read. */
export function accepted<T>(result: Read<T>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.rejection)}`);
  return result.value;
}

export const refusalOf = (result: Read<unknown>): Refused | undefined =>
  result.ok ? undefined : { refused: JSON.stringify(result.rejection) };

const jsonOf = (text: string): Json => accepted(parseJson(text));

export type Parsed = ParsedPolicy | ParsedTemplate;

export interface OurPolicies {
  readonly set: PolicySet;
  /** Policies, templates and links, by id: what the validator is asked about. */
  readonly all: ReadonlyMap<string, Parsed>;
}

/** Static policies and linked templates, each under the id it was given. */
export function policiesOf({ staticPolicies, templates, templateLinks }: PolicySetTexts): Read<OurPolicies> {
  const policies = new Map<string, ParsedPolicy>();
  for (const [id, text] of Object.entries(staticPolicies)) {
    const read = only(text);
    if (!read.ok) return read;
    policies.set(id, withId(read.value as ParsedPolicy, id));
  }
  const read = new Map<string, ParsedTemplate>();
  for (const [id, text] of Object.entries(templates)) {
    const template = only(text);
    if (!template.ok) return template;
    read.set(id, template.value);
  }
  for (const { templateId, newId, values } of templateLinks) {
    const [principal, resource] = [values['?principal'], values['?resource']];
    const linked = linkTemplate(read.get(templateId) as ParsedTemplate, newId, {
      ...(principal && { principal: entity(principal.type, principal.id) }),
      ...(resource && { resource: entity(resource.type, resource.id) }),
    });
    if (!linked.ok) return linked;
    policies.set(newId, linked.value);
  }
  const set = policySetOf([...policies.values()]);
  return set.ok ? ok({ set: set.value, all: new Map([...read, ...policies]) }) : set;
}

function only(text: string): Read<Parsed> {
  const { policies, templates, problems } = readPolicies(text);
  const [problem] = problems;
  if (problem !== undefined) return refuse(problem.code, { line: problem.line, column: problem.column });
  return ok([...policies, ...templates][0] as ParsedTemplate);
}

const withId = (policy: ParsedPolicy, id: string): ParsedPolicy => ({
  ...policy,
  annotations: new Map([...policy.annotations, ['id', id]]),
});

export const schemaOf = (text: string): Read<Schema> => parseSchema(text);

export const entitiesOf = (text: string): Read<EntityReader> => entitiesFromJson(jsonOf(text));

export function entitiesBySchema(schema: Schema, text: string): Read<EntityReader> {
  const entities = readEntities(schema, jsonOf(text));
  if (!entities.ok) return entities;
  const valid = validateEntities(schema, entities.value);
  if (!valid.ok) return valid;
  const listed = new Set(entities.value.map(({ uid }) => keyOfUid(uid)));
  const actions = [...schema.actions]
    .filter(([key]) => !listed.has(key))
    .map(([, { uid, parents }]) => ({ uid, parents, attributes: new Map(), tags: new Map() }));
  return ok(readerOf([...entities.value, ...actions]));
}

export function entityRefusal(schema: Schema, text: string): Refused | undefined {
  const read = readEntity(schema, jsonOf(text));
  return refusalOf(read.ok ? validateEntity(schema, read.value) : read);
}

export const requestOf = (text: string): Read<AuthorizationRequest> =>
  readRequest(text, (_, json) => recordFromJson(json));

/** Read by the schema and held against it. */
export function requestBySchema(schema: Schema, text: string): Read<AuthorizationRequest> {
  const read = readRequest(text, (action, json) => readContext(schema, action, json));
  if (!read.ok) return read;
  const valid = validateRequest(schema, read.value);
  return valid.ok ? read : valid;
}

export const requestRefusal = (schema: Schema, text: string): Refused | undefined =>
  refusalOf(requestBySchema(schema, text));

function readRequest(
  text: string,
  contextOf: (action: AuthorizationRequest['action'], json: Json) => ReturnType<typeof recordFromJson>,
): Read<AuthorizationRequest> {
  const json = jsonOf(`{${text}}`) as ReadonlyMap<string, Json>;
  const part = (name: string): Json => json.get(name) ?? null;
  const [principal, action, resource] = [part('principal'), part('action'), part('resource')].map((uid) =>
    accepted(uidFromJson(uid)),
  ) as [AuthorizationRequest['principal'], AuthorizationRequest['action'], AuthorizationRequest['resource']];
  const context = contextOf(action, part('context'));
  return context.ok ? ok({ principal, action, resource, context: context.value }) : context;
}

export function authorize({ set }: OurPolicies, request: AuthorizationRequest, entities: EntityReader): Answer {
  const { decision, reason, errors } = isAuthorizedCedar(set, request, entities);
  return { decision, reason: [...reason].sort(), errors: [...errors].sort() };
}

/** Codes of what the validator finds. */
export const problemsOf = (schema: Schema, policy: Parsed, mode: 'strict' | 'permissive'): readonly string[] =>
  reviewPolicy(schema, policy, mode).errors.map(({ code }) => code);

export function policiesRefusal(text: string): Refused | undefined {
  const [problem] = readPolicies(text).problems;
  return problem && { refused: JSON.stringify(problem) };
}

/** The text of one policy, printed from its tree. */
export function printed(text: string): string | undefined {
  const read = only(text);
  return read.ok ? printPolicy(read.value) : undefined;
}

/** A policy or template as Cedar's JSON, as `official.meaningOf` gives it. */
export function meaningOf(text: string): string | undefined {
  const read = only(text);
  return read.ok ? canonicalText(plain(policyToJson(read.value))) : undefined;
}

/** Longs become what JavaScript's JSON makes of them: the official engine's answer passes through it. */
function plain(json: Json): unknown {
  if (typeof json === 'bigint') return Number(json);
  if (isList(json)) return json.map(plain);
  return isObject(json) ? Object.fromEntries([...json].map(([name, value]) => [name, plain(value)])) : json;
}
