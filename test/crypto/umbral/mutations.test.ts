import { describe, expect, it } from 'vitest';
import type { PublicKey, SecretKey } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import type { Primitives } from '../../../src/base/primitives.ts';
import type { Result } from '../../../src/base/result.ts';
import { noblePrimitives } from '../../../src/crypto/noble.ts';
import { decapsulateOriginal, verifyCapsule } from '../../../src/crypto/umbral/capsule.ts';
import { decapsulateReencrypted } from '../../../src/crypto/umbral/combination.ts';
import {
  capsuleMsgpack,
  capsuleSimple,
  cfragMsgpack,
  cfragSimple,
  type Encoding,
  kfragMsgpack,
} from '../../../src/crypto/umbral/encoding.ts';
import { fragmentDigest } from '../../../src/crypto/umbral/fragment-signature.ts';
import { verifyFragment } from '../../../src/crypto/umbral/fragments.ts';
import { U } from '../../../src/crypto/umbral/parameters.ts';
import { reencrypt, verifyCfrag } from '../../../src/crypto/umbral/reencryption.ts';
import type { Capsule, Cfrag, Kfrag, Verified } from '../../../src/crypto/umbral/types.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { negateS } from '../support/points.ts';
import { hex } from '../support/vectors.ts';
import {
  codeOf,
  entropyOf,
  flipped,
  makeCapsule,
  makeCfrags,
  makeGrant,
  must,
  ORDER_HEX,
  secretOf,
} from './support.ts';

const native = nativePrimitives();
const grant = makeGrant(native, 'mutations', { threshold: 2, shares: 2 });
const { capsule } = makeCapsule(native, grant.keys.delegatingPk, 'mutations');
const [kfrag] = grant.kfrags as [Verified<Kfrag>];
const [cfrag] = makeCfrags(native, grant, capsule) as [Verified<Cfrag>];

/** Read and verified, by either primitives. */
function accepts<T>(
  primitives: Primitives,
  encoding: Encoding<T>,
  verify: (primitives: Primitives, value: T) => Result<unknown>,
  bytes: Uint8Array,
): boolean {
  const value = encoding.decode(primitives, bytes);
  return value.ok && verify(primitives, value.value).ok;
}
const verifyOfCapsule = (primitives: Primitives, value: Capsule) => verifyCapsule(primitives, value);
const verifyOfKfrag = (primitives: Primitives, value: Kfrag) => verifyFragment(primitives, value, grant.keys);
const verifyOfCfrag = (primitives: Primitives, value: Cfrag) => verifyCfrag(primitives, capsule, value, grant.keys);

const FORMATS = [
  ['capsule, simple', 98, (p, b) => accepts(p, capsuleSimple, verifyOfCapsule, b), capsuleSimple.encode(capsule)],
  [
    'capsule, MessagePack',
    105,
    (p, b) => accepts(p, capsuleMsgpack, verifyOfCapsule, b),
    capsuleMsgpack.encode(capsule),
  ],
  ['fragment, MessagePack', 310, (p, b) => accepts(p, kfragMsgpack, verifyOfKfrag, b), kfragMsgpack.encode(kfrag)],
  ['share, simple', 359, (p, b) => accepts(p, cfragSimple, verifyOfCfrag, b), cfragSimple.encode(cfrag)],
  ['share, MessagePack', 381, (p, b) => accepts(p, cfragMsgpack, verifyOfCfrag, b), cfragMsgpack.encode(cfrag)],
] as const satisfies readonly (readonly [
  string,
  number,
  (primitives: Primitives, bytes: Uint8Array) => boolean,
  Uint8Array,
])[];

describe.each(FORMATS)('%s', (_, length, isAccepted, good) => {
  it(`has ${length} bytes, and is refused with any one of them changed`, () => {
    expect(good).toHaveLength(length);
    expect(isAccepted(native, good)).toBe(true);
    const accepted = [...good.keys()].filter((at) => isAccepted(native, flipped(good, at)));
    expect(accepted).toEqual([]);
  });

  it('is refused with a byte more or less, with @noble as with libsecp256k1, and never with an exception', () => {
    for (const primitives of [native, noblePrimitives])
      for (const bytes of [good.slice(1), good.slice(0, -1), Uint8Array.of(...good, 0), new Uint8Array(0)])
        expect(isAccepted(primitives, bytes)).toBe(false);
    for (const at of [1, Math.floor(length / 2), length - 2])
      expect(isAccepted(noblePrimitives, flipped(good, at))).toBe(false);
  });
});

const NO_POINTS = {
  'the point at infinity as zeros': new Uint8Array(33),
  'an uncompressed prefix': hex(`04${'11'.repeat(32)}`),
  'x not on the curve': hex(`02${'5'.padStart(64, '0')}`),
  'x of the field prime': hex('02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f'),
  'x above the field prime': hex(`03${'ff'.repeat(32)}`),
};
const NO_SCALARS = {
  zero: new Uint8Array(32),
  'the order': hex(ORDER_HEX),
  'above the order': hex('ff'.repeat(32)),
};

