import type { Random } from '../../../src/simulator/random.ts';
import type { Datum, Uid } from './datum.ts';

/** Cedar's reserved words and what is no identifier: as an attribute it needs quotes. */
const PLAIN_NAME = /^(?!(?:true|false|if|then|else|in|is|like|has|__cedar)$)[_a-zA-Z][_a-zA-Z0-9]*$/;
export const isPlainName = (name: string): boolean => PLAIN_NAME.test(name);

/** A string literal; the escapes are chosen at random where there is a choice. */
export function literalText(random: Random, text: string): string {
  return `"${[...text].map((character) => escaped(random, character)).join('')}"`;
}

const SIMPLE = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\0', '\\0'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

export function escaped(random: Random, character: string): string {
  const simple = SIMPLE.get(character);
  if (simple !== undefined) return simple;
  const code = character.codePointAt(0) as number;
  if (code < 0x20 || random.chance(0.05)) return `\\u{${code.toString(16)}}`;
  return character;
}

export const uidText = (random: Random, { type, id }: Uid): string => `${type}::${literalText(random, id)}`;

/** A datum as an expression that binds tightest but for negative numbers and calls. */
export function datumText(random: Random, datum: Datum): string {
  switch (datum.kind) {
    case 'bool':
    case 'long':
      return String(datum.value);
    case 'string':
      return literalText(random, datum.value);
    case 'entity':
      return uidText(random, datum);
    case 'extension':
      return `${datum.fn}(${literalText(random, datum.text)})`;
    case 'set':
      return `[${datum.items.map((item) => datumText(random, item)).join(', ')}]`;
    case 'record':
      return `{${datum.fields.map(([name, value]) => `${attributeKey(random, name)}: ${datumText(random, value)}`).join(', ')}}`;
  }
}

export const attributeKey = (random: Random, name: string): string =>
  isPlainName(name) && random.chance(0.8) ? name : literalText(random, name);
