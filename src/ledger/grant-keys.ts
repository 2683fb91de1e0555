import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import type { KeyId } from '../crypto/envelope.ts';
import type { GrantKeys } from '../crypto/umbral/types.ts';
import type { Grantee } from './families/payloads.ts';
import { desks, reviews } from './state/desk-tables.ts';
import type { StateReader } from './state/table.ts';
import { delegatingEpochs, participants, type ReadRow } from './state/tables.ts';

/** To whom fragments open: a person, or a hospital's emergency desk. An id is never both. */
export interface Receiver {
  readonly grantee: Grantee;
  readonly receivingKey: PublicKey;
  /** The same key, where it may be replaced: what receipts then name. */
  readonly deskKey?: PublicKey;
}

/** As the newest state has it. Undefined where nobody of this id has a receiving key. */
export function receiverOf(state: StateReader, address: Address): Receiver | undefined {
  const id = toHex(address);
  const person = participants.get(state, id);
  if (person !== undefined) return { grantee: { type: 'person', id }, receivingKey: person.receivingKey };
  const deskKey = desks.get(state, id)?.receivingKey;
  return deskKey && { grantee: { type: 'desk', id }, receivingKey: deskKey, deskKey };
}

/** What fragments of a grant are verified against, as the chain has it. Undefined where somebody or the key is unknown. */
export function grantKeysOf(
  state: StateReader,
  { patient, grantee }: { readonly patient: Address; readonly grantee: Address },
  keyId: KeyId,
): GrantKeys | undefined {
  return keysOf(state, patient, receiverOf(state, grantee)?.receivingKey, keyId);
}

/** What the shares of a read are verified against: a desk's key as it was then, since it may have been replaced. */
export function readKeysOf(state: StateReader, readId: Hash, read: ReadRow, keyId: KeyId): GrantKeys | undefined {
  const receivingPk =
    read.path === 'desk'
      ? reviews.get(state, toHex(readId))?.receivingKey
      : participants.get(state, toHex(read.reader))?.receivingKey;
  return keysOf(state, read.owner, receivingPk, keyId);
}

function keysOf(
  state: StateReader,
  patient: Address,
  receivingPk: PublicKey | undefined,
  { category, epoch }: KeyId,
): GrantKeys | undefined {
  const verifyingPk = participants.get(state, toHex(patient))?.signingKey as PublicKey | undefined;
  const delegatingPk = delegatingEpochs.get(state, toHex(patient), toHex(category), String(epoch));
  return verifyingPk && receivingPk && delegatingPk && { verifyingPk, delegatingPk, receivingPk };
}
