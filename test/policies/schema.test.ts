import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { ROUTES } from '../../src/api/route-table.ts';
import { PAYLOADS } from '../../src/ledger/families/payloads.ts';
import { type AuthorizationRequest, entity, record } from '../../src/vm/index.ts';
import type { EntityData } from '../../src/vm/schema/entity-data.ts';
import { parseSchema } from '../../src/vm/schema/read-schema.ts';
import { keyOfUid } from '../../src/vm/schema/schema.ts';
import { validateEntities } from '../../src/vm/schema/validate-entity.ts';
import { validateRequest } from '../../src/vm/schema/validate-request.ts';
import { readPolicies } from '../../src/vm/syntax/parse.ts';
import { validatePolicies } from '../../src/vm/validate/validate.ts';
import { policyFiles } from '../ledger/town.ts';
import { accepted } from '../vm/support.ts';
import { capture } from './capture.ts';
import { CASES } from './matrix/index.ts';
import { uid } from './matrix/uids.ts';
import { SCHEMA, validated } from './official.ts';
import { entityProblems, requestProblems } from './official-data.ts';
import { entitiesFrom } from './seen-entities.ts';
import { idOf } from './verdicts.ts';
import { World } from './world.ts';

vi.mock(import('../../src/vm/index.ts'), async (original) =>
  (await import('./capture.ts')).capturing(await original()),
);

const schema = accepted(parseSchema(SCHEMA));
const policies = policyFiles().flatMap(({ text }) => readPolicies(text).policies);
const declared = [...schema.actions.values()].map(({ uid: { id } }) => id);
/** Every attribute that some type has. */
const attributes = [...schema.entityTypes.values()].flatMap((type) => [...type.attributes.attributes.keys()]);

const world = new World();
const stage = { world, state: world.beyondTransactions() };
const asked = CASES.map(([name, asking]) => ({
  name,
  questions: capture(world.policies, true, () => asking(stage)).captured,
}));
const questions = asked.flatMap(({ questions }) => questions);
const grantKeys = [
  ...new Set(questions.flatMap(({ request }) => request.context.fields.get('grantKey') ?? [])),
] as readonly string[];

/** What tells two states of one entity apart. */
const textOf = (one: EntityData): string =>
  JSON.stringify(one, (_, value) =>
    value instanceof Map ? [...value] : typeof value === 'bigint' ? String(value) : value,
  );

/** The nth states of all entities, for each n: in one batch an entity stands once. */
const batchesOf = (states: readonly (readonly EntityData[])[]): readonly (readonly EntityData[])[] =>
  Array.from({ length: Math.max(...states.map(({ length }) => length)) }, (_, n) =>
    states.flatMap((known) => known[n] ?? []),
  );

/** The official validator takes a second of work or two, on a machine that may be busy. */
const OFFICIAL = { timeout: 120_000 };

