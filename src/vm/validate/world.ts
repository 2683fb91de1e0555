import { environmentsOf, type RequestEnvironment } from '../schema/environments.ts';
import { type ActionDeclaration, keyOfUid, type Schema, type SchemaType } from '../schema/schema.ts';
import type { EntityUid } from '../values/value.ts';
import { leastUpperBound } from './bounds.ts';
import type { Budget } from './budget.ts';
import { type Attribute, BOOL, isActionType, type Type } from './types.ts';

const NO_ATTRIBUTES: ReadonlyMap<string, Attribute> = new Map();

/** A schema as the checker asks it. A type is made once and is then the same object, so that equal types are mostly one. */
export class World {
  readonly schema: Schema;
  readonly environments: readonly RequestEnvironment[];
  readonly #types = new Map<SchemaType, Type>();
  readonly #entities = new Map<string, Type>();
  readonly #actionTypePairs: ReadonlySet<string>;

  constructor(schema: Schema) {
    this.schema = schema;
    this.environments = environmentsOf(schema);
    this.#actionTypePairs = new Set(
      [...schema.actions.values()].flatMap(({ uid, ancestors }) =>
        [...ancestors].map((key) => pairOf(uid.type, key.slice(0, key.indexOf('\0')))),
      ),
    );
  }

  action(uid: EntityUid): ActionDeclaration | undefined {
    return this.schema.actions.get(keyOfUid(uid));
  }

  /** Whether a policy may name the type. Any type of actions may stand after `is`, declared or not, as in the official engine. */
  isKnownType(name: string): boolean {
    return isActionType(name) || this.schema.entityTypes.has(name);
  }

  entityOf(name: string): Type {
    const made = this.#entities.get(name) ?? { kind: 'entity', types: new Set([name]) };
    this.#entities.set(name, made);
    return made;
  }

  typeOf(declared: SchemaType): Type {
    const made = this.#types.get(declared) ?? this.#make(declared);
    this.#types.set(declared, made);
    return made;
  }

  #make(declared: SchemaType): Type {
    switch (declared.kind) {
      case 'bool':
        return BOOL;
      case 'entity':
        return this.entityOf(declared.type);
      case 'set':
        return { kind: 'set', element: this.typeOf(declared.element) };
      case 'record': {
        const attributes = new Map<string, Attribute>();
        for (const [name, { type, required }] of declared.attributes)
          attributes.set(name, { type: this.typeOf(type), required });
        return { kind: 'record', attributes, open: false };
      }
      default:
        return { kind: declared.kind };
    }
  }

  /** Attributes that every entity of such a type can have. An action has none. */
  #attributesOf(name: string): ReadonlyMap<string, Attribute> {
    const declared = this.schema.entityTypes.get(name);
    const record = declared && this.typeOf(declared.attributes);
    return record?.kind === 'record' ? record.attributes : NO_ATTRIBUTES;
  }

  /** The attribute of an entity or a record: undefined where it has none, or where two of its types do not agree. */
  attribute(type: Type, name: string, budget: Budget): Attribute | undefined {
    if (type.kind === 'record') return type.attributes.get(name);
    if (type.kind !== 'entity') return undefined;
    let joined: Attribute | undefined;
    for (const entityType of type.types) {
      const found = this.#attributesOf(entityType).get(name);
      if (found === undefined) return undefined;
      const bound =
        joined === undefined ? found.type : leastUpperBound(joined.type, found.type, { strict: false, budget });
      if (bound === undefined) return undefined;
      joined = { type: bound, required: found.required && (joined?.required ?? true) };
    }
    return joined;
  }

  /** Whether some value of the type may have the attribute, though we may not know of which type. */
  mayHave(type: Type, name: string): boolean {
    if (type.kind === 'record') return type.open || type.attributes.has(name);
    return type.kind === 'entity' && [...type.types].some((entityType) => this.#attributesOf(entityType).has(name));
  }

  attributeNames(type: Type): Iterable<string> {
    if (type.kind === 'record') return type.attributes.keys();
    return type.kind === 'entity' ? [...type.types].flatMap((name) => [...this.#attributesOf(name).keys()]) : [];
  }

  /** What tags of these entity types hold; types without tags give nothing. */
  tagsOf(names: ReadonlySet<string>): readonly Type[] {
    const declared = [...names].map((name) => this.schema.entityTypes.get(name)?.tags);
    return declared.flatMap((tags) => (tags === undefined ? [] : [this.typeOf(tags)]));
  }

  /** Whether an entity of type `inner` can be in one of type `outer`: in itself, in an ancestor, as actions in their groups. */
  canBeIn(inner: string, outer: string): boolean {
    if (inner === outer) return true;
    const ancestors = this.schema.entityTypes.get(inner)?.ancestors;
    return ancestors?.has(outer) === true || this.#actionTypePairs.has(pairOf(inner, outer));
  }
}

const pairOf = (inner: string, outer: string): string => `${inner}\0${outer}`;
