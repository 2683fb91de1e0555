import { createDecipheriv, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { encode } from '../../src/base/canonical.ts';
import {
  checkShare,
  listCommitment,
  openRoot,
  type RootName,
  SEALED_ROOT_BYTES,
  sealRoot,
  shareCommitment,
} from '../../src/crypto/guardians.ts';
import { CRYPTO_LIMITS } from '../../src/crypto/limits.ts';
import { noblePrimitives as primitives } from '../../src/crypto/noble.ts';
import { bytesFrom } from './support/vectors.ts';

const name: RootName = {
  chainId: bytesFrom('chain', 32) as Hash,
  owner: bytesFrom('owner', 20) as Address,
  purpose: 'recovery',
  root: 'identity',
};
const secrets = { guardianSecret: bytesFrom('guardians', 32), hospitalSecret: bytesFrom('hospitals', 32) };
const salt = bytesFrom('salt', 32);
const root = bytesFrom('root', 32);
const seal = sealRoot(primitives, { name, secrets, salt }, root);
const refused = (code: string) => ({ ok: false, rejection: { code } });
const wrong = refused('crypto-guardians.wrong-secrets');

describe('a sealed root', () => {
  it('opens with both secrets', () => {
    expect(openRoot(primitives, { name, secrets }, seal)).toEqual({ ok: true, value: root });
    expect(seal.sealed.length).toBe(SEALED_ROOT_BYTES);
  });

  it('is what OpenSSL opens by the written derivation', () => {
    const info = Buffer.concat([Buffer.from('carechain/guardian-seal/v1\0'), encode({ ...name })]);
    const ikm = Buffer.concat([secrets.guardianSecret, secrets.hospitalSecret]);
    const keys = Buffer.from(hkdfSync('sha256', ikm, salt, info, 76));
    expect(toHex(seal.sealed.subarray(0, 32))).toBe(keys.subarray(44).toString('hex'));
    const decipher = createDecipheriv('aes-256-gcm', keys.subarray(0, 32), keys.subarray(32, 44));
    decipher.setAuthTag(seal.sealed.subarray(64));
    expect(Buffer.concat([decipher.update(seal.sealed.subarray(32, 64)), decipher.final()])).toEqual(Buffer.from(root));
  });

  it('opens to neither side alone, nor to the sides changed over', () => {
    const { guardianSecret, hospitalSecret } = secrets;
    for (const tried of [
      { guardianSecret, hospitalSecret: new Uint8Array(32) },
      { guardianSecret: new Uint8Array(32), hospitalSecret },
      { guardianSecret: hospitalSecret, hospitalSecret: guardianSecret },
      { guardianSecret, hospitalSecret: guardianSecret },
    ])
      expect(openRoot(primitives, { name, secrets: tried }, seal)).toMatchObject(wrong);
  });

  it('opens for no other chain, owner, purpose or root', () => {
    const others: Partial<RootName>[] = [
      { chainId: bytesFrom('other', 32) as Hash },
      { owner: bytesFrom('other', 20) as Address },
      { purpose: 'acting' },
      { root: 'delegating' },
    ];
    for (const change of others)
      expect(openRoot(primitives, { name: { ...name, ...change }, secrets }, seal)).toMatchObject(wrong);
  });

  it('of which any bit is changed stays closed', () => {
    fc.assert(
      fc.property(fc.nat(8 * (SEALED_ROOT_BYTES + 32) - 1), (bit) => {
        const changed = { salt: salt.slice(), sealed: seal.sealed.slice() };
        const part = bit < 256 ? changed.salt : changed.sealed;
        const at = bit < 256 ? bit : bit - 256;
        part[at >> 3] = (part[at >> 3] as number) ^ (1 << (at & 7));
        expect(openRoot(primitives, { name, secrets }, changed).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
    const short = { salt, sealed: seal.sealed.slice(1) };
    expect(openRoot(primitives, { name, secrets }, short)).toMatchObject(refused('crypto-guardians.damaged'));
  });

  it('released to act says nothing of the identity root: each purpose has secrets of its own', () => {
    const acting = { guardianSecret: bytesFrom('acting g', 32), hospitalSecret: bytesFrom('acting h', 32) };
    const delegating: RootName = { ...name, purpose: 'acting', root: 'delegating' };
    const other = sealRoot(primitives, { name: delegating, secrets: acting, salt }, bytesFrom('delegating', 32));
    expect(openRoot(primitives, { name: delegating, secrets: acting }, other).ok).toBe(true);
    expect(openRoot(primitives, { name, secrets: acting }, seal)).toMatchObject(wrong);
  });
});

describe('the commitment to a list', () => {
  const members = [1, 2, 3].map((n) => bytesFrom(`guardian ${n}`, 20) as Address);
  const commitment = listCommitment(primitives, salt, { threshold: 2, members });

  it('does not depend on the order of the list', () => {
    expect(listCommitment(primitives, salt, { threshold: 2, members: [...members].reverse() })).toEqual(commitment);
  });

  it('binds every member and the threshold, and is salted', () => {
    const others = [
      listCommitment(primitives, salt, { threshold: 3, members }),
      listCommitment(primitives, salt, { threshold: 2, members: members.slice(1) }),
      listCommitment(primitives, bytesFrom('salt 2', 32), { threshold: 2, members }),
    ];
    expect(new Set([commitment, ...others].map(toHex)).size).toBe(4);
  });

  it('is of a list without repeats, m of n, within the limit (guardiansMax)', () => {
    const of = (threshold: number, list: Address[]) => listCommitment(primitives, salt, { threshold, members: list });
    expect(() => of(4, members)).toThrow('m ≤ n');
    expect(() => of(0, members)).toThrow('m ≤ n');
    expect(() => of(2, [...members, members[0] as Address])).toThrow('twice');
    const many = Array.from({ length: CRYPTO_LIMITS.guardiansMax + 1 }, (_, n) => bytesFrom(`${n}`, 20) as Address);
    expect(() => of(2, many)).toThrow('bounded');
  });
});

describe('the commitment to a share', () => {
  const holder = bytesFrom('guardian 1', 20) as Address;
  const share = bytesFrom('share', 33);
  const { chainId, owner, purpose } = name;
  const of = { chainId, owner, purpose, side: 'guardian', holder } as const;
  const commitment = shareCommitment(primitives, of, share);

  it('knows the share again, and any other from it', () => {
    expect(checkShare(primitives, of, commitment, share)).toEqual({ ok: true, value: null });
    const altered = share.slice();
    altered[32] = (altered[32] as number) ^ 1;
    for (const [which, what] of [
      [of, altered],
      [{ ...of, side: 'hospital' as const }, share],
      [{ ...of, purpose: 'acting' as const }, share],
      [{ ...of, holder: bytesFrom('guardian 2', 20) as Address }, share],
    ] as const)
      expect(checkShare(primitives, which, commitment, what)).toMatchObject(refused('crypto-guardians.share-altered'));
  });
});