describe("the chain's schema", OFFICIAL, () => {
  it('lets every shipped policy pass strict validation, by the official engine and by ours, without a warning', () => {
    const texts = Object.fromEntries(policies.map((policy) => [idOf(policy), policy.text]));
    expect(Object.keys(texts)).toHaveLength(policies.length);
    expect(validated(texts)).toEqual({ errors: [], warnings: [] });
    for (const validation of validatePolicies(schema, policies, 'strict'))
      expect(validation).toEqual({ errors: [], warnings: [] });
  });

  it.each([
    [
      'an attribute that is not there',
      'permit (principal is Patient, action, resource) when { principal.name == "x" };',
    ],
    [
      'a context that the action does not have',
      'permit (principal, action == Action::"grant", resource) when { context.nowMs > 0 };',
    ],
    ['a type that is not there', 'permit (principal is Nurse, action, resource);'],
    ['an action that is not there', 'permit (principal, action == Action::"destroy", resource);'],
    ['types that do not fit', 'permit (principal is Hospital, action, resource) when { principal.tier == 3 };'],
  ])('lets no policy pass with %s', (_, text) => {
    expect(validated({ p: text }).errors.length).toBeGreaterThan(0);
    const [checked] = validatePolicies(schema, readPolicies(text).policies, 'strict');
    expect(checked?.errors.length).toBeGreaterThan(0);
  });

  it('declares each action that a transaction or a route asks about, and no other', () => {
    const api = new URL('../../src/api/', import.meta.url);
    const sources = readdirSync(api, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const inPassing = sources.flatMap((name) =>
      [...readFileSync(new URL(name, api), 'utf8').matchAll(/permits\([^;']*'(\w+)'/g)].map(([, action]) => action),
    );
    const routed = ROUTES.flatMap(({ access }) => (access === 'open' ? [] : [access.action]));
    const actions = [...Object.keys(PAYLOADS), ...routed, ...inPassing];
    expect(inPassing).toContain('viewEvents');
    expect([...new Set(actions)].sort()).toEqual([...declared].sort());
  });

  it('allows every request of the matrix, by the official engine and by ours', () => {
    const refused = asked.flatMap(({ name, questions }) =>
      questions.flatMap(({ request }) => {
        const ours = validateRequest(schema, request);
        return [...requestProblems(request), ...(ours.ok ? [] : [ours.rejection.code])].map((why) => `${name}: ${why}`);
      }),
    );
    expect(refused).toEqual([]);
    expect(new Set(questions.map(({ request }) => request.action.id))).toEqual(new Set(declared));
  });

  it('allows no request with more, with less, or with another type', () => {
    const read = { principal: uid.patient('x'), action: entity('Action', 'readRecord'), resource: uid.record('x') };
    const context = { purpose: 'TREAT', grantKey: 'person:x:y', nowMs: 1n };
    const wrong: readonly AuthorizationRequest[] = [
      { ...read, context: record({ ...context, reason: 'x' }) },
      { ...read, context: record({ purpose: 'TREAT', nowMs: 1n }) },
      { ...read, context: record({ ...context, nowMs: '1' }) },
      { ...read, resource: uid.patient('x'), context: record(context) },
      { ...read, principal: entity('Stranger', 'x'), context: record(context) },
    ];
    for (const request of wrong) {
      expect(requestProblems(request)).not.toEqual([]);
      expect(validateRequest(schema, request).ok).toBe(false);
    }
  });

  it('gives each entity of the state, and of the cases laid over it, the attributes, tags and parents that it has', () => {
    const variants = new Map<string, Map<string, EntityData>>();
    for (const { name, questions } of asked)
      for (const { request, entities } of questions) {
        const { principal, resource, context } = request;
        const seen = entitiesFrom(entities, [principal, resource, context], attributes, grantKeys);
        expect([name, validateEntities(schema, seen)]).toMatchObject([name, { ok: true }]);
        for (const one of seen) {
          const known = variants.get(keyOfUid(one.uid)) ?? new Map<string, EntityData>();
          variants.set(keyOfUid(one.uid), known.set(textOf(one), one));
        }
      }
    for (const batch of batchesOf([...variants.values()].map((known) => [...known.values()])))
      expect(entityProblems(batch)).toEqual([]);
    const types = [...variants.values()].flatMap((known) => [...known.values()].map(({ uid }) => uid.type));
    expect(new Set(types)).toEqual(new Set(schema.entityTypes.keys()));
  });

  it('is needed: an attribute more, or one of another type, is refused by both', () => {
    const [patient] = entitiesFrom(
      (questions[0] as (typeof questions)[number]).entities,
      [uid.patient('the patient')],
      [],
      [],
    ).filter(({ uid }) => uid.type === 'Patient');
    if (patient === undefined) throw new Error('the patient is there');
    for (const [name, value] of [
      ['nickname', 'x'],
      ['status', 1n],
    ] as const) {
      const changed = [{ ...patient, attributes: new Map([...patient.attributes, [name, value]]) }];
      expect(entityProblems(changed)).not.toEqual([]);
      expect(validateEntities(schema, changed).ok).toBe(false);
    }
  });
});

describe('a permit to read', () => {
  it('names the path of keys that it opens', () => {
    const readers = policies.filter(
      ({ effect, scope: { action } }) => effect === 'permit' && action.kind === '==' && action.uid.id === 'readRecord',
    );
    const paths = readers.map(({ annotations }) => annotations.get('path'));
    expect(new Set(paths)).toEqual(new Set(['self', 'grant', 'desk', 'guardian']));
    expect(policies.filter(({ annotations }) => annotations.has('path'))).toHaveLength(readers.length);
  });
});
