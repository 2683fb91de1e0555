import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { height, round } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { type Canonical, encode } from '../../src/base/canonical.ts';
import type { Result } from '../../src/base/result.ts';
import { decodeCertificate, encodeCertificate } from '../../src/consensus/certificate.ts';
import { decodeEvidence, encodeEvidence, evidenceOf } from '../../src/consensus/evidence.ts';
import { decodeMessage, encodeMessage, type QbftMessage } from '../../src/consensus/qbft/messages.ts';
import { decodeSigningState, encodeSigningState } from '../../src/consensus/signing-state.ts';
import { type Member, members, sha256, signed } from './fakes.ts';

const [a, b, c] = members(4) as [Member, Member, Member];
const block = utf8('block');
const hash = sha256(block);
const prepares = [a, b, c].map((member) => signed(member, 'prepare', { hash }));
const prepared = { round: 0, hash };
const roundChanges = [a, b, c].map((member) => signed(member, 'round-change', { at: 1, prepared }));

const messages: QbftMessage[] = [
  { type: 'proposal', vote: signed(a, 'proposal', { hash }), block, roundChanges: [], prepares: [] },
  { type: 'proposal', vote: signed(a, 'proposal', { at: 1, hash }), block, roundChanges, prepares },
  { type: 'prepare', vote: signed(a, 'prepare', { hash }) },
  { type: 'commit', vote: signed(a, 'commit', { at: 2 ** 31, hash }) },
  { type: 'round-change', vote: signed(a, 'round-change', { at: 1 }), block: null, prepares: [] },
  { type: 'round-change', vote: signed(a, 'round-change', { at: 1, prepared }), block, prepares },
];
const signatures = prepares.map(({ validator, signature }) => ({ validator, signature }));
const finality = { height: height(1), round: round(0), blockHash: hash };
const ballot = (type: string, at = 0) => {
  const { blockHash, preparedRound, preparedHash } = signed(a, type, { at, hash });
  return { round: round(at), type, blockHash, preparedRound, preparedHash };
};

interface Codec {
  readonly decode: (bytes: Uint8Array) => Result<unknown>;
  readonly encode: (value: never) => Uint8Array;
  readonly valid: readonly Uint8Array[];
}
const CODECS: { readonly [name: string]: Codec } = {
  'a message': { decode: decodeMessage, encode: encodeMessage, valid: messages.map(encodeMessage) },
  'a certificate': {
    decode: decodeCertificate,
    encode: encodeCertificate,
    valid: [
      encodeCertificate({ engine: 'qbft', ...finality, signatures, path: [] }),
      encodeCertificate({ engine: 'simplex', ...finality, signatures, path: [utf8('one'), utf8('two')] }),
      encodeCertificate({ engine: 'clique', ...finality, signatures: signatures.slice(0, 1), path: [] }),
    ],
  },
  evidence: {
    decode: decodeEvidence,
    encode: encodeEvidence,
    valid: (['qbft', 'simplex', 'clique'] as const).map((engine) =>
      encodeEvidence(evidenceOf(engine, signed(a, 'commit', { hash }), signed(a, 'commit', { hash: sha256(hash) }))),
    ),
  },
  'a signing state': {
    decode: decodeSigningState,
    encode: encodeSigningState,
    valid: [
      encodeSigningState({ height: height(7), round: round(0), votes: [ballot('prepare')], prepared: null }),
      encodeSigningState({
        height: height(7),
        round: round(2),
        votes: [ballot('prepare'), ballot('commit', 2)],
        prepared: { round: round(2), blockHash: hash, block, prepares },
      }),
    ],
  },
};

/** Never throws; what it accepts has one encoding, and these bytes are it. */
function expectOneForm({ decode, encode }: Codec, bytes: Uint8Array): boolean {
  const read = decode(bytes);
  if (read.ok) expect(encode(read.value as never)).toEqual(bytes);
  return read.ok;
}

/** One edit, as a fault or an adversary makes it: a byte set, bytes cut out, put in, or doubled. */
interface Edit {
  readonly kind: 'set' | 'cut' | 'insert' | 'repeat';
  readonly at: number;
  readonly length: number;
  readonly value: number;
}
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom<Edit['kind']>('set', 'cut', 'insert', 'repeat'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 40 }),
  value: fc.nat(255),
});
function edited(bytes: Uint8Array, { kind, at, length, value }: Edit) {
  const start = at % bytes.length;
  const before = bytes.subarray(0, start);
  if (kind === 'set') return Uint8Array.of(...before, value, ...bytes.subarray(start + 1));
  if (kind === 'cut') return Uint8Array.of(...before, ...bytes.subarray(start + length));
  if (kind === 'insert') return Uint8Array.of(...before, value, ...bytes.subarray(start));
  return Uint8Array.of(...before, ...bytes.subarray(start, start + length), ...bytes.subarray(start));
}

describe.each(Object.entries(CODECS))('the decoder of %s', (_name, codec) => {
  it('reads what was encoded', () => {
    for (const bytes of codec.valid) expect(expectOneForm(codec, bytes)).toBe(true);
  });

  it('answers random bytes with a value', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void expectOneForm(codec, bytes)),
      { numRuns: 300 },
    );
  });

  it('answers edited bytes with a value, and accepts no second encoding of one', () => {
    const some = fc.constantFrom(...codec.valid);
    fc.assert(
      fc.property(some, fc.array(edit, { minLength: 1, maxLength: 3 }), (bytes, edits) => {
        const changed = edits.reduce((now, each) => (now.length === 0 ? now : edited(now, each)), bytes);
        expectOneForm(codec, changed);
      }),
      { numRuns: 500 },
    );
  });

  it('answers any canonical value, however odd, with a value', () => {
    const key = fc.constantFrom('type', 'vote', 'block', 'prepares', 'votes', 'height', 'round', '__proto__', 'first');
    const { value } = fc.letrec<{ value: Canonical }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Canonical>(null, true, 'proposal', 'round-change', 7, -1, new Uint8Array(32)),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(value, (each) => void expectOneForm(codec, encode(each))),
      { numRuns: 200 },
    );
  });
});
