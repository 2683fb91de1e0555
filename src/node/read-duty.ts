import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { decodeEnvelope, keyIdBytes, verifyEnvelope } from '../crypto/envelope.ts';
import { answerRead as reencryptFor, shareHashOf } from '../crypto/read-share.ts';
import type { Capsule, Kfrag, Verified } from '../crypto/umbral/types.ts';
import { standingVersion } from '../ledger/record-version.ts';
import { fragmentsHashOf } from '../ledger/signed-words.ts';
import { evaluations, type GrantRow, type ReadRow, type RecordRow, reads } from '../ledger/state/tables.ts';
import type { NodeCode } from './codes.ts';
import type { Share } from './duty-wire.ts';
import { openHeld } from './fragment-duty.ts';
import type { KeptFragment } from './fragment-keeper.ts';
import type { NodeContext } from './node-context.ts';

/** An applied read that opens something still: it stands in the newest state, and not too many blocks ago. */
export function openRead({ state, tip, parameters }: NodeContext, readId: Hash): Result<ReadRow, NodeCode> {
  const read = reads.get(state, toHex(readId));
  if (read === undefined) return refuse('duty.read-unknown');
  const { height } = tip().header;
  const closesAt = read.height + parameters().readOpenHeights;
  return height <= closesAt ? ok(read) : refuse('duty.read-closed', { height, closesAt });
}

/** The record's row at the version that the read was allowed for, with the envelope that stood then. */
export function recordOfRead({ state }: NodeContext, read: ReadRow): Result<RecordRow, NodeCode> {
  const row = standingVersion(state, { record: toHex(read.record), version: read.version });
  if (row === undefined) return refuse('duty.record-unknown');
  return equal(row.envelopeHash, read.envelopeHash) ? ok(row) : refuse('duty.envelope-replaced');
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
  const read = openRead(context, readId);
  return read.ok ? makeShare(context, readId, read.value) : read;
}

/** The same without asking how long ago the read was: for as long as its evaluation takes answers and published shares (T-63). */
export async function makeShare(context: NodeContext, readId: Hash, read: ReadRow): Promise<Result<Share>> {
  const { env, hospital, dutySecret, keeper } = context;
  const grant = await standingGrant(context, read);
  if (!grant.ok) return grant;
  const holder = grant.value.holders.find((each) => equal(each.hospital, hospital));
  if (holder === undefined) return refuse('duty.not-holder');
  const capsule = await capsuleOfRead(context, read);
  if (!capsule.ok) return capsule;

  const held = await keeper.ofGrant(read.grantId);
  const fragmentIds = held.map(({ fragmentId }) => fragmentId);
  if (!equal(fragmentsHashOf(env.primitives, fragmentIds), holder.fragmentsHash))
    return refuse('duty.fragment-missing');
  const kfrag = heldFragment(context, read, held);
  if (!kfrag.ok) return kfrag;
  const { freshKey } = read;
  const name = { chainId: env.chainId, readId, holder: hospital, freshKey: freshKey as PublicKey };
  const share = ownShare(context, readId, (attempt) =>
    reencryptFor(env.primitives, name, { capsule: capsule.value, kfrag: kfrag.value, dutySecret, attempt }),
  );
  return share.ok ? ok({ fragmentIds, share: share.value }) : share;
}

/**
 * The attempt that this hospital has committed; before that, the first that nobody else has. Another holder can have taken at most one of
 * them each, by repeating a hash that it saw on its way into a block.
 */
function ownShare(
  { env, hospital, state }: NodeContext,
  readId: Hash,
  make: (attempt: number) => Result<Uint8Array>,
): Result<Uint8Array> {
  const answers = evaluations.get(state, toHex(readId))?.answers ?? [];
  const committed = answers.find((answer) => equal(answer.hospital, hospital))?.shareHash;
  const others = answers.filter((answer) => !equal(answer.hospital, hospital));
  for (let attempt = 0; attempt <= others.length; attempt++) {
    const share = make(attempt);
    if (!share.ok) return share;
    const hash = shareHashOf(env.primitives, share.value);
    if (committed === undefined ? !others.some((other) => equal(other.shareHash, hash)) : equal(committed, hash))
      return share;
  }
  return refuse('duty.share-unknown');
}

/** The capsule of the record that was read, where its author made it for that record: no other is ever re-encrypted. */
async function capsuleOfRead(context: NodeContext, read: ReadRow): Promise<Result<Verified<Capsule>>> {
  const { env, shelf } = context;
  const found = recordOfRead(context, read);
  if (!found.ok) return found;
  const row = found.value;
  const salted = await shelf.get(row.envelopeHash as Hash);
  if (salted === undefined) return refuse('duty.envelope-missing');
  const envelope = decodeEnvelope(env.primitives, salted.envelope);
  if (!envelope.ok) return envelope;
  const { recordId, version, keyId } = envelope.value;
  const fits =
    equal(recordId, read.record) &&
    version === read.version &&
    equal(keyId.category, row.category) &&
    keyId.epoch === row.epoch;
  if (!fits) return refuse('duty.envelope-foreign');
  return verifyEnvelope(env.primitives, { chainId: env.chainId, cid: row.cid }, envelope.value);
}

/** This hospital's fragment for the delegating key that the record is sealed to. */
function heldFragment(context: NodeContext, read: ReadRow, held: readonly KeptFragment[]): Result<Verified<Kfrag>> {
  const row = recordOfRead(context, read);
  if (!row.ok) return row;
  const keyId = { category: row.value.category, epoch: row.value.epoch };
  const found = held.find((each) => equal(each.keyId, keyIdBytes(keyId)));
  if (found === undefined || found.fragment === null) return refuse('duty.fragment-missing');
  const grant = { grantId: read.grantId, patient: read.owner as Address, grantee: read.reader as Address };
  return openHeld(context, grant, { keyId, fragment: found.fragment });
}
