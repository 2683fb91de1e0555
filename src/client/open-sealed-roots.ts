import type { Address, Hash, SecretKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { openRelease } from '../crypto/guardian-boxes.ts';
import { decodeSealedRoots, type GuardianKit, partNameOf, sealedRootsHash } from '../crypto/guardian-kit.ts';
import { openRoot, type RootKind } from '../crypto/guardians.ts';
import type { ReleasedGuardianShare } from './api.ts';
import { joinSecret } from './guardian-shares.ts';
import type { GivenShare } from './guardianship.ts';

/** What came for a request that has matured, at the device that holds its key. */
export interface Released {
  readonly chainId: Hash;
  readonly request: Hash;
  /** From a guardian's letter. */
  readonly kit: GuardianKit;
  readonly secretKey: SecretKey;
  readonly guardians: readonly GivenShare[];
  readonly hospitals: readonly ReleasedGuardianShare[];
}

type OpenedRoots = Partial<Readonly<Record<RootKind, Uint8Array>>>;

/** The roots of the kit's purpose. Shares that are not the ones handed out are left aside, as are sealed roots that were altered. */
export async function openSealedRoots(primitives: Primitives, released: Released): Promise<Result<OpenedRoots>> {
  const { chainId, kit, hospitals, guardians } = released;
  const sealed = hospitals.find((one) => equal(sealedRootsHash(primitives, one.sealed), kit.sealed))?.sealed;
  const roots = sealed === undefined ? undefined : decodeSealedRoots(sealed);
  if (roots === undefined || !roots.ok) return refuse('client-guardian.sealed-altered');
  const guardianSecret = await join(primitives, released, 'guardian', guardians);
  if (!guardianSecret.ok) return guardianSecret;
  const hospitalSecret = await join(primitives, released, 'hospital', hospitals);
  if (!hospitalSecret.ok) return hospitalSecret;
  const secrets = { guardianSecret: guardianSecret.value, hospitalSecret: hospitalSecret.value };
  const opened: Partial<Record<RootKind, Uint8Array>> = {};
  for (const { root, ...seal } of roots.value) {
    const value = openRoot(primitives, { name: { ...partNameOf(chainId, kit), root }, secrets }, seal);
    if (!value.ok) return value;
    opened[root] = value.value;
  }
  for (const secret of Object.values(secrets)) secret.fill(0);
  return ok(opened);
}

async function join(
  primitives: Primitives,
  { chainId, request, kit, secretKey }: Released,
  side: 'guardian' | 'hospital',
  given: readonly GivenShare[],
): Promise<Result<Uint8Array>> {
  const list = side === 'guardian' ? kit.guardians : kit.hospitals;
  const hashes = side === 'guardian' ? kit.guardianShares : kit.hospitalShares;
  const commitments = new Map(list.members.map((member, i) => [toHex(member), hashes[i] as Hash]));
  const shares = given.flatMap(({ holder, share }) => {
    const opened = openRelease(primitives, { chainId, request, side, holder }, secretKey, share);
    return opened.ok ? [{ holder: holder as Address, share: opened.value }] : [];
  });
  const joined = await joinSecret(primitives, { name: partNameOf(chainId, kit), side, list }, commitments, shares);
  return joined.ok ? ok(joined.value.secret) : joined;
}
