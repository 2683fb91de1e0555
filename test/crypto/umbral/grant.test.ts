import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PublicKey } from '../../../src/base/brand.ts';
import { concat, toHex } from '../../../src/base/bytes.ts';
import { CRYPTO_LIMITS } from '../../../src/crypto/limits.ts';
import { noblePrimitives } from '../../../src/crypto/noble.ts';
import { capsuleKey, decapsulateOriginal, encapsulate } from '../../../src/crypto/umbral/capsule.ts';
import { decapsulateReencrypted } from '../../../src/crypto/umbral/combination.ts';
import { capsuleSimple, cfragSimple, kfragMsgpack } from '../../../src/crypto/umbral/encoding.ts';
import { generateFragments, verifyFragment } from '../../../src/crypto/umbral/fragments.ts';
import { reencrypt, verifyCfrag } from '../../../src/crypto/umbral/reencryption.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { choices, codeOf, entropyOf, makeCapsule, makeCfrags, makeGrant, must, secretOf } from './support.ts';

const native = nativePrimitives();
const opening = ({ receivingSk, keys }: ReturnType<typeof makeGrant>) => ({
  receivingSk,
  delegatingPk: keys.delegatingPk,
});
const NOT_ON_CURVE = concat(Uint8Array.of(2), new Uint8Array(31), Uint8Array.of(5)) as PublicKey;

describe('a grant of t of n', () => {
  it('opens with every choice of t cfrags and with more, to what the owner and the author have', () => {
    const sizes = fc.integer({ min: 1, max: 5 }).chain((n) => fc.tuple(fc.integer({ min: 1, max: n }), fc.constant(n)));
    fc.assert(
      fc.property(sizes, fc.string(), ([threshold, shares], label) => {
        const grant = makeGrant(native, label, { threshold, shares });
        const { capsule, shared } = makeCapsule(native, grant.keys.delegatingPk, label);
        const cfrags = makeCfrags(native, grant, capsule);
        expect(must(decapsulateOriginal(native, grant.delegatingSk, capsule))).toEqual(shared);
        for (let size = threshold; size <= shares; size++)
          for (const some of choices(cfrags, size))
            expect(must(decapsulateReencrypted(native, opening(grant), capsule, some))).toEqual(shared);
      }),
      { numRuns: 12 },
    );
  });

  it('opens nothing with fewer than t, whichever they are', () => {
    const grant = makeGrant(native, 'too few', { threshold: 3, shares: 5 });
    const { capsule } = makeCapsule(native, grant.keys.delegatingPk, 'too few');
    const cfrags = makeCfrags(native, grant, capsule);
    for (const size of [0, 1, 2])
      for (const some of choices(cfrags, size))
        expect(codeOf(decapsulateReencrypted(native, opening(grant), capsule, some))).toBe(
          'crypto-umbral.shares-do-not-open',
        );
  });

  it('opens for its reader alone', () => {
    const grant = makeGrant(native, 'reader', { threshold: 2, shares: 3 });
    const { capsule } = makeCapsule(native, grant.keys.delegatingPk, 'reader');
    const cfrags = makeCfrags(native, grant, capsule);
    const stranger = { ...opening(grant), receivingSk: secretOf('a stranger') };
    expect(codeOf(decapsulateReencrypted(native, stranger, capsule, cfrags))).toBe('crypto-umbral.shares-do-not-open');
    const otherOwner = { ...opening(grant), delegatingPk: native.publicKeyOf(secretOf('another owner')) };
    expect(codeOf(decapsulateReencrypted(native, otherOwner, capsule, cfrags))).toBe(
      'crypto-umbral.shares-do-not-open',
    );
  });

  it('gives each capsule a key of its own, the same for author, owner and reader', () => {
    const grant = makeGrant(native, 'keys', { threshold: 1, shares: 1 });
    const [one, two] = ['one', 'two'].map((label) => makeCapsule(native, grant.keys.delegatingPk, label));
    if (one === undefined || two === undefined) throw new Error('two capsules');
    const read = must(
      decapsulateReencrypted(native, opening(grant), one.capsule, makeCfrags(native, grant, one.capsule)),
    );
    expect(capsuleKey(one.capsule, read)).toEqual(capsuleKey(one.capsule, one.shared));
    expect(capsuleKey(one.capsule, read)).toHaveLength(32);
    expect(capsuleKey(two.capsule, two.shared)).not.toEqual(capsuleKey(one.capsule, one.shared));
    expect(capsuleKey(two.capsule, one.shared)).not.toEqual(capsuleKey(one.capsule, one.shared));
  });
});

