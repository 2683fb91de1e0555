import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Address, Hash, Signature } from '../base/brand.ts';
import { compareBytes, equal, toHex } from '../base/bytes.ts';
import { signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type KeyId, keyIdBytes } from '../crypto/envelope.ts';
import { openFragment } from '../crypto/grant-fragment.ts';
import type { GrantKeys, Kfrag, Verified } from '../crypto/umbral/types.ts';
import { granteeKeyOf } from '../ledger/grant-key.ts';
import { grantKeysOf, receiverOf } from '../ledger/grant-keys.ts';
import { fragmentReceiptBytes, fragmentsHashOf, type GrantedKeys, grantedKeysHashOf } from '../ledger/signed-words.ts';
import type { DutyBody } from './duty-wire.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import type { Asker } from './pending-grants.ts';

type Request = DutyBody<'storeFragments'>;

export interface StoredFragments {
  readonly fragmentsHash: Hash;
  readonly signature: Signature;
}

/** By category, then by epoch: the one order that needs no agreement. */
export const inKeyOrder = <T extends KeyId>(fragments: readonly T[]): readonly T[] =>
  [...fragments].sort((a, b) => compareBytes(keyIdBytes(a), keyIdBytes(b)));

/**
 * Keeping fragments of a grant, each opened and verified before the hospital signs for all of them. Verifying is dear: first comes whether they could be
 * kept at all. `from`: the hospital that sends them; null for this hospital's own clients.
 */
export async function storeFragments(
  context: NodeContext,
  request: Request,
  from: Address | null,
): Promise<Result<StoredFragments>> {
  const { env, keeper, dutySecret, tip, state } = context;
  const words = receiptWords(context, request);
  if (!words.ok) return words;
  const { fragmentsHash, bytes } = words.value;
  const { grantId, patient } = request;
  const ordered = inKeyOrder(request.fragments);
  // The chain knows the patient, the grantee and each key: else nothing of it could verify.
  if (ordered.some((keyId) => grantKeysOf(state, request, keyId) === undefined)) return refuse('duty.fragment-foreign');
  const rows = ordered.map(({ fragmentId, fragment, ...keyId }) => ({
    keyId: keyIdBytes(keyId),
    fragmentId,
    fragment,
  }));
  const grant = { grantId, patient, grantee: words.value.grantee };
  const asker = askerOf(from, patient);
  const looked = await keeper.look(grant, rows, asker);
  if (!looked.ok) return looked;
  const checked = await checkFragments(context, request, ordered);
  if (!checked.ok) return checked;
  const kept = await keeper.keep(grant, rows, tip().header.height, asker);
  if (!kept.ok) return kept;
  const signature = env.primitives.sign(signingDigest(env.primitives, 'fragment-receipt', bytes), dutySecret);
  return ok({ fragmentsHash, signature });
}

/** A few at a time: what else this node does waits no longer than those take. */
async function checkFragments(
  context: NodeContext,
  request: Request,
  ordered: Request['fragments'],
): Promise<Result<null>> {
  for (const [i, fragment] of ordered.entries()) {
    if (i > 0 && i % NODE_LIMITS.verifiedFragmentsAtOnce === 0) await nextTurn();
    const checked = checkFragment(context, request, fragment);
    if (!checked.ok) return checked;
  }
  return ok(null);
}

export interface ReceiptWords {
  /** `granteeKeyOf`: to whom they open. */
  readonly grantee: string;
  readonly fragmentsHash: Hash;
  /** To be signed under the tag `fragment-receipt`. */
  readonly bytes: Uint8Array;
}

/** What a holder of these fragments signs, as the ledger makes it from the grant: whoever passes them on expects the same. */
export function receiptWords(
  { env, state }: Pick<NodeContext, 'env' | 'state'>,
  { grantId, patient, grantee, fragments }: Request,
): Result<ReceiptWords> {
  const { primitives, chainId } = env;
  const ordered = inKeyOrder(fragments);
  const granted = grantedKeys(ordered);
  if (granted === undefined) return refuse('duty.fragment-gap');
  const ids = ordered.map(({ fragmentId }) => fragmentId);
  const fragmentsHash = fragmentsHashOf(primitives, ids);
  const keysHash = grantedKeysHashOf(primitives, granted);
  const receiver = receiverOf(state, grantee);
  if (receiver === undefined) return refuse('duty.fragment-foreign');
  const { grantee: named, deskKey } = receiver;
  const held = { grantId, patient, grantee: named, deskKey, keysHash, fragmentsHash };
  return ok({ grantee: granteeKeyOf(named), fragmentsHash, bytes: fragmentReceiptBytes(chainId, held) });
}

/** Key ids in order, as a grant names them: a run of epochs of each category. Undefined where an epoch is left out, or comes twice. */
function grantedKeys(ordered: readonly KeyId[]): GrantedKeys | undefined {
  const runs: GrantedKeys[number][] = [];
  for (const { category, epoch } of ordered) {
    const run = runs.at(-1);
    if (run === undefined || !equal(run.category, category)) runs.push({ category, epochFrom: epoch, epochTo: epoch });
    else if (epoch !== run.epochTo + 1) return undefined;
    else runs[runs.length - 1] = { ...run, epochTo: epoch };
  }
  return runs;
}

/** Whose quota it is: another hospital fills no one's but its own; clients of this one share that of the patient they act for. */
export const askerOf = (from: Address | null, patient: Address): Asker =>
  from === null
    ? { name: `patient:${toHex(patient)}`, pendingGrantsMax: NODE_LIMITS.pendingGrantsPerPatientMax }
    : { name: `hospital:${toHex(from)}`, pendingGrantsMax: NODE_LIMITS.pendingGrantsPerHospitalMax };

function checkFragment(
  context: NodeContext,
  grant: Pick<Request, 'grantId' | 'patient' | 'grantee'>,
  { fragmentId, fragment, category, epoch }: Request['fragments'][number],
): Result<null> {
  const keyId = { category, epoch };
  const keys = grantKeysOf(context.state, grant, keyId);
  const opened = openHeld(context, { grantId: grant.grantId, keys }, { keyId, fragment });
  if (!opened.ok) return opened;
  return equal(opened.value.id, fragmentId) ? ok(null) : refuse('duty.fragment-foreign');
}

/** This hospital's fragment, where it verifies under these keys of the chain: the patient's, the delegating one, whom it opens to. */
export function openHeld(
  { env, hospital, dutySecret }: NodeContext,
  { grantId, keys }: { readonly grantId: Uint8Array; readonly keys: GrantKeys | undefined },
  { keyId, fragment }: { readonly keyId: KeyId; readonly fragment: Uint8Array },
): Result<Verified<Kfrag>> {
  if (keys === undefined) return refuse('duty.fragment-foreign');
  const name = { chainId: env.chainId, grantId, holder: hospital, keyId };
  return openFragment(env.primitives, name, { fragment, dutySecret, keys });
}
