import type { Random } from '../../../src/simulator/random.ts';
import {
  type ActionDeclaration,
  type AttributeType,
  type EntityType,
  keyOfUid,
  type RecordType,
  type Schema,
  type SchemaType,
} from '../../../src/vm/schema/schema.ts';

/** A drawn schema. What a text says under a name of its own (`type T0 = …`) is in `aliases`; what the schema means, in `schema`. */
export interface DrawnSchema {
  readonly schema: Schema;
  readonly namespaces: readonly string[];
  readonly aliases: ReadonlyMap<SchemaType, string>;
}

const TYPE_NAMES = ['User', 'Group', 'Doc', 'Folder', 'Team', 'R2', 'Colour', 'x_'];
const ATTRIBUTE_NAMES = ['a', 'b', 'n', 's', 'flag', 'set', 'when', 'x y', 'é', 'if', '', 'Long', 'principal', 'in'];
const ACTION_IDS = ['read', 'write', 'a b', '', 'ré', 'in', '"'];
const GROUP_IDS = ['all', 'some'];
const SIMPLE_KINDS = ['bool', 'long', 'string', 'decimal', 'ipaddr', 'datetime', 'duration'] as const;

export const inNamespace = (namespace: string, name: string): string =>
  namespace === '' ? name : `${namespace}::${name}`;

export const namespaceOf = (full: string): string => full.split('::').slice(0, -1).join('::');

export function drawSchema(random: Random): DrawnSchema {
  const namespaces = random.pick([[''], ['App'], ['', 'App'], ['App', 'App::In'], ['', 'N']]);
  const names = random
    .shuffle(TYPE_NAMES)
    .slice(0, random.integer(2, 5))
    .map((name) => inNamespace(random.pick(namespaces), name));
  const drawing = new SchemaDrawing(random, namespaces, names);
  const entityTypes = drawing.entityTypes();
  return { schema: { entityTypes, actions: drawing.actions() }, namespaces, aliases: drawing.aliases };
}

class SchemaDrawing {
  readonly aliases = new Map<SchemaType, string>();
  readonly #random: Random;
  readonly #namespaces: readonly string[];
  readonly #names: readonly string[];

  constructor(random: Random, namespaces: readonly string[], names: readonly string[]) {
    this.#random = random;
    this.#namespaces = namespaces;
    this.#names = names;
  }

  entityTypes(): ReadonlyMap<string, EntityType> {
    const parents = new Map(this.#names.map((name) => [name, this.#someNames(0.35)]));
    return new Map(this.#names.map((name) => [name, this.#entityType(name, parents)]));
  }

  #entityType(name: string, parents: ReadonlyMap<string, ReadonlySet<string>>): EntityType {
    const random = this.#random;
    if (random.chance(0.12) && [...parents.values()].every((some) => !some.has(name)))
      return enumType(name, new Set(random.shuffle(['red', 'blue', '', 'é']).slice(0, random.integer(1, 3))));
    return {
      name,
      parents: parents.get(name) as ReadonlySet<string>,
      ancestors: reachable(name, parents),
      attributes: this.#record(4, 2),
      tags: random.chance(0.35) ? this.#type(1) : undefined,
      ids: undefined,
    };
  }

  actions(): ReadonlyMap<string, ActionDeclaration> {
    const random = this.#random;
    const actions = new Map<string, ActionDeclaration>();
    const groups = GROUP_IDS.slice(0, random.integer(0, 2));
    const ids = random.shuffle(ACTION_IDS).slice(0, random.integer(1, 3));
    for (const id of [...groups, ...ids]) {
      const uid = {
        kind: 'entity' as const,
        type: inNamespace(random.pick(this.#namespaces), 'Action'),
        id,
      };
      const parents = [...actions.values()].filter(() => random.chance(0.35));
      const ancestors = new Set(parents.flatMap((parent) => [keyOfUid(parent.uid), ...parent.ancestors]));
      const appliesTo = groups.includes(id) ? undefined : this.#appliesTo();
      actions.set(keyOfUid(uid), { uid, parents: parents.map((parent) => parent.uid), ancestors, appliesTo });
    }
    return actions;
  }

  #appliesTo(): NonNullable<ActionDeclaration['appliesTo']> {
    const some = (): ReadonlySet<string> =>
      new Set(this.#random.shuffle(this.#names).slice(0, this.#random.integer(1, 2)));
    return { principals: some(), resources: some(), context: this.#record(4, 2) };
  }

  #record(attributesMax: number, depth: number): RecordType {
    const names = this.#random.shuffle(ATTRIBUTE_NAMES).slice(0, this.#random.integer(0, attributesMax));
    return this.#named({
      kind: 'record',
      attributes: new Map(names.map((name) => [name, this.#attribute(depth)])),
    });
  }

  #attribute(depth: number): AttributeType {
    return { type: this.#type(depth), required: this.#random.chance(0.65) };
  }

  #type(depth: number): SchemaType {
    const random = this.#random;
    const chosen = random.integer(0, 9);
    if (chosen === 0 && depth > 0) return this.#record(3, depth - 1);
    if (chosen <= 2 && depth > 0) return this.#named({ kind: 'set', element: this.#type(depth - 1) });
    if (chosen <= 4) return { kind: 'entity', type: random.pick(this.#names) };
    return this.#named({ kind: random.pick(SIMPLE_KINDS) });
  }

  /** Some types get a name, and are written by it. */
  #named<T extends SchemaType>(type: T): T {
    if (this.#random.chance(0.12))
      this.aliases.set(type, inNamespace(this.#random.pick(this.#namespaces), `T${this.aliases.size}`));
    return type;
  }

  #someNames(probability: number): ReadonlySet<string> {
    return new Set(this.#names.filter(() => this.#random.chance(probability)));
  }
}

const enumType = (name: string, ids: ReadonlySet<string>): EntityType => ({
  name,
  parents: new Set(),
  ancestors: new Set(),
  attributes: { kind: 'record', attributes: new Map() },
  tags: undefined,
  ids,
});

/** Every type above this one. */
function reachable(name: string, parents: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const seen = new Set<string>();
  const waiting = [...(parents.get(name) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...(parents.get(next) ?? []));
  }
  return seen;
}
