import { nearest } from '../syntax/suggest.ts';
import type { SchemaType } from './schema.ts';
import type { WrittenNamespace, WrittenType } from './written.ts';

/** Types that every schema has: in the namespace `__cedar`, and outside any where the schema has no such name of its own. */
export const BUILT_IN: ReadonlyMap<string, SchemaType> = new Map([
  ['Bool', { kind: 'bool' }],
  ['Long', { kind: 'long' }],
  ['String', { kind: 'string' }],
  ['decimal', { kind: 'decimal' }],
  ['ipaddr', { kind: 'ipaddr' }],
  ['datetime', { kind: 'datetime' }],
  ['duration', { kind: 'duration' }],
]);
/** Letters of a name for which a similar one is searched: comparing costs the product of two lengths. */
const SUGGESTED_FOR_MAX = 40;
const BUILT_IN_PREFIX = '__cedar::';

export const fullName = (namespace: string, name: string): string =>
  namespace === '' ? name : `${namespace}::${name}`;
export const lastPart = (name: string): string => name.slice(name.lastIndexOf(':') + 1);

/** What a name of a type turned out to mean. */
export type Meaning =
  | { readonly kind: 'built-in'; readonly type: SchemaType }
  | { readonly kind: 'common' | 'entity'; readonly name: string };

export interface CommonType {
  readonly written: WrittenType;
  readonly namespace: string;
  readonly at: number;
}

/** Everything a schema declares, by full name. */
export class DeclaredNames {
  readonly entityTypes = new Set<string>();
  readonly commonTypes = new Map<string, CommonType>();
  /** `Action` of every namespace that declares actions: attributes may be of such a type. */
  readonly actionTypes = new Set<string>();

  constructor(namespaces: readonly WrittenNamespace[]) {
    for (const { name: namespace, entities, actions, types } of namespaces) {
      for (const { names } of entities) for (const { name } of names) this.entityTypes.add(fullName(namespace, name));
      for (const { name, type, at } of types)
        this.commonTypes.set(fullName(namespace, name), { written: type, namespace, at });
      if (actions.length > 0) this.actionTypes.add(fullName(namespace, 'Action'));
    }
  }

  /**
   * What `name` means inside `namespace`: a name of the namespace before one outside any, and at each of the two a common
   * type before an entity type (RFC 24). A name with `::` is full already. A context names common types alone.
   */
  meaningOf(name: string, namespace: string, sought: 'any' | 'common' = 'any'): Meaning | undefined {
    for (const candidate of candidatesFor(name, namespace)) {
      if (this.commonTypes.has(candidate)) return { kind: 'common', name: candidate };
      const type = this.#builtIn(candidate);
      if (type !== undefined) return { kind: 'built-in', type };
      const isEntityType = this.entityTypes.has(candidate) || this.actionTypes.has(candidate);
      if (isEntityType && sought === 'any') return { kind: 'entity', name: candidate };
    }
    return undefined;
  }

  /** The declared entity type that a parent, a principal or a resource names: common types are not considered. */
  entityTypeOf(name: string, namespace: string): string | undefined {
    return candidatesFor(name, namespace).find((candidate) => this.entityTypes.has(candidate));
  }

  #builtIn(candidate: string): SchemaType | undefined {
    if (candidate.startsWith(BUILT_IN_PREFIX)) return BUILT_IN.get(candidate.slice(BUILT_IN_PREFIX.length));
    return this.entityTypes.has(candidate) ? undefined : BUILT_IN.get(candidate);
  }

  /** A name that was probably meant, as one would write it inside `namespace`. */
  suggestionFor(name: string, namespace: string, sought: 'any' | 'common' | 'entity'): string | undefined {
    const full: string[] = [];
    if (sought !== 'common') full.push(...this.entityTypes);
    if (sought !== 'entity') full.push(...this.commonTypes.keys());
    if (sought === 'any') full.push(...BUILT_IN.keys());
    const sameLastPart = full.find((candidate) => lastPart(candidate) === lastPart(name));
    if (sameLastPart !== undefined) return sameLastPart;
    if (name.length > SUGGESTED_FOR_MAX) return undefined;
    const prefix = fullName(namespace, '');
    const isHere = (candidate: string): boolean => namespace !== '' && candidate.startsWith(prefix);
    return nearest(
      name,
      full.map((candidate) => (isHere(candidate) ? lastPart(candidate) : candidate)),
    );
  }
}

export const candidatesFor = (name: string, namespace: string): readonly string[] =>
  name.includes('::') || namespace === '' ? [name] : [fullName(namespace, name), name];
