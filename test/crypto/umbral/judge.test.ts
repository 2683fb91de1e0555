import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { PublicKey, SecretKey } from '../../../src/base/brand.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { openAsLibrary } from '../../../src/consortium/vectors/dem.ts';
import { decapsulateOriginal, verifyCapsule } from '../../../src/crypto/umbral/capsule.ts';
import { decapsulateReencrypted } from '../../../src/crypto/umbral/combination.ts';
import {
  capsuleMsgpack,
  capsuleSimple,
  cfragMsgpack,
  cfragSimple,
  kfragMsgpack,
} from '../../../src/crypto/umbral/encoding.ts';
import { verifyFragment } from '../../../src/crypto/umbral/fragments.ts';
import { reencrypt, verifyCfrag } from '../../../src/crypto/umbral/reencryption.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { bytesFrom } from '../support/vectors.ts';
import { entropyOf, flipped, makeCapsule, makeCfrags, makeGrant, must, sealAsLibrary } from './support.ts';

/** The library that made the vectors (GPL-3.0): beside ours in tests, and nowhere else. */
const judge = createRequire(import.meta.url)('@nucypher/umbral-pre') as typeof import('@nucypher/umbral-pre');
const native = nativePrimitives();
const plaintext = utf8('a data key');
const SIZES = [
  [1, 1],
  [2, 3],
  [4, 5],
] as const;

/** The judge's objects of our keys. */
function judgedKeys(keys: { verifyingPk: PublicKey; delegatingPk: PublicKey; receivingPk: PublicKey }) {
  const read = (bytes: Uint8Array) => judge.PublicKey.fromCompressedBytes(bytes);
  return { verifying: read(keys.verifyingPk), delegating: read(keys.delegatingPk), receiving: read(keys.receivingPk) };
}

describe.each(SIZES)('%i of %i: what we make, @nucypher/umbral-pre', (threshold, shares) => {
  const grant = makeGrant(native, `ours ${threshold}`, { threshold, shares });
  const { capsule, shared } = makeCapsule(native, grant.keys.delegatingPk, 'ours');
  const ciphertext = sealAsLibrary(shared, capsuleSimple.encode(capsule), plaintext);
  const { verifying, delegating, receiving } = judgedKeys(grant.keys);
  const theirCapsule = judge.Capsule.fromBytes(capsuleMsgpack.encode(capsule));

  it('opens as the owner, and writes the capsule as we do', () => {
    const owner = judge.SecretKey.fromBEBytes(grant.delegatingSk);
    expect(judge.decryptOriginal(owner, theirCapsule, ciphertext)).toEqual(plaintext);
    expect(theirCapsule.toBytesSimple()).toEqual(capsuleSimple.encode(capsule));
  });

  it('verifies our fragments, re-encrypts with them, and we verify and open that', () => {
    const made = grant.kfrags.map((kfrag) => {
      const theirs = judge.KeyFrag.fromBytes(kfragMsgpack.encode(kfrag)).verify(verifying, delegating, receiving);
      const cfrag = must(cfragSimple.decode(native, judge.reencrypt(theirCapsule, theirs).toBytesSimple()));
      return must(verifyCfrag(native, capsule, cfrag, grant.keys));
    });
    const keys = { receivingSk: grant.receivingSk, delegatingPk: grant.keys.delegatingPk };
    expect(must(decapsulateReencrypted(native, keys, capsule, made.slice(-threshold)))).toEqual(shared);
  });

  it('verifies our shares and opens with t of them', () => {
    const verified = makeCfrags(native, grant, capsule).map((cfrag) => {
      const theirs = judge.CapsuleFrag.fromBytes(cfragMsgpack.encode(cfrag));
      expect(theirs.toBytesSimple()).toEqual(cfragSimple.encode(cfrag));
      return theirs.verify(theirCapsule, verifying, delegating, receiving);
    });
    const reader = judge.SecretKey.fromBEBytes(grant.receivingSk);
    const opened = judge.decryptReencrypted(reader, delegating, theirCapsule, verified.slice(-threshold), ciphertext);
    expect(opened).toEqual(plaintext);
  });
});

