import * as official from '@cedar-policy/cedar-wasm/nodejs';
import { BUILT_IN } from '../../../src/vm/schema/names.ts';
import type { RecordType, Schema, SchemaType } from '../../../src/vm/schema/schema.ts';

/** What a schema means, spelled out as plain data: two engines that read a text alike give equal data. */
export type Meaning = Readonly<Record<string, unknown>>;

const sorted = (items: Iterable<string>): readonly string[] => [...new Set(items)].sort();
const sortedFields = (fields: readonly (readonly [string, unknown])[]): Meaning =>
  Object.fromEntries([...fields].sort(([a], [b]) => (a < b ? -1 : 1)));

export function ourMeaning({ entityTypes, actions }: Schema): Meaning {
  return {
    types: sortedFields(
      [...entityTypes.values()].map(({ name, parents, attributes, tags, ids }) => [
        name,
        {
          parents: sorted(parents),
          attributes: ourType(attributes),
          tags: tags === undefined ? null : ourType(tags),
          ids: ids === undefined ? null : sorted(ids),
        },
      ]),
    ),
    actions: sortedFields(
      [...actions.values()].map(({ uid, parents, appliesTo }) => [
        `${uid.type}::${uid.id}`,
        {
          parents: sorted(parents.map(({ type, id }) => `${type}::${id}`)),
          principals: sorted(appliesTo?.principals ?? []),
          resources: sorted(appliesTo?.resources ?? []),
          context: appliesTo === undefined ? { record: {} } : ourType(appliesTo.context),
        },
      ]),
    ),
  };
}

function ourType(type: SchemaType | RecordType): unknown {
  if (type.kind === 'entity') return { entity: type.type };
  if (type.kind === 'set') return { set: ourType(type.element) };
  if (type.kind !== 'record') return type.kind;
  return {
    record: sortedFields(
      [...type.attributes].map(([name, attribute]) => [
        name,
        { type: ourType(attribute.type), required: attribute.required },
      ]),
    ),
  };
}

interface OfficialType {
  readonly type: string;
  readonly name?: string;
  readonly element?: OfficialType;
  readonly attributes?: Readonly<Record<string, OfficialType & { readonly required?: boolean }>>;
}
interface OfficialEntity {
  readonly memberOfTypes?: readonly string[];
  readonly shape?: OfficialType;
  readonly tags?: OfficialType;
  readonly enum?: readonly string[];
}
interface OfficialAction {
  readonly memberOf?: readonly { readonly type: string; readonly id: string }[];
  readonly appliesTo: {
    readonly principalTypes: readonly string[];
    readonly resourceTypes: readonly string[];
    readonly context?: OfficialType;
  };
}
interface OfficialNamespace {
  readonly commonTypes?: Readonly<Record<string, OfficialType>>;
  readonly entityTypes: Readonly<Record<string, OfficialEntity>>;
  readonly actions: Readonly<Record<string, OfficialAction>>;
}

const EMPTY: OfficialType = { type: 'Record', attributes: {} };
const full = (namespace: string, name: string): string => (namespace === '' ? name : `${namespace}::${name}`);

/** The official reading of the text: names are resolved there, common types replaced here. */
export function officialMeaning(text: string): Meaning {
  const answer = official.schemaToJsonWithResolvedTypes(text);
  if (answer.type !== 'success') throw new Error(`refused: ${answer.errors.map(({ message }) => message).join()}`);
  const namespaces = Object.entries(answer.json as unknown as Readonly<Record<string, OfficialNamespace>>);
  const common = new Map(
    namespaces.flatMap(([namespace, { commonTypes }]) =>
      Object.entries(commonTypes ?? {}).map(([name, type]) => [full(namespace, name), type] as const),
    ),
  );
  const meaningOf = (type: OfficialType): unknown => officialType(type, common);
  return {
    types: sortedFields(
      namespaces.flatMap(([namespace, { entityTypes }]) =>
        Object.entries(entityTypes).map(([name, { memberOfTypes, shape, tags, enum: ids }]) => [
          full(namespace, name),
          {
            parents: sorted(memberOfTypes ?? []),
            attributes: meaningOf(shape ?? EMPTY),
            tags: tags === undefined ? null : meaningOf(tags),
            ids: ids === undefined ? null : sorted(ids),
          },
        ]),
      ),
    ),
    actions: sortedFields(
      namespaces.flatMap(([namespace, { actions }]) =>
        Object.entries(actions).map(([id, { memberOf, appliesTo }]) => [
          `${full(namespace, 'Action')}::${id}`,
          {
            parents: sorted((memberOf ?? []).map((parent) => `${parent.type}::${parent.id}`)),
            principals: sorted(appliesTo.principalTypes),
            resources: sorted(appliesTo.resourceTypes),
            context: meaningOf(appliesTo.context ?? EMPTY),
          },
        ]),
      ),
    ),
  };
}

function officialType(type: OfficialType, common: ReadonlyMap<string, OfficialType>): unknown {
  if (type.type === 'Entity') return { entity: type.name };
  if (type.type === 'Set') return { set: officialType(type.element as OfficialType, common) };
  if (type.type === 'Record')
    return {
      record: sortedFields(
        Object.entries(type.attributes ?? {}).map(([name, attribute]) => [
          name,
          { type: officialType(attribute, common), required: attribute.required ?? true },
        ]),
      ),
    };
  const named = common.get(type.type);
  if (named !== undefined) return officialType(named, common);
  return BUILT_IN.get(type.type.replace('__cedar::', ''))?.kind;
}