describe('cfrags that do not belong together', () => {
  const grant = makeGrant(native, 'first', { threshold: 2, shares: 3 });
  const { capsule } = makeCapsule(native, grant.keys.delegatingPk, 'first');
  const cfrags = makeCfrags(native, grant, capsule);
  const open = (some: typeof cfrags) => codeOf(decapsulateReencrypted(native, opening(grant), capsule, some));

  it('are refused where two capsules are mixed, though each is good', () => {
    const other = makeCapsule(native, grant.keys.delegatingPk, 'second');
    const others = makeCfrags(native, grant, other.capsule);
    expect(open([...cfrags.slice(0, 1), ...others.slice(1, 2)])).toBe('crypto-umbral.shares-do-not-open');
    expect(open(others)).toBe('crypto-umbral.shares-do-not-open');
    expect(codeOf(verifyCfrag(native, other.capsule, cfrags[0] as (typeof cfrags)[0], grant.keys))).toBe(
      'crypto-umbral.share-proof-invalid',
    );
  });

  it('are refused where two grants are mixed, to one reader by one owner', () => {
    const again = makeGrant(native, 'again', { threshold: 2, shares: 3 });
    const others = makeCfrags(native, again, capsule);
    expect(open([...cfrags.slice(0, 1), ...others.slice(1, 2)])).toBe('crypto-umbral.shares-mixed');
  });

  it('are refused where one fragment answers twice, or more answer than a grant may have', () => {
    const [first] = cfrags as [(typeof cfrags)[0]];
    expect(open([first, first])).toBe('crypto-umbral.share-repeated');
    expect(open(Array.from({ length: CRYPTO_LIMITS.umbralSharesMax + 1 }, () => first))).toBe(
      'crypto-umbral.too-many-shares',
    );
  });
});

describe('what is asked for', () => {
  const order = {
    delegatingSk: secretOf('owner'),
    receivingPk: native.publicKeyOf(secretOf('reader')),
    signerSk: secretOf('signer'),
    entropy: entropyOf('order'),
  };

  it.each([
    [0, 1],
    [2, 1],
    [-1, 3],
    [1.5, 3],
    [1, CRYPTO_LIMITS.umbralSharesMax + 1],
    [1, 2.5],
    [Number.NaN, 1],
  ])('is refused as %d of %d fragments', (threshold, shares) => {
    expect(codeOf(generateFragments(native, { ...order, threshold, shares }))).toBe(
      'crypto-umbral.threshold-out-of-range',
    );
  });

  it.each([native, noblePrimitives])('is refused for a key that is no point of the curve ($name)', (primitives) => {
    expect(codeOf(encapsulate(primitives, NOT_ON_CURVE, entropyOf('e')))).toBe('crypto-umbral.not-a-point');
    const wrong = { ...order, receivingPk: NOT_ON_CURVE, threshold: 1, shares: 1 };
    expect(codeOf(generateFragments(primitives, wrong))).toBe('crypto-umbral.not-a-point');
  });

  it('stops on entropy of another length', () => {
    expect(() => encapsulate(native, order.receivingPk, new Uint8Array(31))).toThrow('entropy is 32 random bytes');
  });
});

describe('a fragment', () => {
  const grant = makeGrant(native, 'fragment', { threshold: 2, shares: 2 });
  const [kfrag] = grant.kfrags as [(typeof grant.kfrags)[0]];

  it('is good under its own keys and no others', () => {
    const other = native.publicKeyOf(secretOf('other'));
    for (const name of ['verifyingPk', 'delegatingPk', 'receivingPk'] as const) {
      const keys = { ...grant.keys, [name]: other };
      expect(codeOf(verifyFragment(native, kfrag, keys))).toBe('crypto-umbral.fragment-signature-invalid');
    }
  });

  it('never uses one proof nonce for two capsules, even where the entropy repeats', () => {
    const [one, two] = ['a', 'b'].map((label) => makeCapsule(native, grant.keys.delegatingPk, label).capsule);
    const announce = (capsule: typeof one) =>
      toHex(reencrypt(native, capsule as NonNullable<typeof one>, kfrag, entropyOf('repeated')).u2);
    expect(announce(one)).not.toBe(announce(two));
    expect(announce(one)).toBe(announce(one));
  });
});

it('makes the same bytes with libsecp256k1 and with @noble, and each accepts the other', () => {
  const made = [native, noblePrimitives].map((primitives) => {
    const grant = makeGrant(primitives, 'same', { threshold: 2, shares: 2 });
    const { capsule, shared, authorScalar } = makeCapsule(primitives, grant.keys.delegatingPk, 'same');
    const cfrags = makeCfrags(primitives, grant, capsule);
    const opened = must(decapsulateReencrypted(primitives, opening(grant), capsule, cfrags));
    expect(opened).toEqual(shared);
    return [
      capsuleSimple.encode(capsule),
      shared,
      authorScalar,
      ...grant.kfrags.map(kfragMsgpack.encode),
      ...cfrags.map(cfragSimple.encode),
    ].map(toHex);
  });
  expect(made[0]).toEqual(made[1]);
});