describe.each([native, noblePrimitives])('hostile fields, with $name', (primitives) => {
  const refusals = <T extends object>(
    value: T,
    fields: readonly (keyof T)[],
    bad: Readonly<Record<string, Uint8Array>>,
    [encoding, verify]: readonly [Encoding<T>, (primitives: Primitives, value: T) => Result<unknown>],
  ): readonly string[] =>
    fields.flatMap((field) =>
      Object.values(bad).flatMap((bytes, i) => {
        const changed = { ...value, [field]: bytes };
        // Whoever skips decoding is still refused; with the slow primitives one of the table must do.
        if (i === 0 || primitives === native) expect(verify(primitives, changed).ok).toBe(false);
        return [codeOf(encoding.decode(primitives, encoding.encode(changed)))];
      }),
    );
  const all = (code: string, count: number) => Array.from({ length: count }, () => code);

  it('are refused where a point should be: infinity, non-canonical, off the curve', () => {
    const found = [
      ...refusals<Capsule>(capsule, ['e', 'v'], NO_POINTS, [capsuleSimple, verifyOfCapsule]),
      ...refusals<Kfrag>(kfrag, ['precursor', 'commitment'], NO_POINTS, [kfragMsgpack, verifyOfKfrag]),
      ...refusals<Cfrag>(cfrag, ['e1', 'v1', 'precursor', 'e2', 'v2', 'commitment', 'u2'], NO_POINTS, [
        cfragSimple,
        verifyOfCfrag,
      ]),
    ];
    expect(found).toEqual(all('crypto-umbral.not-a-point', 11 * 5));
  });

  it('are refused where a scalar should be: zero, the order, above it', () => {
    const found = [
      ...refusals<Capsule>(capsule, ['s'], NO_SCALARS, [capsuleSimple, verifyOfCapsule]),
      ...refusals<Kfrag>(kfrag, ['key'], NO_SCALARS, [kfragMsgpack, verifyOfKfrag]),
      ...refusals<Cfrag>(cfrag, ['z'], NO_SCALARS, [cfragSimple, verifyOfCfrag]),
    ];
    expect(found).toEqual(all('crypto-umbral.scalar-out-of-range', 3 * 3));
  });

  it('a capsule whose halves cancel out opens for nobody', () => {
    const { n, s, v, e } = cancelling(primitives);
    const opposed = must(verifyCapsule(primitives, { e, v, s }));
    expect(n).toBe(ORDER_HEX);
    expect(codeOf(decapsulateOriginal(primitives, grant.delegatingSk, opposed))).toBe('crypto-umbral.capsule-invalid');
    const answers = makeCfrags(primitives, grant, opposed);
    const keys = { receivingSk: grant.receivingSk, delegatingPk: grant.keys.delegatingPk };
    expect(codeOf(decapsulateReencrypted(primitives, keys, opposed, answers))).toBe('crypto-umbral.shares-do-not-open');
  });
});

/** E = r · G and V = −E, with the proof s = −r + r · H(E, V) that only their author can give. */
function cancelling(primitives: Primitives) {
  const r = secretOf('r');
  const minusOne = hex('fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140') as SecretKey;
  const u = primitives.multiplyScalars(r, minusOne);
  const [e, v] = [primitives.publicKeyOf(r), primitives.publicKeyOf(u)];
  const s = primitives.addScalars(u, primitives.multiplyScalars(r, hashOf(primitives, e, v)));
  return { e, v, s, n: (BigInt(`0x${toHex(minusOne)}`) + 1n).toString(16) };
}
function hashOf(primitives: Primitives, e: PublicKey, v: PublicKey): SecretKey {
  const input = Buffer.concat([Buffer.from([0, 0, 0, 14]), Buffer.from('CAPSULE_POINTS'), e, v]);
  const value = (BigInt(`0x${toHex(primitives.hash(input))}`) % (BigInt(`0x${ORDER_HEX}`) - 1n)) + 1n;
  return hex(value.toString(16).padStart(64, '0')) as SecretKey;
}

describe('a holder that cheats', () => {
  it('cannot answer with another secret than its fragment, however well that is proven', () => {
    const other = grant.kfrags[1] as Verified<Kfrag>;
    const borrowed = { ...kfrag, key: other.key, commitment: other.commitment } as Verified<Kfrag>;
    const forged = reencrypt(native, capsule, borrowed, entropyOf('forged'));
    expect(codeOf(verifyCfrag(native, capsule, forged, grant.keys))).toBe('crypto-umbral.fragment-signature-invalid');
    const kept = { ...forged, commitment: kfrag.commitment };
    expect(codeOf(verifyCfrag(native, capsule, kept, grant.keys))).toBe('crypto-umbral.share-proof-invalid');
  });

  it('cannot answer under another id, whose place would turn the polynomial', () => {
    const other = grant.kfrags[1] as Verified<Kfrag>;
    expect(codeOf(verifyCfrag(native, capsule, { ...cfrag, id: other.id }, grant.keys))).toBe(
      'crypto-umbral.fragment-signature-invalid',
    );
  });

  it('cannot turn one proof into another: every pair of its points exchanged is refused', () => {
    const names = ['e1', 'v1', 'e2', 'v2', 'commitment', 'u2', 'precursor'] as const;
    for (const a of names)
      for (const b of names)
        if (a < b) expect(verifyOfCfrag(native, { ...cfrag, [a]: cfrag[b], [b]: cfrag[a] }).ok).toBe(false);
  });

  it('cannot use the high-s twin of the signature', () => {
    expect(codeOf(verifyOfCfrag(native, { ...cfrag, signature: negateS(cfrag.signature) }))).toBe(
      'crypto-umbral.fragment-signature-invalid',
    );
  });
});

it('signs id, commitment, X_A and both keys, each behind 01, and nothing else', () => {
  const input = Buffer.concat([
    kfrag.id,
    kfrag.commitment,
    kfrag.precursor,
    ...[[1], grant.keys.delegatingPk, [1], grant.keys.receivingPk].map((part) => Buffer.from(part)),
  ]);
  expect(toHex(fragmentDigest(native, kfrag, grant.keys))).toBe(toHex(native.hash(input)));
  expect(kfrag.commitment).toEqual(native.multiplyPublic(kfrag.key, U));
});
