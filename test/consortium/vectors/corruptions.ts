import type { Suite } from './fresh-suite.ts';

type Corrupted = readonly [name: string, suite: object];
const LISTS = ['kfrags_msgpack', 'cfrags_simple', 'cfrags_msgpack'] as const;

/** `text` with one hexadecimal digit changed to another. */
const changed = (text: string, at: number): string =>
  text.slice(0, at) +
  ((Number.parseInt(text[at] as string, 16) ^ (1 << (at % 4))) & 15).toString(16) +
  text.slice(at + 1);

/** Every `stride`-th digit of every field and list item, changed; at least the first and the last of each. */
export function everyDigit(suite: Suite, stride: number): readonly { place: string; corrupted: object }[] {
  return Object.entries(suite).flatMap(([name, value]) => {
    if (typeof value === 'string')
      return digits(value, stride).map((at) => ({
        place: `${name} ${at}`,
        corrupted: { ...suite, [name]: changed(value, at) },
      }));
    if (!Array.isArray(value)) return [];
    return value.flatMap((item: string, i) =>
      digits(item, stride).map((at) => ({
        place: `${name}[${i}] ${at}`,
        corrupted: { ...suite, [name]: value.with(i, changed(item, at)) },
      })),
    );
  });
}

const digits = (text: string, stride: number): readonly number[] => [
  ...new Set([0, ...Array.from({ length: Math.floor(text.length / stride) }, (_, i) => i * stride), text.length - 1]),
];

/** What a careless or a cunning hand does to a file, with values that are each well formed. */
export function corruptions(suite: Suite, other: Suite): readonly Corrupted[] {
  return [
    ['decrypted_ok is false', { ...suite, decrypted_ok: false }],
    ['a threshold of one less', { ...suite, threshold: suite.threshold - 1 }],
    ['a threshold of one more', { ...suite, threshold: suite.threshold + 1 }],
    ['a threshold above the shares', { ...suite, threshold: suite.shares + 1 }],
    ['more shares than there are', { ...suite, shares: suite.shares + 1 }],
    ['fewer shares than there are', { ...suite, shares: suite.shares - 1 }],
    [
      'no shares at all',
      { ...suite, shares: 0, threshold: 0, kfrags_msgpack: [], cfrags_simple: [], cfrags_msgpack: [] },
    ],
    ['upper-case digits', { ...suite, plaintext: suite.plaintext.toUpperCase() }],
    ['an odd number of digits', { ...suite, plaintext: `${suite.plaintext}0` }],
    ['an empty plaintext', { ...suite, plaintext: '' }],
    ['a ciphertext cut short', { ...suite, ciphertext: suite.ciphertext.slice(0, 40) }],
    ...ofAnother(suite, other),
    ...LISTS.flatMap((name) => ofList(suite, other, name)),
    ...together(suite),
  ];
}

/** Fields of another good suite, one by one and in pairs that agree with each other. */
function ofAnother(suite: Suite, other: Suite): readonly Corrupted[] {
  const names = Object.keys(suite).filter(
    (name) => !['threshold', 'shares', 'plaintext', 'decrypted_ok'].includes(name),
  ) as (keyof Suite)[];
  const taken = (...fields: readonly (keyof Suite)[]) => ({
    ...suite,
    ...Object.fromEntries(fields.map((name) => [name, other[name]])),
  });
  return [
    ...names.map((name): Corrupted => [`${name} of another suite`, taken(name)]),
    ['a delegating pair of another suite', taken('delegating_sk', 'delegating_pk')],
    ['a signing pair of another suite', taken('signing_sk', 'verifying_pk')],
    ['a receiving pair of another suite', taken('receiving_sk', 'receiving_pk')],
    ['a capsule of another suite', taken('capsule_simple', 'capsule_msgpack')],
    ['a capsule with its ciphertext', taken('capsule_simple', 'capsule_msgpack', 'ciphertext')],
    [
      'a capsule with all that opens it',
      taken('capsule_simple', 'capsule_msgpack', 'ciphertext', 'plaintext', 'shared_point_compressed'),
    ],
    ['cfrags of another suite', taken('cfrags_simple', 'cfrags_msgpack')],
    ['fragments and cfrags of another suite', taken('kfrags_msgpack', 'cfrags_simple', 'cfrags_msgpack')],
  ];
}

function ofList(suite: Suite, other: Suite, name: (typeof LISTS)[number]): readonly Corrupted[] {
  const list = suite[name];
  const [first, second, third] = list as [string, string, string];
  return [
    [`${name} in another order`, { ...suite, [name]: [second, first, third] }],
    [`${name} with one twice`, { ...suite, [name]: [first, first, third] }],
    [`${name} with one too few`, { ...suite, [name]: list.slice(1) }],
    [`${name} with one too many`, { ...suite, [name]: [...list, first] }],
    [`${name} with one of another suite`, { ...suite, [name]: list.with(1, other[name][1] as string) }],
    [`${name} with one cut short`, { ...suite, [name]: list.with(2, third.slice(0, -2)) }],
    [`${name} with a byte behind`, { ...suite, [name]: list.with(2, `${third}00`) }],
  ];
}

/** The same change in every list: nothing disagrees with its neighbour, and still the suite is wrong. */
function together(suite: Suite): readonly Corrupted[] {
  const inAll = (change: (list: readonly string[]) => readonly string[]) => ({
    ...suite,
    ...Object.fromEntries(LISTS.map((name) => [name, change(suite[name])])),
  });
  const exchanged = suite.kfrags_msgpack.map((packed) => {
    // Behind the proof's commitment: two signatures of 64 bytes, each behind c440, then c3c3.
    const [head, one, two] = [packed.slice(0, 352), packed.slice(352, 484), packed.slice(484, 616)];
    return `${head}${two}${one}c3c3`;
  });
  return [
    ['the first share twice in every list', inAll(([first, , third]) => [first, first, third] as string[])],
    ['every list one shorter', inAll((list) => list.slice(1))],
    ["the fragments' two signatures exchanged", { ...suite, kfrags_msgpack: exchanged }],
  ];
}
