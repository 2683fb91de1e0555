import type { Address } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { signingDigest } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { WalletRoots } from '../crypto/key-file.ts';
import { ROOT_BYTES } from '../crypto/keys.ts';
import type { PseudonymScope } from '../crypto/pseudonym.ts';
import { possessionBytes } from '../ledger/signed-words.ts';
import type { Device } from './device.ts';
import { openSealedRoots, type Released } from './open-sealed-roots.ts';
import { applied, type Session } from './session.ts';
import { type DelegatingKeys, delegatingKeysOf, type Wallet, walletOf } from './wallet.ts';

/**
 * On the patient's new device: the wallet that was lost. `owner`: the patient's id, as the home hospital or the patient's own paper says it,
 * and never as the kit does: who hands over another person's kit would make the device that person's. `scope`: where the patient is known to
 * the chain by that pseudonym.
 */
export async function recoverWallet(
  { primitives }: Device,
  owner: Address,
  released: Released,
  scope?: PseudonymScope,
): Promise<Result<Wallet>> {
  if (!equal(owner, released.kit.owner)) return refuse('client-guardian.other-person');
  const roots = await openSealedRoots(primitives, released);
  if (!roots.ok) return roots;
  const { identity, delegating, account } = roots.value;
  if (identity === undefined || delegating === undefined) return refuse('client-guardian.other-person');
  const own: WalletRoots = { identityRoot: identity, delegatingRoot: delegating };
  const first = scope === undefined ? walletOf(primitives, own) : walletOf(primitives, own).at(scope);
  if (!equal(first.id, owner)) return refuse('client-guardian.other-person');
  return ok(account === undefined ? first : first.withAccount(account));
}

/**
 * Binds a new account key to the patient's id, of a root that the lost device never had, and retires the old one. The wallet that comes back
 * signs from now on: write its key file, and set guardians anew, since the sealed roots lead to the old key. `connect`: the new key's way to a
 * hospital, which learns what became of it.
 */
export async function replaceAccountKey(
  session: Session,
  wallet: Wallet,
  connect: (next: Wallet) => Session,
): Promise<Result<Wallet>> {
  const { device, trust } = session;
  const { primitives } = device;
  const next = wallet.withAccount(device.random(ROOT_BYTES));
  const { publicKey: newKey, secretKey } = next.account;
  const digest = signingDigest(primitives, 'key-possession', possessionBytes(trust.chainId, wallet.id, newKey));
  const possession = primitives.sign(digest, secretKey);
  const sent = applied(await session.send('rotateKey', { newKey, possession }, { alsoBy: connect(next).api }));
  return sent.ok ? ok(next) : sent;
}

/** On the device of who acts: the keys that open the patient's records, and nothing that signs for the patient. */
export async function keysToAct(
  primitives: Primitives,
  released: Released,
  labels: readonly string[] = [],
): Promise<Result<DelegatingKeys>> {
  const roots = await openSealedRoots(primitives, released);
  if (!roots.ok) return roots;
  const { delegating } = roots.value;
  return delegating === undefined
    ? refuse('client-guardian.other-person')
    : ok(delegatingKeysOf(primitives, delegating, released.kit.owner, labels));
}
