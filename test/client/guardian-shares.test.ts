import fc from 'fast-check';
import { combine } from 'shamir-secret-sharing';
import { describe, expect, it } from 'vitest';
import type { Address, Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { type HeldShare, joinSecret, type Side, splitSecret } from '../../src/client/guardian-shares.ts';
import { openRoot, type RootName, sealRoot } from '../../src/crypto/guardians.ts';
import { CRYPTO_LIMITS } from '../../src/crypto/limits.ts';
import { noblePrimitives as primitives } from '../../src/crypto/noble.ts';
import { bytesFrom } from '../crypto/support/vectors.ts';

const name: RootName = {
  chainId: bytesFrom('chain', 32) as Hash,
  owner: bytesFrom('owner', 20) as Address,
  purpose: 'recovery',
  root: 'identity',
};
const sideOf = (side: 'guardian' | 'hospital', threshold: number, count: number): Side => ({
  name,
  side,
  list: { threshold, members: Array.from({ length: count }, (_, n) => bytesFrom(`${side} ${n}`, 20) as Address) },
});
const guardians = sideOf('guardian', 2, 3);
const hospitals = sideOf('hospital', 3, 4);
const secrets = { guardianSecret: bytesFrom('guardians', 32), hospitalSecret: bytesFrom('hospitals', 32) };
const root = bytesFrom('root', 32);
const seal = sealRoot(primitives, { name, secrets, salt: bytesFrom('salt', 32) }, root);

const value = <T>(result: { ok: true; value: T } | { ok: false; rejection: { code: string } }): T => {
  if (!result.ok) throw new Error(`refused: ${result.rejection.code}`);
  return result.value;
};
const guardianShares = value(await splitSecret(primitives, guardians, secrets.guardianSecret));
const hospitalShares = value(await splitSecret(primitives, hospitals, secrets.hospitalSecret));
const commitmentsOf = (shares: readonly HeldShare[]) =>
  new Map(shares.map(({ holder, commitment }) => [toHex(holder), commitment]));
const join = (side: Side, shares: readonly HeldShare[], released: readonly { holder: Address; share: Uint8Array }[]) =>
  joinSecret(primitives, side, commitmentsOf(shares), released);
const tooFew = { ok: false, rejection: { code: 'client-guardian.too-few-shares' } };

describe('a root split among guardians and hospitals', () => {
  it('opens to any two guardians of three with any three hospitals of four', async () => {
    const choice = fc.tuple(
      fc.shuffledSubarray([...guardianShares], { minLength: 2 }),
      fc.shuffledSubarray([...hospitalShares], { minLength: 3 }),
    );
    await fc.assert(
      fc.asyncProperty(choice, async ([fromGuardians, fromHospitals]) => {
        const { secret: guardianSecret } = value(await join(guardians, guardianShares, fromGuardians));
        const { secret: hospitalSecret } = value(await join(hospitals, hospitalShares, fromHospitals));
        const opened = openRoot(primitives, { name, secrets: { guardianSecret, hospitalSecret } }, seal);
        expect(opened).toEqual({ ok: true, value: root });
      }),
      { numRuns: 15 },
    );
  });

  it('opens to no fewer, and a holder who comes twice counts once', async () => {
    for (const one of guardianShares) expect(await join(guardians, guardianShares, [one, one])).toMatchObject(tooFew);
    for (const missing of hospitalShares) {
      const two = hospitalShares.filter((share) => share !== missing).slice(1);
      expect(await join(hospitals, hospitalShares, two)).toMatchObject(tooFew);
    }
  });

  it('stays closed to fewer who do not count, and join what they have', async () => {
    const { secret: guardianSecret } = value(await join(guardians, guardianShares, guardianShares));
    const hospitalSecret = new Uint8Array(await combine(hospitalShares.slice(0, 2).map(({ share }) => share)));
    expect(openRoot(primitives, { name, secrets: { guardianSecret, hospitalSecret } }, seal)).toMatchObject({
      ok: false,
      rejection: { code: 'crypto-guardians.wrong-secrets' },
    });
  });

  it('stays closed to all guardians without hospitals, and to all hospitals without guardians', async () => {
    const { secret: guardianSecret } = value(await join(guardians, guardianShares, guardianShares));
    const { secret: hospitalSecret } = value(await join(hospitals, hospitalShares, hospitalShares));
    for (const tried of [
      { guardianSecret, hospitalSecret: guardianSecret },
      { guardianSecret: hospitalSecret, hospitalSecret },
    ])
      expect(openRoot(primitives, { name, secrets: tried }, seal).ok).toBe(false);
  });

  it('notices an altered share, says whose, and goes on with the others', async () => {
    const [first, second, third] = guardianShares as [HeldShare, HeldShare, HeldShare];
    const altered = { holder: first.holder, share: first.share.slice() };
    altered.share[0] = (altered.share[0] as number) ^ 1;
    const joined = value(await join(guardians, guardianShares, [altered, second, third]));
    expect(joined.altered).toEqual([first.holder]);
    expect(joined.secret).toEqual(secrets.guardianSecret);
    expect(await join(guardians, guardianShares, [altered, second])).toMatchObject(tooFew);
  });

  it('takes no share from a stranger, nor one guardian’s for another’s', async () => {
    const [first, second] = guardianShares as [HeldShare, HeldShare];
    const stranger = { holder: bytesFrom('stranger', 20) as Address, share: second.share };
    expect(await join(guardians, guardianShares, [first, stranger])).toMatchObject(tooFew);
    const asAnother = { holder: second.holder, share: first.share };
    expect(await join(guardians, guardianShares, [first, asAnother])).toMatchObject(tooFew);
  });
});

describe('a split', () => {
  it('is among two or more of whom two or more are needed, up to a limit (guardiansMax)', async () => {
    const refused = { ok: false, rejection: { code: 'client-guardian.threshold' } };
    for (const [threshold, count] of [
      [1, 1],
      [1, 3],
      [3, 2],
      [2, CRYPTO_LIMITS.guardiansMax + 1],
    ] as const)
      expect(await splitSecret(primitives, sideOf('guardian', threshold, count), secrets.guardianSecret)).toMatchObject(
        refused,
      );
  });

  it('gives other shares every time, and none is the secret', async () => {
    const again = value(await splitSecret(primitives, guardians, secrets.guardianSecret));
    const all = [...guardianShares, ...again].map(({ share }) => toHex(share));
    expect(new Set(all).size).toBe(6);
    for (const share of all) expect(share).not.toContain(toHex(secrets.guardianSecret));
  });
});
