import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import {
  REASON_READERS_MAX,
  type ReasonReader,
  reasonEntropyBytes,
  type SealedReason,
  sealReason,
} from '../crypto/break-glass-reason.ts';
import { participants } from '../ledger/state/tables.ts';
import type { OpenDesk } from './desk.ts';
import { activeHospitals } from './grant.ts';
import { provenRow } from './proven.ts';
import { type OpenedRecord, readRecord } from './read-record.ts';
import type { Session } from './session.ts';
import type { Wallet } from './wallet.ts';

/** What a read for break-glass brings beside the record. */
export interface Emergency {
  /** The reader's own hospital's, opened by its staff. */
  readonly desk: OpenDesk;
  /** Whose record it is: the reason is sealed to that patient. */
  readonly owner: Address;
  /** For the patient and those who review; at most `REASON_BYTES_MAX` in UTF-8. */
  readonly reason: string;
}

/**
 * Reads a record at an emergency desk that its patient chose (F50): the shares open to the desk's secret, not to the reader's. The patient is
 * alerted by the same block, and another hospital reviews it.
 */
export const breakGlass = (
  session: Session,
  wallet: Wallet,
  { record, ...emergency }: Emergency & { readonly record: Uint8Array },
): Promise<Result<OpenedRecord>> => readRecord(session, wallet, { record, purpose: 'BTG', emergency });

/** To the patient, and to hospitals that may review: never to the desk's own. Whose keys these are, the chain proves. */
export async function sealedReason(
  session: Session,
  record: Uint8Array,
  { desk, owner, reason }: Emergency,
): Promise<Result<SealedReason>> {
  const { device, trust, account } = session;
  const patient = await provenRow(session, participants, toHex(owner));
  if (!patient.ok) return patient;
  if (patient.value === undefined) return refuse('client-desk.patient-unknown');
  const hospitals = await activeHospitals(session);
  if (!hospitals.ok) return hospitals;
  const others = hospitals.value
    .filter(({ hospital }) => !equal(hospital, desk.hospital))
    .map(({ hospital, dutyKey }) => ({ id: hospital, key: dutyKey }));
  if (others.length === 0) return refuse('client-desk.no-reviewer');
  const readers: readonly ReasonReader[] = [
    { id: owner, key: patient.value.receivingKey },
    ...some(others, REASON_READERS_MAX - 1, device.random(1)[0] as number),
  ];
  const name = { chainId: trust.chainId, record, owner, reader: account.id };
  const entropy = device.random(reasonEntropyBytes(readers.length));
  const sealed = sealReason(device.primitives, name, { text: reason, readers, entropy });
  return sealed.ok ? ok(sealed.value) : sealed;
}

/** At most `most` of them, from somewhere on: in a large consortium not always the same ones review. */
const some = <T>(all: readonly T[], most: number, from: number): readonly T[] => {
  const start = from % all.length;
  return [...all.slice(start), ...all.slice(0, start)].slice(0, most);
};
