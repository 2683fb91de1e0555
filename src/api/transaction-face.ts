import { assert } from '../base/assert.ts';
import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { decode } from '../base/canonical.ts';
import { addressOf } from '../base/digest.ts';
import { LIMITS } from '../base/limits.ts';
import type { Primitives } from '../base/primitives.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { keyBindings } from '../ledger/state/tables.ts';

/** What a finalised transaction shows without its signature being verified again: a quorum did that. */
export interface TransactionFace {
  readonly id: Hash;
  readonly kind: string;
  readonly publicKey: PublicKey;
}

export function faceOf(primitives: Primitives, signed: Uint8Array): TransactionFace {
  const { unsigned } = read(signed) as { unsigned: Uint8Array };
  const { kind, publicKey } = read(unsigned) as { kind: string; publicKey: PublicKey };
  return { id: primitives.hash(unsigned), kind, publicKey };
}

function read(bytes: Uint8Array): unknown {
  const value = decode(bytes, LIMITS.transactionBytesMax);
  assert(value.ok, 'a finalised transaction is canonical');
  return value.value;
}

/** Whose transaction it was: the id that its key is bound to, also after a rotation; the key's own address where it never was. */
export function senderIdOf(primitives: Primitives, state: StateReader, publicKey: PublicKey): Address {
  const keyAddress = addressOf(primitives, publicKey);
  return (keyBindings.get(state, toHex(keyAddress))?.id as Address | undefined) ?? keyAddress;
}
