import type { Address, Hash, Signature } from '../base/brand.ts';
import { compareBytes, equal, toHex } from '../base/bytes.ts';
import { signingDigest } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type KeyId, keyIdBytes } from '../crypto/envelope.ts';
import { openFragment } from '../crypto/grant-fragment.ts';
import type { Kfrag, Verified } from '../crypto/umbral/types.ts';
import { grantKeysOf } from '../ledger/grant-keys.ts';
import { fragmentReceiptBytes, fragmentsHashOf } from '../ledger/signed-words.ts';
import type { DutyBody } from './duty-wire.ts';
import type { Asker } from './fragment-keeper.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';

type Request = DutyBody<'storeFragments'>;

export interface StoredFragments {
  readonly fragmentsHash: Hash;
  readonly signature: Signature;
}

/** By category, then by epoch: the one order that needs no agreement. */
export const inKeyOrder = <T extends KeyId>(fragments: readonly T[]): readonly T[] =>
  [...fragments].sort((a, b) => compareBytes(keyIdBytes(a), keyIdBytes(b)));

/**
 * Keeping fragments of a grant, each opened and verified before the hospital signs for all of them. `from`: the hospital that sends them; null
 * for this hospital's own clients.
 */
export async function storeFragments(
  context: NodeContext,
  request: Request,
  from: Address | null,
): Promise<Result<StoredFragments>> {
  const { env, keeper, dutySecret, tip } = context;
  const { primitives, chainId } = env;
  const { grantId, patient, grantee } = request;
  const ordered = inKeyOrder(request.fragments);
  for (const [i, fragment] of ordered.entries()) {
    const checked = checkFragment(context, { grantId, patient, grantee }, fragment, ordered[i - 1]);
    if (!checked.ok) return checked;
  }
  const rows = ordered.map(({ fragmentId, fragment, ...keyId }) => ({
    keyId: keyIdBytes(keyId),
    fragmentId,
    fragment,
  }));
  const kept = await keeper.keep({ grantId, patient }, rows, tip().header.height, askerOf(from, patient));
  if (!kept.ok) return kept;
  const fragmentsHash = fragmentsHashOf(
    primitives,
    ordered.map(({ fragmentId }) => fragmentId),
  );
  const words = fragmentReceiptBytes(chainId, { grantId, fragmentsHash });
  const signature = primitives.sign(signingDigest(primitives, 'fragment-receipt', words), dutySecret);
  return ok({ fragmentsHash, signature });
}

/** Whose quota it is: another hospital fills no one's but its own; clients of this one share that of the patient they act for. */
const askerOf = (from: Address | null, patient: Address): Asker =>
  from === null
    ? { name: `patient:${toHex(patient)}`, pendingGrantsMax: NODE_LIMITS.pendingGrantsPerPatientMax }
    : { name: `hospital:${toHex(from)}`, pendingGrantsMax: NODE_LIMITS.pendingGrantsPerHospitalMax };

function checkFragment(
  context: NodeContext,
  grant: Pick<Request, 'grantId' | 'patient' | 'grantee'>,
  { fragmentId, fragment, category, epoch }: Request['fragments'][number],
  previous: KeyId | undefined,
): Result<null> {
  const keyId = { category, epoch };
  if (previous !== undefined && equal(keyIdBytes(previous), keyIdBytes(keyId))) return refuse('duty.fragment-foreign');
  const opened = openHeld(context, grant, { keyId, fragment });
  if (!opened.ok) return opened;
  return equal(opened.value.id, fragmentId) ? ok(null) : refuse('duty.fragment-foreign');
}

/** This hospital's fragment, where that patient made it for that grantee under a delegating key that the chain knows. */
export function openHeld(
  { env, hospital, dutySecret, state }: NodeContext,
  { grantId, patient, grantee }: Pick<Request, 'grantId' | 'patient' | 'grantee'>,
  { keyId, fragment }: { readonly keyId: KeyId; readonly fragment: Uint8Array },
): Result<Verified<Kfrag>> {
  const keys = grantKeysOf(state, { patient, grantee }, keyId);
  if (keys === undefined) return refuse('duty.fragment-foreign');
  const name = { chainId: env.chainId, grantId, holder: hospital, keyId };
  return openFragment(env.primitives, name, { fragment, dutySecret, keys });
}
