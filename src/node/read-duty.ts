import type { Hash, PublicKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { decodeEnvelope, type KeyId, keyIdBytes, verifyEnvelope } from '../crypto/envelope.ts';
import { answerRead as reencryptFor, shareHashOf } from '../crypto/read-share.ts';
import type { Capsule, Verified } from '../crypto/umbral/types.ts';
import { readKeysOf } from '../ledger/grant-keys.ts';
import { standingVersion } from '../ledger/record-version.ts';
import { fragmentsHashOf } from '../ledger/signed-words.ts';
import { evaluations, type GrantRow, grants, type ReadRow, type RecordRow, reads } from '../ledger/state/tables.ts';
import type { ReadPath } from '../ledger/vocabulary.ts';
import type { NodeCode } from './codes.ts';
import type { Share } from './duty-wire.ts';
import { openHeld } from './fragment-duty.ts';
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

/** The paths that a grant's holders answer. */
const OPENED_BY_SHARES: ReadonlySet<ReadPath> = new Set(['grant', 'desk']);

/** The grant behind a read, where it stands at this hospital's newest height: its evaluation names the key under which it stood then. */
export function standingGrant(context: NodeContext, readId: Hash, read: ReadRow): Result<GrantRow, NodeCode> {
  if (!OPENED_BY_SHARES.has(read.path)) return refuse('duty.no-shares');
  const { state, tip } = context;
  const grantKey = evaluations.get(state, toHex(readId))?.grantKey;
  const grant = grantKey === undefined ? undefined : grants.get(state, toHex(read.owner), grantKey);
  const stands = grant !== undefined && equal(grant.grantId, read.grantId) && grant.expires > tip().header.timestampMs;
  return stands ? ok(grant) : refuse('duty.grant-ended');
}

/**
 * This hospital's share of an applied read (PRIVACY.md, "A record", 5). It checks all by itself what the asking hospital has checked:
 * a holder answers the chain, not its peers.
 */
export async function answerRead(context: NodeContext, readId: Hash): Promise<Result<Share>> {
  const read = openRead(context, readId);
  return read.ok ? makeShare(context, readId, read.value) : read;
}

/**
 * The same without asking how long ago the read was: for as long as its evaluation takes answers and published shares (T-63). Everything that may
 * have ended since is looked up first; only then does a share count that was made before.
 */
export async function makeShare(context: NodeContext, readId: Hash, read: ReadRow): Promise<Result<Share>> {
  const { env, hospital, keeper, shelf, shares } = context;
  const grant = standingGrant(context, readId, read);
  if (!grant.ok) return grant;
  const holder = grant.value.holders.find((each) => equal(each.hospital, hospital));
  if (holder === undefined) return refuse('duty.not-holder');
  const row = recordOfRead(context, read);
  if (!row.ok) return row;
  const stored = await shelf.get(row.value.envelopeHash as Hash);
  if (stored === undefined) return refuse('duty.envelope-missing');

  const held = await keeper.ofGrant(read.grantId);
  const fragmentIds = held.map(({ fragmentId }) => fragmentId);
  if (!equal(fragmentsHashOf(env.primitives, fragmentIds), holder.fragmentsHash))
    return refuse('duty.fragment-missing');
  const keyId = { category: row.value.category, epoch: row.value.epoch };
  const fragment = held.find((each) => equal(each.keyId, keyIdBytes(keyId)))?.fragment ?? null;
  if (fragment === null) return refuse('duty.fragment-missing');
  const material = { read, row: row.value, envelope: stored.envelope, keyId, fragment };
  const share = ownShare(context, readId, (attempt) =>
    shares.once(readId, attempt, () => freshShare(context, { readId, attempt }, material)),
  );
  return share.ok ? ok({ fragmentIds, share: share.value }) : share;
}

/** What a share is made from. */
interface Material {
  readonly read: ReadRow;
  /** Of the version that was read. */
  readonly row: RecordRow;
  readonly envelope: Uint8Array;
  /** Of the delegating key that the record is sealed to. */
  readonly keyId: KeyId;
  readonly fragment: Uint8Array;
}

function freshShare(
  context: NodeContext,
  { readId, attempt }: { readonly readId: Hash; readonly attempt: number },
  material: Material,
): Result<Uint8Array> {
  const { env, hospital, dutySecret } = context;
  const capsule = capsuleOfRead(context, material);
  if (!capsule.ok) return capsule;
  const { read, keyId, fragment } = material;
  const keys = readKeysOf(context.state, readId, read, keyId);
  const kfrag = openHeld(context, { grantId: read.grantId, keys }, { keyId, fragment });
  if (!kfrag.ok) return kfrag;
  const freshKey = read.freshKey as PublicKey;
  const name = { chainId: env.chainId, readId, holder: hospital, freshKey };
  return reencryptFor(env.primitives, name, { capsule: capsule.value, kfrag: kfrag.value, dutySecret, attempt });
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
function capsuleOfRead({ env }: NodeContext, { read, row, envelope: bytes }: Material): Result<Verified<Capsule>> {
  const envelope = decodeEnvelope(env.primitives, bytes);
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
