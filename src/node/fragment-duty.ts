import type { Address, Hash, Signature } from '../base/brand.ts';
import { compareBytes, equal, toHex } from '../base/bytes.ts';
import { signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { readFragment } from '../crypto/grant-fragment.ts';
import { fragmentReceiptBytes, fragmentsHashOf } from '../ledger/signed-words.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { type RecordRow, records } from '../ledger/state/tables.ts';
import type { DutyBody } from './duty-wire.ts';
import type { Asker } from './fragment-keeper.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';

type Fragment = DutyBody<'storeFragments'>['fragments'][number];

export interface StoredFragments {
  readonly fragmentsHash: Hash;
  readonly signature: Signature;
}

/** Record order is byte order of the records' ids: the one order that needs no agreement. */
export const inRecordOrder = <T extends { readonly record: Uint8Array }>(fragments: readonly T[]): readonly T[] =>
  [...fragments].sort((a, b) => compareBytes(a.record, b.record));

/**
 * Keeping fragments of a grant, each verified before the hospital signs for all of them. `from`: the hospital that sends them; null for this
 * hospital's own clients.
 */
export async function storeFragments(
  context: NodeContext,
  { grantId, fragments }: DutyBody<'storeFragments'>,
  from: Address | null,
): Promise<Result<StoredFragments>> {
  const { env, keeper, dutySecret, state, tip } = context;
  const { primitives, chainId } = env;
  const ordered = inRecordOrder(fragments);
  for (const [i, fragment] of ordered.entries()) {
    const checked = checkFragment(context, grantId, fragment, ordered[i - 1]);
    if (!checked.ok) return checked;
  }
  const rows = ordered.map(({ record, fragmentId, fragment }) => ({ recordId: record, fragmentId, fragment }));
  const patient = records.get(state, toHex((ordered[0] as Fragment).record))?.owner as Address;
  const kept = await keeper.keep(grantId, rows, tip().header.height, askerOf(from, patient));
  if (!kept.ok) return kept;
  const fragmentsHash = fragmentsHashOf(
    primitives,
    ordered.map(({ fragmentId }) => fragmentId),
  );
  const digest = signingDigest(
    primitives,
    'fragment-receipt',
    fragmentReceiptBytes(chainId, { grantId, fragmentsHash }),
  );
  return ok({ fragmentsHash, signature: primitives.sign(digest, dutySecret) });
}

/** Whose quota it is: another hospital fills no one's but its own; clients of this one share that of the patient they act for. */
const askerOf = (from: Address | null, patient: Address): Asker =>
  from === null
    ? { name: `patient:${toHex(patient)}`, pendingGrantsMax: NODE_LIMITS.pendingGrantsPerPatientMax }
    : { name: `hospital:${toHex(from)}`, pendingGrantsMax: NODE_LIMITS.pendingGrantsPerHospitalMax };

function checkFragment(
  { env, state }: NodeContext,
  grantId: Uint8Array,
  { record, fragmentId, fragment }: Fragment,
  previous: Fragment | undefined,
): Result<null> {
  const row = records.get(state, toHex(record));
  if (row === undefined || row.status !== 'live') return refuse('duty.record-unknown');
  const known = readFragment(env.primitives, fragment, fragmentId);
  if (!known.ok) return known;
  const { chainId, recordId, version } = known.value;
  const bound =
    equal(chainId, env.chainId) &&
    equal(known.value.grantId, grantId) &&
    equal(recordId, record) &&
    version === row.version &&
    (previous === undefined || (!equal(previous.record, record) && sameOwner(state, previous.record, row)));
  return bound ? ok(null) : refuse('duty.fragment-foreign');
}

/** One patient issues a grant: it covers that patient's records only. */
function sameOwner(state: StateReader, recordId: Uint8Array, { owner }: RecordRow): boolean {
  const other = records.get(state, toHex(recordId));
  return other !== undefined && equal(other.owner, owner);
}
