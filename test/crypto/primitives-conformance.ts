import * as nodeCrypto from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash, PublicKey, SecretKey, Signature } from '../../src/base/brand.ts';
import { concat, toHex } from '../../src/base/bytes.ts';
import type { Primitives } from '../../src/base/primitives.ts';
import { hasValidForm } from '../../src/crypto/signature-form.ts';
import { compactFromDer } from './support/der.ts';
import { compressPoint, needsLargeX, negateS } from './support/points.ts';
import { bytesFrom, hex, wycheproofCase } from './support/vectors.ts';

const ORDER_HEX = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141';
const sha256 = (bytes: Uint8Array): string => nodeCrypto.createHash('sha256').update(bytes).digest('hex');
const secretOf = (label: string): SecretKey => bytesFrom(label, 32) as SecretKey;
const digestOf = (text: string): Hash => new Uint8Array(Buffer.from(sha256(Buffer.from(text)), 'hex')) as Hash;

/** OpenSSL's view of a compressed key. */
function opensslKey(publicKey: PublicKey): nodeCrypto.KeyObject {
  const key = concat(hex('3036301006072a8648ce3d020106052b8104000a032200'), publicKey);
  return nodeCrypto.createPublicKey({ key: Buffer.from(key), format: 'der', type: 'spki' });
}

/** What every implementation of `Primitives` has to do. */
export function describePrimitives(primitives: Primitives): void {
  describe(`Primitives, ${primitives.name}`, () => {
    describeHashes(primitives);
    describeSignatures(primitives);
    describeKeys(primitives);
    describePointsAndScalars(primitives);
    describeCipher(primitives);
  });
}

function describeHashes(primitives: Primitives): void {
  it('hashes as OpenSSL does, into plain bytes of their own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const digest = primitives.hash(bytes);
        expect(toHex(digest)).toBe(sha256(bytes));
        expect(digest.constructor).toBe(Uint8Array);
        expect(digest.buffer.byteLength).toBe(32);
      }),
    );
  });

  it('hashes pairs as it hashes each pair', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), (count) => {
        const pairs = bytesFrom(`pairs ${count}`, 64 * count);
        const hashes = primitives.hashPairs(pairs);
        expect(hashes.length).toBe(32 * count);
        for (let i = 0; i < count; i++)
          expect(toHex(hashes.subarray(32 * i, 32 * (i + 1)))).toBe(sha256(pairs.subarray(64 * i, 64 * (i + 1))));
      }),
    );
  });

  it('hashes pairs that lie anywhere in a larger buffer', () => {
    const buffer = bytesFrom('buffer', 3 + 128);
    const expected = concat(primitives.hash(buffer.slice(3, 67)), primitives.hash(buffer.slice(67)));
    expect(toHex(primitives.hashPairs(buffer.subarray(3)))).toBe(toHex(expected));
  });

  it('stops on bytes that are not whole pairs', () => {
    expect(() => primitives.hashPairs(new Uint8Array(63))).toThrow('pairs are 64 bytes each');
  });
}

