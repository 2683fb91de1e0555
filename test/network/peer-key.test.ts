import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { generatePeerKeySeed, peerIdOf, peerKeyOf } from '../../src/network/peer-key.ts';

describe('a peer key', () => {
  it('is the Ed25519 key of its seed (RFC 8032, section 7.1, tests 1 and 2)', () => {
    const vectors = [
      [
        '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
        'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      ],
      [
        '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
        '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      ],
    ] as const;
    for (const [seed, publicKey] of vectors)
      expect(toHex(peerKeyOf(fromHex(seed) as Uint8Array).publicKey.raw)).toBe(publicKey);
  });

  it('has the peer id that libp2p derives itself', async () => {
    const seed = generatePeerKeySeed();
    expect(peerIdOf(seed)).toBe(peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', seed)).toString());
    expect(peerIdFromString(peerIdOf(seed)).type).toBe('Ed25519');
  });

  it('differs each time it is generated', () => {
    expect(peerIdOf(generatePeerKeySeed())).not.toBe(peerIdOf(generatePeerKeySeed()));
  });

  it('is refused for a seed of another length', () => {
    for (const length of [0, 31, 33, 64])
      expect(() => peerIdOf(new Uint8Array(length))).toThrow(expect.objectContaining({ code: 'network.key-invalid' }));
  });
});
