import type { Hash, Signature } from '../base/brand.ts';
import { compareBytes, equal, toHex } from '../base/bytes.ts';
import { signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { readFragment } from '../crypto/grant-fragment.ts';
import { fragmentReceiptBytes, fragmentsHashOf } from '../ledger/signed-words.ts';
import { records } from '../ledger/state/tables.ts';
import type { DutyBody } from './duty-wire.ts';
import type { NodeContext } from './node-context.ts';

type Fragment = DutyBody<'storeFragments'>['fragments'][number];

export interface StoredFragments {
  readonly fragmentsHash: Hash;
  readonly signature: Signature;
}

/** Record order is byte order of the records' ids: the one order that needs no agreement. */
export const inRecordOrder = <T extends { readonly record: Uint8Array }>(fragments: readonly T[]): readonly T[] =>
  [...fragments].sort((a, b) => compareBytes(a.record, b.record));

/** Keeping fragments of a grant, each verified before the hospital signs for all of them. */
export async function storeFragments(
  context: NodeContext,
  { grantId, fragments }: DutyBody<'storeFragments'>,
): Promise<Result<StoredFragments>> {
  const { env, keeper, dutySecret, tip } = context;
  const { primitives, chainId } = env;
  const ordered = inRecordOrder(fragments);
  for (const [i, fragment] of ordered.entries()) {
    const checked = checkFragment(context, grantId, fragment, ordered[i - 1]);
    if (!checked.ok) return checked;
  }
  const rows = ordered.map(({ record, fragmentId, fragment }) => ({ recordId: record, fragmentId, fragment }));
  const kept = await keeper.keep(grantId, rows, tip().header.height);
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
    (previous === undefined || !equal(previous.record, record));
  return bound ? ok(null) : refuse('duty.fragment-foreign');
}
