import { VM_LIMITS } from '../limits.ts';
import { type EntityUid, entity } from '../values/value.ts';
import { environmentCount } from './environments.ts';
import { orderByNeed, reachableFrom } from './graph.ts';
import { candidatesFor, DeclaredNames, fullName } from './names.ts';
import type { Problems } from './problems.ts';
import { TypeResolver } from './resolve-types.ts';
import { type ActionDeclaration, type EntityType, keyOfUid, type Schema } from './schema.ts';
import type { WrittenAction, WrittenActionName, WrittenEntity, WrittenName, WrittenNamespace } from './written.ts';

/** From names as written to what they mean: the whole schema, unless `problems` says otherwise. */
export function resolveSchema(namespaces: readonly WrittenNamespace[], problems: Problems): Schema {
  return new SchemaResolver(namespaces, problems).schema();
}

type DeclaredEntity = Omit<EntityType, 'ancestors'>;
type DeclaredAction = Omit<ActionDeclaration, 'ancestors'>;

class SchemaResolver {
  readonly #namespaces: readonly WrittenNamespace[];
  readonly #problems: Problems;
  readonly #names: DeclaredNames;
  readonly #types: TypeResolver;
  /** By `keyOfUid`, with where each is declared. */
  readonly #actions = new Map<string, WrittenName>();
  #nodes = 0;

  constructor(namespaces: readonly WrittenNamespace[], problems: Problems) {
    this.#namespaces = namespaces;
    this.#problems = problems;
    this.#names = new DeclaredNames(namespaces);
    this.#types = new TypeResolver(this.#names, problems);
    for (const { name: namespace, actions } of namespaces)
      for (const name of actions.flatMap(({ names }) => names))
        this.#actions.set(keyOfUid(actionUid(namespace, name.name)), name);
  }

  schema(): Schema {
    const entities: DeclaredEntity[] = [];
    const actions: DeclaredAction[] = [];
    for (const namespace of this.#namespaces) {
      for (const written of namespace.entities) entities.push(...this.#entities(written, namespace.name));
      for (const written of namespace.actions) actions.push(...this.#actionsOf(written, namespace.name));
    }
    const schema = { entityTypes: withAncestors(entities), actions: this.#withAncestors(actions) };
    if (this.#nodes > VM_LIMITS.schemaTypeNodesMax || environmentCount(schema) > VM_LIMITS.schemaEnvironmentsMax)
      this.#problems.add('vm-schema.too-complex', 0);
    return schema;
  }

  #entities(written: WrittenEntity, namespace: string): readonly DeclaredEntity[] {
    const parents = this.#entityTypes(written.parents, namespace);
    const attributes = this.#types.record(written.attributes, namespace);
    const tags = written.tags === undefined ? undefined : this.#types.resolve(written.tags, namespace);
    this.#nodes += (attributes.nodes + (tags?.nodes ?? 0)) * written.names.length;
    return written.names.map(({ name }) => ({
      name: fullName(namespace, name),
      parents,
      attributes: attributes.type,
      tags: tags?.type,
      ids: written.ids === undefined ? undefined : new Set(written.ids),
    }));
  }

  #actionsOf(written: WrittenAction, namespace: string): readonly DeclaredAction[] {
    const parents = new Map<string, EntityUid>();
    for (const name of written.parents) {
      const uid = this.#actionOf(name, namespace);
      if (uid !== undefined) parents.set(keyOfUid(uid), uid);
    }
    const appliesTo = this.#appliesTo(written, namespace);
    return written.names.map(({ name }) => ({
      uid: actionUid(namespace, name),
      parents: [...parents.values()],
      appliesTo,
    }));
  }

  #appliesTo({ appliesTo, names }: WrittenAction, namespace: string): ActionDeclaration['appliesTo'] {
    if (appliesTo === undefined) return undefined;
    const context = this.#types.context(appliesTo.context, namespace);
    this.#nodes += context.nodes * names.length;
    return {
      principals: this.#entityTypes(appliesTo.principals, namespace),
      resources: this.#entityTypes(appliesTo.resources, namespace),
      context: context.type,
    };
  }

  #entityTypes(names: readonly WrittenName[], namespace: string): ReadonlySet<string> {
    const types = new Set<string>();
    for (const { name, at } of names) {
      const type = this.#names.entityTypeOf(name, namespace);
      if (type !== undefined) types.add(type);
      else this.#problems.addUnknownType(at, name, () => this.#names.suggestionFor(name, namespace, 'entity'));
    }
    return types;
  }

  /** An action of the same namespace before one outside any, unless its type says where it is. */
  #actionOf({ type = 'Action', name, at }: WrittenActionName, namespace: string): EntityUid | undefined {
    const uids = candidatesFor(type, namespace).map((candidate) => entity(candidate, name));
    const uid = uids.find((candidate) => this.#actions.has(keyOfUid(candidate)));
    if (uid === undefined) this.#problems.add('vm-schema.unknown-action', at, { name });
    return uid;
  }

  #withAncestors(declared: readonly DeclaredAction[]): ReadonlyMap<string, ActionDeclaration> {
    const parents = new Map(declared.map((action) => [keyOfUid(action.uid), new Set(action.parents.map(keyOfUid))]));
    const { onCycle } = orderByNeed(parents);
    const culprit = onCycle === undefined ? undefined : this.#actions.get(onCycle);
    if (culprit !== undefined) this.#problems.add('vm-schema.action-cycle', culprit.at, { name: culprit.name });
    return new Map(
      declared.map((action) => {
        const key = keyOfUid(action.uid);
        return [key, { ...action, ancestors: reachableFrom(key, parents) }];
      }),
    );
  }
}

/** Types may contain one another in a circle: a folder lies in folders. */
function withAncestors(declared: readonly DeclaredEntity[]): ReadonlyMap<string, EntityType> {
  const parents = new Map(declared.map((type) => [type.name, type.parents]));
  return new Map(declared.map((type) => [type.name, { ...type, ancestors: reachableFrom(type.name, parents) }]));
}

const actionUid = (namespace: string, id: string): EntityUid => entity(fullName(namespace, 'Action'), id);
