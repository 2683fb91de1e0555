import { createRequire } from 'node:module';
import type { SecretKey } from '../../../src/base/brand.ts';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { decapsulateOriginal, verifyCapsule } from '../../../src/crypto/umbral/capsule.ts';
import { capsuleSimple } from '../../../src/crypto/umbral/encoding.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { must } from '../../crypto/umbral/support.ts';

const judge = createRequire(import.meta.url)('@nucypher/umbral-pre') as typeof import('@nucypher/umbral-pre');
const native = nativePrimitives();

export type Suite = ReturnType<typeof freshSuite>;

/** A suite of random keys, as the published file's generator printed it: everything by the library, but for the shared point. */
export function freshSuite(threshold: number, shares: number) {
  const [delegating, signing, receiving] = [
    judge.SecretKey.random(),
    judge.SecretKey.random(),
    judge.SecretKey.random(),
  ];
  const signer = new judge.Signer(signing);
  const plaintext = utf8(`umbral ${threshold}-of-${shares}`);
  const [capsule, ciphertext] = judge.encrypt(delegating.publicKey(), plaintext);
  const kfrags = judge.generateKFrags(delegating, receiving.publicKey(), signer, threshold, shares, true, true);
  const cfrags = kfrags.map((kfrag) => judge.reencrypt(capsule, kfrag));
  const ours = must(verifyCapsule(native, must(capsuleSimple.decode(native, capsule.toBytesSimple()))));
  const secretHex = (key: { toBEBytes(): Uint8Array }) => toHex(key.toBEBytes());
  const publicHex = (key: { toCompressedBytes(): Uint8Array }) => toHex(key.toCompressedBytes());
  return {
    threshold,
    shares,
    delegating_sk: secretHex(delegating),
    delegating_pk: publicHex(delegating.publicKey()),
    signing_sk: secretHex(signing),
    verifying_pk: publicHex(signing.publicKey()),
    receiving_sk: secretHex(receiving),
    receiving_pk: publicHex(receiving.publicKey()),
    plaintext: toHex(plaintext),
    capsule_simple: toHex(capsule.toBytesSimple()),
    capsule_msgpack: toHex(capsule.toBytes()),
    ciphertext: toHex(ciphertext),
    kfrags_msgpack: kfrags.map((kfrag) => toHex(kfrag.toBytes())),
    cfrags_simple: cfrags.map((cfrag) => toHex(cfrag.toBytesSimple())),
    cfrags_msgpack: cfrags.map((cfrag) => toHex(cfrag.toBytes())),
    decrypted_ok: true,
    shared_point_compressed: toHex(must(decapsulateOriginal(native, delegating.toBEBytes() as SecretKey, ours))),
  };
}
