import { randomBytes } from 'node:crypto';
import type { Address, Hash, PublicKey, Signature } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { openKeptShare, sealRelease } from '../crypto/guardian-boxes.ts';
import { decodeSealedRoots } from '../crypto/guardian-kit.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { guardianReceiptBytes } from '../ledger/signed-words.ts';
import { type Guardianship, guardianships } from '../ledger/state/guardian-tables.ts';
import type { NodeCode } from './codes.ts';
import type { DutyBody } from './duty-wire.ts';
import { askerOf } from './fragment-duty.ts';
import type { NodeContext } from './node-context.ts';

type StoreBody = DutyBody<'storeGuardianShare'>;
/** What these duties work with. */
export type GuardianContext = Pick<
  NodeContext,
  'env' | 'hospital' | 'dutySecret' | 'guardians' | 'tip' | 'state' | 'logger'
>;

/** What a hospital gives out for a request that has matured. */
export interface ReleasedShare {
  /** Sealed to the key that the request names. */
  readonly share: Uint8Array;
  readonly sealed: Uint8Array;
}

/** GU-8: keeps this hospital's half, where it can open its share, and signs that it does. `from`: null for this hospital's own clients. */
export async function storeGuardianShare(
  { env, hospital, dutySecret, guardians, tip }: GuardianContext,
  { owner, kit, sealed, share }: StoreBody,
  from: Address | null,
): Promise<Result<Signature>> {
  const { primitives, chainId } = env;
  const opened = openKeptShare(primitives, { chainId, owner, kit, hospital }, dutySecret, share);
  if (!opened.ok) return refuse('duty.guardian-share-foreign');
  if (!decodeSealedRoots(sealed).ok) return refuse('duty.guardian-share-foreign');
  const kept = await guardians.keep({ owner, kit }, { sealed, share }, tip().header.height, askerOf(from, owner));
  if (!kept.ok) return kept;
  const words = guardianReceiptBytes(primitives, chainId, { owner, kit, sealed, share });
  return ok(primitives.sign(signingDigest(primitives, 'guardian-receipt', words), dutySecret));
}

/**
 * GU-10: this hospital's share of a request that has matured at its own newest height. Whoever asks, it is sealed to the key that the request
 * names. It believes the chain alone, not the hospital that asks.
 */
export async function releaseGuardianShare(context: GuardianContext, request: Hash): Promise<Result<ReleasedShare>> {
  const { env, hospital, dutySecret, guardians, logger } = context;
  const { primitives, chainId } = env;
  const row = maturedRequest(context, request);
  if (!row.ok) return row;
  const owner = row.value.owner as Address;
  const kit = row.value.kit as Hash;
  const kept = await guardians.get({ owner, kit });
  if (kept === undefined) return refuse('duty.guardian-share-missing');
  const share = openKeptShare(primitives, { chainId, owner, kit, hospital }, dutySecret, kept.share);
  if (!share.ok) return share;
  const sealing = {
    recipient: row.value.key as PublicKey,
    entropy: new Uint8Array(randomBytes(SCALAR_ENTROPY_BYTES)),
  };
  const name = { chainId, request, side: 'hospital', holder: hospital } as const;
  const released = sealRelease(primitives, name, sealing, share.value);
  share.value.fill(0);
  if (!released.ok) return released;
  logger.info('guardian share released', { request: toHex(request) });
  return ok({ share: released.value, sealed: kept.sealed });
}

function maturedRequest({ state, tip }: GuardianContext, request: Hash): Result<Guardianship, NodeCode> {
  const row = guardianships.get(state, toHex(request));
  if (row === undefined) return refuse('duty.guardianship-unknown');
  if (row.status === 'vetoed' || row.status === 'ended') return refuse('duty.guardianship-ended');
  const isMatured = row.status === 'approved' && row.maturesMs !== null && row.maturesMs <= tip().header.timestampMs;
  return isMatured ? ok(row) : refuse('duty.guardianship-immature');
}
