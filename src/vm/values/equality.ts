import { kindOf } from './kinds.ts';
import type { ExtensionValue, SetValue, Value } from './value.ts';

/**
 * Above this many items a set is searched by key, not item by item. So is one that holds sets or records: pairs of pairs of pairs
 * would be compared more often than the whole has parts. It changes the time taken and nothing else.
 */
const SCANNED_ITEMS_MAX = 8;

const isFlat = (value: Value): boolean =>
  typeof value !== 'object' || (value.kind !== 'set' && value.kind !== 'record');

/** A set of these values without repeats, in order of first appearance. */
export function setOf(values: readonly Value[]): SetValue {
  // One value repeats nothing. A key for it would be built anew at each level of sets within sets.
  if (values.length < 2) return { kind: 'set', items: [...values] };
  const items: Value[] = [];
  if (values.length <= SCANNED_ITEMS_MAX && values.every(isFlat)) {
    for (const value of values) if (!includes(items, value)) items.push(value);
    return { kind: 'set', items };
  }
  const keys = new Set<string>();
  for (const value of values) {
    const key = keyOf(value);
    if (keys.has(key)) continue;
    keys.add(key);
    items.push(value);
  }
  return { kind: 'set', items };
}

/** Cedar's `==`: values of different types are unequal, and nothing fails. */
export function equalValues(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  switch (a.kind) {
    case 'entity':
      return b.kind === 'entity' && a.id === b.id && a.type === b.type;
    case 'set':
      return b.kind === 'set' && a.items.length === b.items.length && containsAll(a, b);
    case 'record': {
      if (b.kind !== 'record' || a.fields.size !== b.fields.size) return false;
      for (const [name, value] of a.fields) {
        const other = b.fields.get(name);
        if (other === undefined || !equalValues(value, other)) return false;
      }
      return true;
    }
    case 'ip':
      return b.kind === 'ip' && a.version === b.version && a.address === b.address && a.prefix === b.prefix;
    default:
      return b.kind === a.kind && a.units === (b as Extract<ExtensionValue, { units: bigint }>).units;
  }
}

export function contains(set: SetValue, value: Value): boolean {
  if (isFlat(value)) return includes(set.items, value);
  const key = keyOf(value);
  return set.items.some((item) => !isFlat(item) && keyOf(item) === key);
}

/** Is every item of `some` in `set`? */
export function containsAll(set: SetValue, some: SetValue): boolean {
  const has = membershipOf(set, some);
  return some.items.every(has);
}

export function containsAny(set: SetValue, some: SetValue): boolean {
  const has = membershipOf(set, some);
  return some.items.some(has);
}

/** A test for membership that stays linear in both sets. */
function membershipOf(set: SetValue, asked: SetValue): (value: Value) => boolean {
  const fewest = set.items.length < asked.items.length ? set.items : asked.items;
  if (fewest.length <= SCANNED_ITEMS_MAX && fewest.every(isFlat)) return (value) => includes(set.items, value);
  const keys = new Set(set.items.map(keyOf));
  return (value) => keys.has(keyOf(value));
}

function includes(items: readonly Value[], value: Value): boolean {
  for (const item of items) if (equalValues(item, value)) return true;
  return false;
}

/** A text that two values share exactly when they are equal: every part says its length before it comes. */
function keyOf(value: Value): string {
  if (typeof value === 'string') return `s${sized(value)}`;
  if (typeof value !== 'object') return `${typeof value}${value}`;
  switch (value.kind) {
    case 'entity':
      return `e${sized(value.type)}${sized(value.id)}`;
    case 'set':
      return `[${value.items
        .map((item) => sized(keyOf(item)))
        .sort()
        .join('')}`;
    case 'record':
      return `{${[...value.fields]
        .map(([name, field]) => sized(name) + sized(keyOf(field)))
        .sort()
        .join('')}`;
    case 'ip':
      return `ip${value.version} ${value.address}/${value.prefix}`;
    default:
      return `${kindOf(value)} ${value.units}`;
  }
}

const sized = (part: string): string => `${part.length}:${part}`;