function describeSignatures(primitives: Primitives): void {
  const secretKey = secretOf('signer');
  const publicKey = primitives.publicKeyOf(secretKey);
  const digest = digestOf('a message');

  // Widely used secp256k1 vectors for RFC 6979 with key 1; a second hash of the digest would change r and s.
  it.each([
    [
      'Satoshi Nakamoto',
      '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
    ],
    [
      'All those moments will be lost in time, like tears in rain. Time to die...',
      '8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21',
    ],
  ])('signs "%s" as RFC 6979 says', (message, compact) => {
    const one = hex('01'.padStart(64, '0')) as SecretKey;
    expect(toHex(primitives.sign(digestOf(message), one).subarray(0, 64))).toBe(compact);
  });

  it('signs the digest itself: OpenSSL, hashing the message once, accepts', () => {
    const signature = primitives.sign(digest, secretKey);
    const openssl = { key: opensslKey(publicKey), dsaEncoding: 'ieee-p1363' } as const;
    const compact = signature.subarray(0, 64);
    expect(nodeCrypto.verify('sha256', Buffer.from('a message'), openssl, compact)).toBe(true);
    expect(nodeCrypto.verify('sha256', digest, openssl, compact)).toBe(false);
  });

  it('makes signatures of the one form, which recover to the signer', () => {
    for (let i = 0; i < 12; i++) {
      const message = digestOf(`message ${i}`);
      const signature = primitives.sign(message, secretKey);
      expect(hasValidForm(signature)).toBe(true);
      expect(primitives.verify(message, signature, publicKey)).toBe(true);
      expect(toHex(primitives.recover(message, signature) as PublicKey)).toBe(toHex(publicKey));
    }
  });

  it('refuses a signature by another key, over another digest, or with any byte changed', () => {
    const signature = primitives.sign(digest, secretKey);
    expect(primitives.verify(digest, signature, primitives.publicKeyOf(secretOf('other')))).toBe(false);
    expect(primitives.verify(digestOf('another message'), signature, publicKey)).toBe(false);
    for (const at of [0, 31, 32, 63, 64]) {
      const changed = signature.slice() as Signature;
      changed[at] = (changed[at] as number) ^ 1;
      expect(primitives.verify(digest, changed, publicKey)).toBe(false);
    }
  });

  it('refuses the high-s twin of a valid signature, with either v', () => {
    const twin = negateS(primitives.sign(digest, secretKey).subarray(0, 64));
    for (const v of [0, 1])
      expect(primitives.recover(digest, concat(twin, Uint8Array.of(v)) as Signature)).toBeUndefined();
  });

  it('refuses v of 2 or more, zero and overflowing r and s, and wrong lengths, without throwing', () => {
    const signature = primitives.sign(digest, secretKey);
    const [r, s] = [signature.slice(0, 32), signature.slice(32, 64)];
    const [zero, order] = [new Uint8Array(32), hex(ORDER_HEX)];
    const bad = [
      ...[2, 3, 4, 27, 255].map((v) => concat(r, s, Uint8Array.of(v))),
      concat(zero, s, Uint8Array.of(0)),
      concat(r, zero, Uint8Array.of(0)),
      concat(order, s, Uint8Array.of(0)),
      concat(r, order, Uint8Array.of(0)),
      signature.slice(0, 64),
      concat(signature, Uint8Array.of(0)),
      new Uint8Array(0),
    ];
    for (const bytes of bad) {
      expect(primitives.recover(digest, bytes as Signature)).toBeUndefined();
      expect(primitives.verify(digest, bytes as Signature, publicKey)).toBe(false);
    }
    expect(primitives.recover(digest.slice(0, 31) as Hash, signature)).toBeUndefined();
  });

  it('refuses the public vector whose R.x is n or more, by rule: only v ≥ 2 would recover its key', () => {
    const { group, test } = wycheproofCase('ecdsa_secp256k1_sha256_bitcoin_test.json', 346);
    const { uncompressed } = group.publicKey as { uncompressed: string };
    const signer = compressPoint(hex(uncompressed)) as PublicKey;
    const compact = compactFromDer(hex(test.sig)) as Uint8Array;
    const message = primitives.hash(hex(test.msg));
    expect(test.result).toBe('valid');
    expect(needsLargeX(message, compact, signer)).toBe(true);
    for (const v of [0, 1, 2, 3])
      expect(primitives.verify(message, concat(compact, Uint8Array.of(v)) as Signature, signer)).toBe(false);
  });
}

