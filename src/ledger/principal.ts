import type { Address, Hash } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { type EntityUid, entity } from '../vm/index.ts';
import type { StateReader } from './state/table.ts';
import { hospitals, keyBindings, type Participant, participants } from './state/tables.ts';

/** The Cedar type of each role. Roles are types, so that policies can say `principal is Practitioner`. */
const TYPE_OF_ROLE = {
  patient: 'Patient',
  practitioner: 'Practitioner',
  administrator: 'Administrator',
  payer: 'Payer',
} as const;

export const participantUid = (participant: Participant, id: Address): EntityUid =>
  entity(TYPE_OF_ROLE[participant.role], toHex(id));
export const hospitalUid = (id: Address): EntityUid => entity('Hospital', toHex(id));
/** A key bound to no id. */
export const strangerUid = (keyAddress: Address | null): EntityUid =>
  entity('Stranger', keyAddress === null ? 'anonymous' : toHex(keyAddress));
/** The chain itself, as the resource of what concerns everyone. */
export const CONSORTIUM: EntityUid = entity('Consortium', 'consortium');
export const recordUid = (record: Uint8Array): EntityUid => entity('Record', toHex(record));
export const reviewUid = (read: Uint8Array): EntityUid => entity('Review', toHex(read));
export const readUid = (read: Hash): EntityUid => entity('Read', toHex(read));
export const guardianshipUid = (request: Uint8Array): EntityUid => entity('Guardianship', toHex(request));

/** The entity of an id: a person, a hospital, or nobody. */
export function uidOf(state: StateReader, id: Address): EntityUid | undefined {
  const participant = participants.get(state, toHex(id));
  if (participant !== undefined) return participantUid(participant, id);
  return hospitals.get(state, toHex(id)) === undefined ? undefined : hospitalUid(id);
}

export type Sender =
  | { readonly standing: 'bound'; readonly id: Address }
  | { readonly standing: 'retired' }
  | { readonly standing: 'stranger' };

/** Whose key this is (CHAIN.md, "Who"): a key bound to no id has no sender. */
export function senderOf(state: StateReader, keyAddress: Address): Sender {
  const binding = keyBindings.get(state, toHex(keyAddress));
  if (binding === undefined) return { standing: 'stranger' };
  return binding.retired ? { standing: 'retired' } : { standing: 'bound', id: binding.id as Address };
}

/** The hospital that pays from its allowance for a sender: a person's home, a hospital itself. */
export const sponsorOf = (state: StateReader, id: Address): Address => participants.get(state, toHex(id))?.home ?? id;
