import { fullName } from './names.ts';
import type { Problems } from './problems.ts';
import type { WrittenName, WrittenNamespace } from './written.ts';

const INTERNAL = '__cedar';
/** Words of the JSON form of schemas: no common type is called so. */
const NOT_FOR_COMMON_TYPES = new Set([
  INTERNAL,
  'Bool',
  'Boolean',
  'Entity',
  'Extension',
  'Long',
  'Record',
  'Set',
  'String',
]);
/** Every namespace with actions has this entity type already. */
const NOT_FOR_ENTITY_TYPES = new Set([INTERNAL, 'Action']);

/** Each name is declared once, none is reserved, and none of a namespace hides one outside any (RFC 70). */
export function checkDeclarations(namespaces: readonly WrittenNamespace[], problems: Problems): void {
  checkNamespaces(namespaces, problems);
  for (const { entities, actions, types } of namespaces) {
    const entityNames = entities.flatMap(({ names }) => names);
    refuseReserved(entityNames, NOT_FOR_ENTITY_TYPES, problems);
    refuseReserved(types, NOT_FOR_COMMON_TYPES, problems);
    refuseRepeated(entityNames, problems);
    refuseRepeated(types, problems);
    refuseRepeated(
      actions.flatMap(({ names }) => names),
      problems,
    );
  }
  checkShadowing(namespaces, ({ entities, types }) => [...entities.flatMap(({ names }) => names), ...types], problems);
  checkShadowing(namespaces, ({ actions }) => actions.flatMap(({ names }) => names), problems);
}

function checkNamespaces(namespaces: readonly WrittenNamespace[], problems: Problems): void {
  for (const { name, at } of namespaces)
    if (name.split('::').includes(INTERNAL)) problems.add('vm-schema.reserved-name', at, { name });
  refuseRepeated(namespaces, problems);
}

function refuseReserved(names: readonly WrittenName[], reserved: ReadonlySet<string>, problems: Problems): void {
  for (const { name, at } of names) if (reserved.has(name)) problems.add('vm-schema.reserved-name', at, { name });
}

function refuseRepeated(names: readonly WrittenName[], problems: Problems): void {
  const seen = new Set<string>();
  for (const { name, at } of names) {
    if (seen.has(name)) problems.add('vm-schema.duplicate-declaration', at, { name });
    seen.add(name);
  }
}

function checkShadowing(
  namespaces: readonly WrittenNamespace[],
  namesOf: (namespace: WrittenNamespace) => readonly WrittenName[],
  problems: Problems,
): void {
  const outside = new Set(
    namespaces.filter(({ name }) => name === '').flatMap((n) => namesOf(n).map(({ name }) => name)),
  );
  for (const namespace of namespaces.filter(({ name }) => name !== ''))
    for (const { name, at } of namesOf(namespace))
      if (outside.has(name)) problems.add('vm-schema.shadows', at, { name: fullName(namespace.name, name) });
}
