import type { Random } from '../../../src/simulator/random.ts';
import type { SchemaType } from '../../../src/vm/schema/schema.ts';

/** A drawn value, as it will be written: extension values keep their text. */
export type Datum =
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'long'; readonly value: bigint }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'entity'; readonly type: string; readonly id: string }
  | { readonly kind: 'set'; readonly items: readonly Datum[] }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [string, Datum])[] }
  | { readonly kind: 'extension'; readonly fn: string; readonly text: string };

export interface Uid {
  readonly type: string;
  readonly id: string;
}

/** Where drawn references to entities of a type point. */
export type PickId = (type: string) => string;

const LONGS = [
  0n,
  1n,
  -1n,
  2n,
  7n,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const STRINGS = [
  '',
  'a',
  'b',
  'aa',
  'ab',
  'Ab',
  '*',
  'a*b',
  '"',
  "'",
  '\\',
  '\n',
  '\0',
  'é',
  'e\u0301',
  '🙂',
  '\u202e',
  ' ',
];
const EXTENSION_TEXTS: Readonly<Record<string, readonly string[]>> = {
  decimal: ['0.0', '1.0', '1.0000', '-1.5', '0.0001', '-0.0', '00.1', '922337203685477.5807', '-922337203685477.5808'],
  ip: [
    '10.0.0.1',
    '10.0.0.0/8',
    '10.1.0.0/16',
    '127.0.0.1',
    '0.0.0.0/0',
    '224.0.0.1',
    '::1',
    '::',
    'ff00::1',
    '1:2::/32',
    '::/0',
  ],
  datetime: [
    '1970-01-01',
    '2024-02-29',
    '2024-10-15T11:38:02Z',
    '2024-10-15T11:38:02.101+1134',
    '0000-01-01',
    '9999-12-31',
    '1969-12-31T23:59:59.999Z',
  ],
  duration: [
    '0ms',
    '1d',
    '-1d',
    '1d2h3m4s5ms',
    '24h',
    '86400000ms',
    '9223372036854775807ms',
    '-9223372036854775808ms',
    '1ms',
  ],
};
/** Texts that no constructor takes. */
const BAD_EXTENSION_TEXTS = [
  '',
  '1',
  '1.00000',
  '10.0.0.256',
  '10.0.0.0/33',
  '2023-02-29',
  '2024-10-15T24:00:00Z',
  '1h1d',
  'x',
  '９',
];

/** The extension function that makes a value of this kind. */
export const constructorOf = (kind: string): string => (kind === 'ipaddr' ? 'ip' : kind);

export const drawText = (random: Random): string =>
  random.chance(0.9)
    ? random.pick(STRINGS)
    : Array.from({ length: random.integer(1, 6) }, () => String.fromCodePoint(random.integer(0x20, 0xd7ff))).join('');

export const drawLong = (random: Random): bigint =>
  random.chance(0.5) ? BigInt(random.integer(-3, 12)) : random.pick(LONGS);

export const drawExtensionText = (random: Random, fn: string, bad = 0.03): string =>
  random.pick(random.chance(bad) ? BAD_EXTENSION_TEXTS : (EXTENSION_TEXTS[fn] as readonly string[]));

/** A value of the type; optional attributes are there more often than not. */
export function drawDatum(random: Random, type: SchemaType, pickId: PickId): Datum {
  switch (type.kind) {
    case 'bool':
      return { kind: 'bool', value: random.chance(0.5) };
    case 'long':
      return { kind: 'long', value: drawLong(random) };
    case 'string':
      return { kind: 'string', value: drawText(random) };
    case 'entity':
      return { kind: 'entity', type: type.type, id: pickId(type.type) };
    case 'set': {
      const items = Array.from({ length: random.integer(0, 4) }, () => drawDatum(random, type.element, pickId));
      return { kind: 'set', items };
    }
    case 'record': {
      const present = [...type.attributes].filter(([, { required }]) => required || random.chance(0.6));
      const fields = present.map(([name, attribute]) => [name, drawDatum(random, attribute.type, pickId)] as const);
      return { kind: 'record', fields };
    }
    default: {
      const fn = constructorOf(type.kind);
      return { kind: 'extension', fn, text: drawExtensionText(random, fn, 0) };
    }
  }
}
