import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PublicKey } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { addressOf, addressText, SIGNING_TAGS, signingDigest } from '../../src/base/digest.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { hex } from './support.ts';

describe('an address', () => {
  it('is the low 160 bits of SHA-256 of the compressed key, as for the key of the secret 1', () => {
    // G of secp256k1, compressed (SEC 2, section 2.4.1); the digest by another implementation.
    const generator = hex('0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798') as PublicKey;
    const digest = createHash('sha256').update(generator).digest('hex');
    expect(digest).toBe('0f715baf5d4c2ed329785cef29e562f73488c8a2bb9dbc5700b361d54b9b0554');
    expect(addressText(addressOf(noblePrimitives, generator))).toBe('29e562f73488c8a2bb9dbc5700b361d54b9b0554');
  });
});

describe('a signing digest', () => {
  it('is SHA-256 of the tag, a NUL and the bytes', () => {
    const expected = createHash('sha256').update('carechain/vote/v1\0').update('payload').digest('hex');
    expect(toHex(signingDigest(noblePrimitives, 'vote', utf8('payload')))).toBe(expected);
  });

  it('differs for every purpose, and no purpose plus bytes is another purpose', () => {
    const digests = SIGNING_TAGS.map((tag) => toHex(signingDigest(noblePrimitives, tag, utf8('same'))));
    expect(new Set(digests).size).toBe(SIGNING_TAGS.length);
    for (const a of SIGNING_TAGS)
      for (const b of SIGNING_TAGS)
        if (a !== b) expect(`carechain/${a}/v1\0`.startsWith(`carechain/${b}/v1\0`)).toBe(false);
  });
});
