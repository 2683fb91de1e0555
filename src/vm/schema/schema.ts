import type { EntityUid } from '../values/value.ts';

/** A type as a schema declares it. Names are full: `Carechain::Patient`. Common types are already replaced by what they stand for. */
export type SchemaType =
  | { readonly kind: 'bool' | 'long' | 'string' | 'decimal' | 'ipaddr' | 'datetime' | 'duration' }
  | { readonly kind: 'entity'; readonly type: string }
  | { readonly kind: 'set'; readonly element: SchemaType }
  | RecordType;

export interface RecordType {
  readonly kind: 'record';
  readonly attributes: ReadonlyMap<string, AttributeType>;
}

export interface AttributeType {
  readonly type: SchemaType;
  /** `name?: …` is not. */
  readonly required: boolean;
}

export interface EntityType {
  readonly name: string;
  /** Types that an ancestor of such an entity may have: direct and indirect ones. */
  readonly ancestors: ReadonlySet<string>;
  /** Types that a parent may have. */
  readonly parents: ReadonlySet<string>;
  readonly attributes: RecordType;
  /** What every tag holds; undefined where it has none. */
  readonly tags: SchemaType | undefined;
  /** `entity E enum ["a", "b"]`: the only ids. Undefined for any other entity. */
  readonly ids: ReadonlySet<string> | undefined;
}

export interface ActionDeclaration {
  readonly uid: EntityUid;
  /** Groups that it is directly in. */
  readonly parents: readonly EntityUid[];
  /** Every group above it, by `keyOfUid`. */
  readonly ancestors: ReadonlySet<string>;
  /** Undefined for a group that applies to nothing itself. */
  readonly appliesTo:
    | {
        readonly principals: ReadonlySet<string>;
        readonly resources: ReadonlySet<string>;
        readonly context: RecordType;
      }
    | undefined;
}

/** A schema that was read, resolved and found whole: every name means something, no common type contains itself. */
export interface Schema {
  readonly entityTypes: ReadonlyMap<string, EntityType>;
  /** By `keyOfUid`. */
  readonly actions: ReadonlyMap<string, ActionDeclaration>;
}

/** One text for one entity: a type name holds no NUL. */
export const keyOfUid = ({ type, id }: EntityUid): string => `${type}\0${id}`;