describe.each(SIZES)('%i of %i: what @nucypher/umbral-pre makes', (threshold, shares) => {
  const [owner, reader, signing] = ['owner', 'reader', 'signing'].map((name) => bytesFrom(`judge ${name}`, 32));
  const secret = (bytes: Uint8Array | undefined) => judge.SecretKey.fromBEBytes(bytes as Uint8Array);
  const signer = new judge.Signer(secret(signing));
  const publicOf = (bytes: Uint8Array | undefined) => secret(bytes).publicKey().toCompressedBytes() as PublicKey;
  const keys = { delegatingPk: publicOf(owner), receivingPk: publicOf(reader), verifyingPk: publicOf(signing) };
  const [theirCapsule, ciphertext] = judge.encrypt(secret(owner).publicKey(), plaintext);
  const theirKfrags = judge.generateKFrags(
    secret(owner),
    secret(reader).publicKey(),
    signer,
    threshold,
    shares,
    true,
    true,
  );
  const capsule = must(verifyCapsule(native, must(capsuleMsgpack.decode(native, theirCapsule.toBytes()))));

  it('we open as the owner', () => {
    const shared = must(decapsulateOriginal(native, owner as SecretKey, capsule));
    expect(openAsLibrary(shared, theirCapsule.toBytesSimple(), ciphertext)).toEqual(plaintext);
    expect(capsuleSimple.encode(capsule)).toEqual(theirCapsule.toBytesSimple());
  });

  it('we verify: fragments, our shares from them, its shares; and we open with both kinds together', () => {
    const cfrags = theirKfrags.map((theirs, i) => {
      const kfrag = must(verifyFragment(native, must(kfragMsgpack.decode(native, theirs.toBytes())), keys));
      expect(kfragMsgpack.encode(kfrag)).toEqual(theirs.toBytes());
      const bytes = judge.reencrypt(theirCapsule, theirs).toBytes();
      const cfrag =
        i % 2 === 0
          ? must(cfragMsgpack.decode(native, bytes))
          : reencrypt(native, capsule, kfrag, entropyOf(`mixed ${i}`));
      return must(verifyCfrag(native, capsule, cfrag, keys));
    });
    const opening = { receivingSk: reader as SecretKey, delegatingPk: keys.delegatingPk };
    const shared = must(decapsulateReencrypted(native, opening, capsule, cfrags.slice(0, threshold)));
    expect(openAsLibrary(shared, theirCapsule.toBytesSimple(), ciphertext)).toEqual(plaintext);
  });
});

it('both refuse the same altered shares', () => {
  const grant = makeGrant(native, 'altered', { threshold: 1, shares: 1 });
  const { capsule } = makeCapsule(native, grant.keys.delegatingPk, 'altered');
  const { verifying, delegating, receiving } = judgedKeys(grant.keys);
  const theirCapsule = judge.Capsule.fromBytes(capsuleMsgpack.encode(capsule));
  const [cfrag] = makeCfrags(native, grant, capsule);
  const good = cfragMsgpack.encode(cfrag as NonNullable<typeof cfrag>);
  const theyAccept = (bytes: Uint8Array): boolean => {
    try {
      judge.CapsuleFrag.fromBytes(bytes).verify(theirCapsule, verifying, delegating, receiving);
      return true;
    } catch {
      return false;
    }
  };
  const weAccept = (bytes: Uint8Array): boolean => {
    const read = cfragMsgpack.decode(native, bytes);
    return read.ok && verifyCfrag(native, capsule, read.value, grant.keys).ok;
  };
  expect([theyAccept(good), weAccept(good)]).toEqual([true, true]);
  for (let at = 0; at < good.length; at += 7)
    expect([at, theyAccept(flipped(good, at)), weAccept(flipped(good, at))]).toEqual([at, false, false]);
});
