import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { addressOf } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import type { LedgerEnv } from '../ledger/chain.ts';
import { createEnv, parseGenesis } from '../ledger/genesis.ts';
import { senderOf } from '../ledger/principal.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { hospitals } from '../ledger/state/tables.ts';
import { NodeError } from './errors.ts';
import type { HospitalKeys } from './keys.ts';

/** The chain that a genesis file begins. Throws where the text is no genesis. */
export function openGenesis(primitives: Primitives, genesisText: string): LedgerEnv {
  const parsed = parseGenesis(primitives, genesisText);
  if (parsed.ok) return createEnv(primitives, parsed.value);
  const { code, detail } = parsed.rejection;
  throw new NodeError('node-file.malformed', { file: 'genesis.json', reason: code, ...detail });
}

/** The id of a hospital whose account key was never rotated: the address of that key. What a network is made with. */
export const hospitalOf = (primitives: Primitives, keys: HospitalKeys): Address =>
  addressOf(primitives, primitives.publicKeyOf(keys.account));

/** Whose keys these are on this chain, and whether its validator key is the one that votes are checked with. */
export function standingOf(
  primitives: Primitives,
  state: StateReader,
  keys: HospitalKeys,
): { readonly hospital: Address; readonly known: boolean; readonly validates: boolean } {
  const first = hospitalOf(primitives, keys);
  const sender = senderOf(state, first);
  const hospital = sender.standing === 'bound' ? sender.id : first;
  const record = hospitals.get(state, toHex(hospital))?.record;
  const voting = record?.validatorKey ?? null;
  const validates = voting !== null && equal(voting, primitives.publicKeyOf(keys.validator));
  return { hospital, known: record !== undefined, validates };
}
