import { randomBytes } from 'node:crypto';
import type { Hash, PublicKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { directDelegation } from '../crypto/direct-delegation.ts';
import { fragmentIdOf, readFragment } from '../crypto/grant-fragment.ts';
import { fragmentsHashOf } from '../ledger/signed-words.ts';
import { type GrantRow, type ReadRow, type RecordRow, reads, records, recordVersions } from '../ledger/state/tables.ts';
import type { NodeCode } from './codes.ts';
import type { Share } from './duty-wire.ts';
import type { NodeContext } from './node-context.ts';

const SHARE_ENTROPY_BYTES = 48;

/** An applied read that opens something still: it stands in the newest state, and not too many blocks ago. */
export function openRead({ state, tip, parameters }: NodeContext, readId: Hash): Result<ReadRow, NodeCode> {
  const read = reads.get(state, toHex(readId));
  if (read === undefined) return refuse('duty.read-unknown');
  const { height } = tip().header;
  const closesAt = read.height + parameters().readOpenHeights;
  return height <= closesAt ? ok(read) : refuse('duty.read-closed', { height, closesAt });
}

/** The record's row at the version that the read was allowed for. */
export function recordOfRead({ state }: NodeContext, read: ReadRow): RecordRow | undefined {
  const id = toHex(read.record);
  const newest = records.get(state, id);
  return newest?.version === read.version ? newest : recordVersions.get(state, id, String(read.version));
}

/** The grant behind a read, where it stands at this hospital's newest height. */
export async function standingGrant(context: NodeContext, read: ReadRow): Promise<Result<GrantRow, NodeCode>> {
  if (read.path !== 'grant') return refuse('duty.no-shares');
  const grant = await context.keeper.standing(read.grantId, read.record);
  if (grant === undefined || grant.expires <= context.tip().header.timestampMs) return refuse('duty.grant-ended');
  return ok(grant);
}

/**
 * This hospital's share of an applied read (PRIVACY.md, "A record", 5). It checks all by itself what the asking hospital has checked:
 * a holder answers the chain, not its peers.
 */
export async function answerRead(context: NodeContext, readId: Hash): Promise<Result<Share>> {
  const { env, hospital } = context;
  const read = openRead(context, readId);
  if (!read.ok) return read;
  const grant = await standingGrant(context, read.value);
  if (!grant.ok) return grant;
  const holder = grant.value.holders.find((each) => equal(each.hospital, hospital));
  if (holder === undefined) return refuse('duty.not-holder');
  const fragment = await heldFragment(context, read.value, holder.fragmentsHash as Hash);
  if (fragment === undefined) return refuse('duty.fragment-missing');
  const fragmentId = fragmentIdOf(env.primitives, fragment);
  const share = directDelegation(env.primitives).answerRead({
    fragment,
    fragmentId,
    readId,
    holder: hospital,
    freshKey: read.value.freshKey as PublicKey,
    entropy: new Uint8Array(randomBytes(SHARE_ENTROPY_BYTES)),
  });
  return share.ok ? ok({ fragmentId, share: share.value }) : share;
}

/** The fragment for the read's record and version, where all that this hospital holds is what the grant on chain names. */
async function heldFragment(
  { env, keeper }: NodeContext,
  read: ReadRow,
  fragmentsHash: Hash,
): Promise<Uint8Array | undefined> {
  const held = await keeper.ofGrant(read.grantId);
  const ids = held.map(({ fragmentId }) => fragmentId);
  if (!equal(fragmentsHashOf(env.primitives, ids), fragmentsHash)) return undefined;
  const found = held.find(({ recordId }) => equal(recordId, read.record));
  if (found === undefined || found.fragment === null) return undefined;
  const fragment = readFragment(env.primitives, found.fragment, found.fragmentId);
  return fragment.ok && fragment.value.version === read.version ? found.fragment : undefined;
}