function describeKeys(primitives: Primitives): void {
  it('agrees with OpenSSL on public keys and on shared points', () => {
    for (let i = 0; i < 4; i++) {
      const [mine, theirs] = [secretOf(`mine ${i}`), secretOf(`theirs ${i}`)];
      const alice = nodeCrypto.createECDH('secp256k1');
      const bob = nodeCrypto.createECDH('secp256k1');
      alice.setPrivateKey(mine);
      bob.setPrivateKey(theirs);
      const publicKey = primitives.publicKeyOf(theirs);
      expect(toHex(publicKey)).toBe(bob.getPublicKey('hex', 'compressed'));
      const point = primitives.ecdh(mine, publicKey) as Uint8Array;
      expect(toHex(point.subarray(1))).toBe(alice.computeSecret(bob.getPublicKey('hex'), 'hex', 'hex'));
    }
  });

  it('gives the shared point itself, with the sign of y: d · G is the public key of d', () => {
    const generator = primitives.publicKeyOf(hex('01'.padStart(64, '0')) as SecretKey);
    for (let i = 0; i < 8; i++) {
      const secretKey = secretOf(`scalar ${i}`);
      const shared = primitives.ecdh(secretKey, generator) as Uint8Array;
      expect(toHex(shared)).toBe(toHex(primitives.publicKeyOf(secretKey)));
    }
  });

  it('gives no shared point for a key that is not a compressed point of the curve', () => {
    const secretKey = secretOf('mine');
    const good = primitives.publicKeyOf(secretKey);
    const x5 = concat(Uint8Array.of(2), hex('5'.padStart(64, '0')));
    const overflow = concat(Uint8Array.of(2), new Uint8Array(32).fill(0xff));
    const bad = [x5, overflow, good.slice(1), concat(good, Uint8Array.of(0)), new Uint8Array(33), new Uint8Array(0)];
    for (const key of bad) expect(primitives.ecdh(secretKey, key as PublicKey)).toBeUndefined();
  });

  it('throws on a secret key of zero, of the order, or of another length: no caller may hold one', () => {
    const good = primitives.publicKeyOf(secretOf('mine'));
    for (const bad of [new Uint8Array(32), hex(ORDER_HEX), new Uint8Array(31).fill(1)]) {
      expect(() => primitives.publicKeyOf(bad as SecretKey)).toThrow();
      expect(() => primitives.sign(digestOf('m'), bad as SecretKey)).toThrow();
      expect(() => primitives.ecdh(bad as SecretKey, good)).toThrow();
    }
  });
}

function describePointsAndScalars(primitives: Primitives): void {
  const [a, b] = [secretOf('a'), secretOf('b')];
  const order = BigInt(`0x${ORDER_HEX}`);
  const numberOf = (bytes: Uint8Array) => BigInt(`0x${toHex(bytes)}`);
  const scalarOf = (n: bigint) => hex(n.toString(16).padStart(64, '0')) as SecretKey;
  const point = primitives.publicKeyOf(a);
  const negative = concat(Uint8Array.of((point[0] as number) ^ 1), point.slice(1));
  const NO_POINTS = [
    concat(Uint8Array.of(2), hex('5'.padStart(64, '0'))),
    concat(Uint8Array.of(2), new Uint8Array(32).fill(0xff)),
    hex(nodeCrypto.ECDH.convertKey(point, 'secp256k1', undefined, 'hex', 'uncompressed') as string),
    point.slice(1),
    new Uint8Array(33),
    Uint8Array.of(0),
    new Uint8Array(0),
  ];

  it('adds points as it adds their scalars, and multiplies them alike with a public scalar as with a secret one', () => {
    const plain = fc.bigInt({ min: 1n, max: order - 1n }).map(scalarOf);
    fc.assert(
      fc.property(plain, plain, (x, y) => {
        fc.pre((numberOf(x) + numberOf(y)) % order !== 0n);
        const [xG, yG] = [primitives.publicKeyOf(x), primitives.publicKeyOf(y)];
        expect(primitives.addPoints([xG, yG])).toEqual(primitives.publicKeyOf(primitives.addScalars(x, y)));
        expect(primitives.multiplyPublic(x, yG)).toEqual(primitives.ecdh(x, yG));
        expect(primitives.multiplyPublic(x, yG)).toEqual(primitives.publicKeyOf(primitives.multiplyScalars(x, y)));
      }),
      { numRuns: 8 },
    );
    expect(primitives.addPoints([point, point, point])).toEqual(primitives.multiplyPublic(scalarOf(3n), point));
    expect(primitives.addPoints([point])).toEqual(point);
  });

  it('adds and multiplies scalars modulo the order, and leaves its inputs as they were', () => {
    const [kept, other] = [a.slice(), b.slice()];
    expect(numberOf(primitives.addScalars(a, b))).toBe((numberOf(a) + numberOf(b)) % order);
    expect(numberOf(primitives.multiplyScalars(a, b))).toBe((numberOf(a) * numberOf(b)) % order);
    expect(numberOf(primitives.addScalars(scalarOf(order - 1n), scalarOf(order - 1n)))).toBe(order - 2n);
    expect(numberOf(primitives.multiplyScalars(scalarOf(order - 1n), scalarOf(order - 1n)))).toBe(1n);
    expect([a, b]).toEqual([kept, other]);
  });

  it('has no sum at infinity, and none with what is not a compressed point of the curve', () => {
    expect(primitives.addPoints([point, negative])).toBeUndefined();
    expect(primitives.addPoints([point, negative, point])).toEqual(point);
    for (const bad of NO_POINTS) {
      expect(primitives.addPoints([bad])).toBeUndefined();
      expect(primitives.addPoints([point, bad])).toBeUndefined();
      expect(primitives.multiplyPublic(b, bad)).toBeUndefined();
    }
  });

  it('multiplies with no public scalar of zero, of the order, above it, or of another length', () => {
    for (const bad of [
      new Uint8Array(32),
      hex(ORDER_HEX),
      new Uint8Array(32).fill(0xff),
      b.slice(1),
      new Uint8Array(0),
    ])
      expect(primitives.multiplyPublic(bad, point)).toBeUndefined();
  });

  it('throws on a secret scalar outside [1, n), on a sum of zero, and on a sum of no points', () => {
    for (const bad of [new Uint8Array(32), hex(ORDER_HEX), b.slice(1)])
      for (const [x, y] of [
        [a, bad],
        [bad, a],
      ] as const) {
        expect(() => primitives.addScalars(x as SecretKey, y as SecretKey)).toThrow();
        expect(() => primitives.multiplyScalars(x as SecretKey, y as SecretKey)).toThrow();
      }
    expect(() => primitives.addScalars(a, scalarOf(order - numberOf(a)))).toThrow();
    expect(() => primitives.addPoints([])).toThrow('a sum has summands');
  });
}

