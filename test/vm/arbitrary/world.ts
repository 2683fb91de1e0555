import fc from 'fast-check';
import {
  type AuthorizationRequest,
  type EntityReader,
  type EntityUid,
  entity,
  record,
  setOf,
  type Value,
} from '../../../src/vm/index.ts';
import { type EntityData, reader } from '../support.ts';

/** A request and its entities, of which each list can be put in another order. */
export interface World {
  readonly request: Omit<AuthorizationRequest, 'context'>;
  readonly context: Readonly<Record<string, Value>>;
  readonly lists: Readonly<Record<string, readonly Value[]>>;
  readonly entities: Readonly<Record<string, EntityData>>;
}

const id = fc.constantFrom('a', 'b', 'c');
const user = id.map((name) => entity('User', name));
const doc = id.map((name) => entity('Doc', name));
const teams = fc.uniqueArray(id, { maxLength: 3 }).map((ids) => ids.map((name) => entity('Team', name)));
const long = fc.integer({ min: -3, max: 6 }).map(BigInt);
const values: fc.Arbitrary<readonly Value[]> = fc.array(
  fc.oneof(
    long,
    id,
    fc.array(long, { maxLength: 3 }).map((items) => setOf(items)),
  ),
  { maxLength: 12 },
);

const userData = fc.record(
  { age: long, active: fc.boolean(), list: values.map(setOf) },
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, Value>>;
const docData = fc.record(
  { owner: user, size: long, list: values.map(setOf) },
  { requiredKeys: ['owner'] },
) as fc.Arbitrary<Record<string, Value>>;
const tags = fc.dictionary(id, long.map((uses) => record({ uses })) as fc.Arbitrary<Value>, { maxKeys: 2 });

const data = fc.array(
  fc.oneof(
    fc.tuple(user.map(nameOf), fc.record({ parents: teams, attributes: userData })),
    fc.tuple(doc.map(nameOf), fc.record({ parents: teams, attributes: docData, tags })),
    fc.tuple(
      id.map((name) => `Team::${name}`),
      fc.record({ parents: teams }),
    ),
    fc.constant(['Action::read', { parents: [entity('Action', 'any')] }] as const),
  ),
  { maxLength: 9 },
);

export const worlds: fc.Arbitrary<World> = fc.record({
  request: fc.record({
    principal: fc.oneof(user, doc),
    action: fc.constantFrom('read', 'write', 'other').map((name) => entity('Action', name)),
    resource: fc.oneof(doc, doc, user),
  }),
  context: fc.record(
    { n: long, s: fc.constantFrom('a', 'xaxb', '10.0.0.1'), flag: fc.boolean() },
    { requiredKeys: ['s'] },
  ) as fc.Arbitrary<Record<string, Value>>,
  lists: fc.record({ list: values }),
  entities: data.map((entries) => Object.fromEntries(entries) as Record<string, EntityData>),
});

export const requestIn = ({ request, context, lists }: World): AuthorizationRequest => ({
  ...request,
  context: record({
    ...context,
    ...Object.fromEntries(Object.entries(lists).map(([name, items]) => [name, setOf(items)])),
  }),
});

export const readerOf = ({ entities }: World): EntityReader & { readonly reads: string[] } => reader(entities);

/** The same world: parents, items of sets, fields, and entities stand the other way round. */
export function turnedRound(world: World): World {
  return {
    ...world,
    context: reversedFields(world.context),
    lists: Object.fromEntries(
      Object.entries(world.lists).map(([name, items]) => [name, items.map(reversed).reverse()]),
    ),
    entities: Object.fromEntries(
      Object.entries(world.entities)
        .reverse()
        .map(([name, { parents = [], attributes = {}, tags: labels = {} }]) => [
          name,
          { parents: [...parents].reverse(), attributes: reversedFields(attributes), tags: reversedFields(labels) },
        ]),
    ),
  };
}

const reversedFields = (fields: Readonly<Record<string, Value>>): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields)
      .reverse()
      .map(([name, value]) => [name, reversed(value)]),
  );

function reversed(value: Value): Value {
  if (typeof value !== 'object') return value;
  if (value.kind === 'set') return setOf(value.items.map(reversed).reverse());
  if (value.kind === 'record') return { kind: 'record', fields: new Map([...value.fields].reverse()) };
  return value;
}

function nameOf({ type, id: name }: EntityUid): string {
  return `${type}::${name}`;
}
