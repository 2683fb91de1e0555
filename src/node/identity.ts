import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { addressOf } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import type { LedgerEnv } from '../ledger/chain.ts';
import { createEnv, parseGenesis } from '../ledger/genesis.ts';
import { senderOf } from '../ledger/principal.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { hospitalIds, hospitals } from '../ledger/state/tables.ts';
import { peerIdOf } from '../network/peer-key.ts';
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

/**
 * Which of these keys is not the one of their hospital on chain: then keys.json is damaged, or was put together from two. Null where
 * all fit, and where nothing ties the keys to any hospital. The validator key is apart: a vote may rotate it, and without it a node follows.
 */
export function strayKeyOf(primitives: Primitives, state: StateReader, keys: HospitalKeys): StrayKey | null {
  const dutyKey = primitives.publicKeyOf(keys.duty);
  const peerId = peerIdOf(keys.peerSeed);
  const { hospital, known } = standingOf(primitives, state, keys);
  const ids = known ? [hospital] : (hospitalIds.get(state, 'all') ?? []);
  for (const id of ids) {
    const record = hospitals.get(state, toHex(id))?.record;
    if (record === undefined) continue;
    const fits = { account: known, duty: equal(record.dutyKey, dutyKey), peer: record.peerId === peerId };
    const stray = (['account', 'duty', 'peer'] as const).filter((key) => !fits[key]);
    if (stray.length > 0 && stray.length < 3) return stray[0] ?? null;
  }
  return null;
}
export type StrayKey = 'account' | 'duty' | 'peer';
