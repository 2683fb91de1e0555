import type { Address, PublicKey } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { KeyId } from '../crypto/envelope.ts';
import type { GrantKeys } from '../crypto/umbral/types.ts';
import type { StateReader } from './state/table.ts';
import { delegatingEpochs, participants } from './state/tables.ts';

/** What fragments and shares of a grant are verified against, as the chain has it. Undefined where somebody or the key is unknown. */
export function grantKeysOf(
  state: StateReader,
  { patient, grantee }: { readonly patient: Address; readonly grantee: Address },
  { category, epoch }: KeyId,
): GrantKeys | undefined {
  const verifyingPk = participants.get(state, toHex(patient))?.signingKey as PublicKey | undefined;
  const receivingPk = participants.get(state, toHex(grantee))?.receivingKey as PublicKey | undefined;
  const delegatingPk = delegatingEpochs.get(state, toHex(patient), toHex(category), String(epoch));
  return verifyingPk && receivingPk && delegatingPk && { verifyingPk, delegatingPk, receivingPk };
}
