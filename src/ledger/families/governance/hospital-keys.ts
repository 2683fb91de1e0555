import type { Address, PublicKey } from '../../../base/brand.ts';
import { toHex } from '../../../base/bytes.ts';
import { addressOf } from '../../../base/digest.ts';
import type { Primitives } from '../../../base/primitives.ts';
import type { StateReader, StateWriter } from '../../state/table.ts';
import { hospitalKeys, keyBindings } from '../../state/tables.ts';

export type KeyUse = 'account' | 'validator' | 'duty';

const rowKey = (primitives: Primitives, key: PublicKey): string => toHex(addressOf(primitives, key));

/** That the key is nobody's: no account, and no key of a hospital, of today or of the past. */
export function isKeyFree(primitives: Primitives, state: StateReader, key: PublicKey): boolean {
  const address = rowKey(primitives, key);
  return keyBindings.get(state, address) === undefined && hospitalKeys.get(state, address) === undefined;
}

export const bindKey = (
  primitives: Primitives,
  state: StateWriter,
  key: PublicKey,
  hospital: Address,
  use: KeyUse,
): void => hospitalKeys.set(state, { hospital, use, retired: false }, rowKey(primitives, key));

/** The row stays, so that the key comes back under no hospital, its own included. */
export const retireKey = (
  primitives: Primitives,
  state: StateWriter,
  key: PublicKey,
  hospital: Address,
  use: KeyUse,
): void => hospitalKeys.set(state, { hospital, use, retired: true }, rowKey(primitives, key));

/** For keys of a hospital that never came to be. */
export const releaseKey = (primitives: Primitives, state: StateWriter, key: PublicKey): void =>
  hospitalKeys.delete(state, rowKey(primitives, key));
