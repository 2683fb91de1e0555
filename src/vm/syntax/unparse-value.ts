import { extensionText, isWritableDatetime } from '../values/extensions/print.ts';
import type { EntityUid, ExtensionValue, Value } from '../values/value.ts';
import { quote } from './escape.ts';
import { isIdentifier } from './token-reader.ts';

export type Tokens = readonly string[];

/** `Name::Space::Type`. */
export const unparseName = (name: string): Tokens =>
  name.split('::').flatMap((part, i) => (i === 0 ? [part] : ['::', part]));

/** `Type::"id"`. */
export const unparseUid = ({ type, id }: EntityUid): Tokens => [...unparseName(type), '::', quote(id)];

/** The tokens of a value: of a set, a record or an extension value, of the expression that makes it. */
export function unparseValue(value: Value): Tokens {
  switch (typeof value) {
    case 'string':
      return [quote(value)];
    case 'bigint':
      return value < 0n ? ['-', String(-value)] : [String(value)];
    case 'boolean':
      return [String(value)];
  }
  switch (value.kind) {
    case 'entity':
      return unparseUid(value);
    case 'set':
      return ['[', ...separated(value.items.map(unparseValue)), ']'];
    case 'record':
      return [
        '{',
        ...separated([...value.fields].map(([name, field]) => [key(name), ':', ...unparseValue(field)])),
        '}',
      ];
    default:
      return unparseExtension(value);
  }
}

const key = (name: string): string => (isIdentifier(name) ? name : quote(name));

/** Puts commas between. */
export const separated = (items: readonly Tokens[]): Tokens =>
  items.flatMap((item, i) => (i === 0 ? item : [',', ...item]));

function unparseExtension(value: ExtensionValue): Tokens {
  if (value.kind !== 'datetime' || isWritableDatetime(value.units))
    return [value.kind, '(', quote(extensionText(value)), ')'];
  const since = quote(extensionText({ kind: 'duration', units: value.units }));
  return ['datetime', '(', '"1970-01-01"', ')', '.', 'offset', '(', 'duration', '(', since, ')', ')'];
}