function describeCipher(primitives: Primitives): void {
  const key = bytesFrom('key', 32);
  const nonce = bytesFrom('nonce', 12);

  it('opens what it sealed, with and without associated data, and gives plain bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.option(fc.uint8Array({ maxLength: 40 })), (text, data) => {
        const associated = data ?? undefined;
        const sealed = primitives.seal(key, nonce, text, associated);
        expect(sealed.length).toBe(text.length + 16);
        if (associated === undefined) {
          const [ciphertext, tag] = primitives.sealDetached(key, nonce, text);
          expect(concat(ciphertext, tag)).toEqual(sealed);
          expect([ciphertext.constructor, tag.length]).toEqual([Uint8Array, 16]);
        }
        const opened = primitives.open(key, nonce, sealed, associated);
        expect(opened).toEqual(text);
        expect(sealed.constructor).toBe(Uint8Array);
        expect(opened?.constructor).toBe(Uint8Array);
      }),
    );
  });

  it('opens nothing after any change of a byte, of the key, the nonce or the associated data', () => {
    const data = bytesFrom('data', 5);
    const sealed = primitives.seal(key, nonce, bytesFrom('text', 20), data);
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] as number) ^ 0x80;
      expect(primitives.open(key, nonce, changed, data)).toBeUndefined();
    }
    expect(primitives.open(bytesFrom('other', 32), nonce, sealed, data)).toBeUndefined();
    expect(primitives.open(key, bytesFrom('other', 12), sealed, data)).toBeUndefined();
    expect(primitives.open(key, nonce, sealed)).toBeUndefined();
    for (const length of [0, 1, 15, 16, 35])
      expect(primitives.open(key, nonce, sealed.slice(0, length), data)).toBeUndefined();
  });

  it('stops on a key that is not 32 bytes and a nonce that is not 12', () => {
    for (const [badKey, badNonce] of [
      [key.slice(0, 16), nonce],
      [key, bytesFrom('long', 16)],
      [key, new Uint8Array(0)],
    ] as const) {
      expect(() => primitives.seal(badKey, badNonce, new Uint8Array(1))).toThrow();
      expect(() => primitives.open(badKey, badNonce, new Uint8Array(17))).toThrow();
    }
  });
}
