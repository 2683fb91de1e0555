import type { AuditEvent, Bundle } from 'fhir/r4.js';
import { equal, toHex } from '../../base/bytes.ts';
import type { AuditLine } from '../../ledger/audit.ts';
import { recordReference, referenceTo } from '../references.ts';
import { coding, purposeCoding, SYSTEMS } from '../terms.ts';
import { instantOf } from '../times.ts';
import { BALP } from './audit-event.ts';
import {
  AGENT,
  type AuditSetting,
  dataEntity,
  partyAgent,
  patientEntity,
  personReference,
  serverAgent,
  sourceOf,
} from './audit-setting.ts';

/** 45 CFR 164.528(a)(1): the six years before the request. */
export const ACCOUNTING_YEARS = 6;

/** Why the rule would let a disclosure be left out; the list has it all the same. */
export type Exemption = 'to-the-individual' | 'treatment-payment-operations';

/** One disclosure, with the content that 45 CFR 164.528(b)(2) asks for. */
export interface Disclosure {
  /** (i) The date, as a FHIR instant. */
  readonly date: string;
  /** (ii) Who received it: address in hexadecimal, and the hospital he belongs to, where known. */
  readonly recipient: { readonly id: string; readonly hospital: string | null };
  /** (iii) What: the record, in hexadecimal. Which kind of record it is only the patient's device can say. */
  readonly record: string;
  /** (iv) Why: HL7 PurposeOfUse. */
  readonly purpose: string;
  /** The transaction that shows it. */
  readonly transaction: string;
  readonly exemption: Exemption | null;
}

const EXEMPT_PURPOSES: ReadonlySet<string> = new Set(['TREAT', 'ETREAT', 'BTG', 'HPAYMT', 'HOPERAT']);

/** The patient's reads by others and by himself, oldest first: the lines of his own trail, within six years of `nowMs`. */
export const disclosuresOf = (
  lines: readonly AuditLine[],
  patient: Uint8Array,
  nowMs: number,
  whoIs: AuditSetting['whoIs'],
): readonly Disclosure[] => disclosed(lines, patient, nowMs).map((line) => disclosureOf(line, whoIs));

function disclosed(lines: readonly AuditLine[], patient: Uint8Array, nowMs: number): readonly AuditLine[] {
  const from = sixYearsBefore(nowMs);
  return lines
    .filter(
      ({ kind, outcome, owner, record }) =>
        kind === 'readRecord' && outcome === 'applied' && owner !== null && record !== null,
    )
    .filter(
      ({ owner, timestampMs }) =>
        owner !== null && equal(owner, patient) && timestampMs >= from && timestampMs <= nowMs,
    )
    .sort((a, b) => a.height - b.height || a.index - b.index);
}

/** The same day and time of the year six years earlier; of a leap day, the day after. */
function sixYearsBefore(nowMs: number): number {
  const date = new Date(nowMs);
  return date.setUTCFullYear(date.getUTCFullYear() - ACCOUNTING_YEARS);
}

function disclosureOf(line: AuditLine, whoIs: AuditSetting['whoIs']): Disclosure {
  const id = toHex(line.sender);
  return {
    date: instantOf(line.timestampMs),
    recipient: { id, hospital: whoIs(id)?.home ?? null },
    record: toHex(line.record ?? new Uint8Array()),
    purpose: line.purpose ?? 'unknown',
    transaction: toHex(line.transactionId),
    exemption: exemptionOf(line),
  };
}

function exemptionOf({ owner, sender, purpose }: AuditLine): Exemption | null {
  if (owner !== null && equal(owner, sender)) return 'to-the-individual';
  return purpose !== null && EXEMPT_PURPOSES.has(purpose) ? 'treatment-payment-operations' : null;
}

/** Repeated disclosures to one recipient for one purpose, as 164.528(b)(3) lets them be told: the first, how many, the last. */
export interface RepeatedDisclosure extends Pick<Disclosure, 'recipient' | 'record' | 'purpose' | 'exemption'> {
  readonly first: string;
  readonly last: string;
  readonly count: number;
}

export function repeatedDisclosures(disclosures: readonly Disclosure[]): readonly RepeatedDisclosure[] {
  const groups = new Map<string, RepeatedDisclosure>();
  for (const { recipient, record, purpose, exemption, date } of disclosures) {
    const key = `${recipient.id} ${record} ${purpose}`;
    const group = groups.get(key) ?? { recipient, record, purpose, exemption, first: date, last: date, count: 0 };
    groups.set(key, { ...group, last: date, count: group.count + 1 });
  }
  return [...groups.values()];
}

/** The same accounting as AuditEvents of BALP's PrivacyDisclosure.Source: the patient's reads of his own are no disclosures. */
export function disclosureBundle(
  lines: readonly AuditLine[],
  patient: Uint8Array,
  nowMs: number,
  setting: AuditSetting,
): Bundle {
  const told = disclosed(lines, patient, nowMs).filter(({ sender }) => !equal(sender, patient));
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: instantOf(nowMs),
    // R4 knows no empty list.
    ...(told.length === 0 ? {} : { entry: told.map((line) => entryOf(line, setting)) }),
  };
}

const entryOf = (line: AuditLine, setting: AuditSetting) => ({
  fullUrl: `${setting.site.url}/AuditEvent/${toHex(line.transactionId)}`,
  resource: disclosureEvent(line, setting),
});

function disclosureEvent(line: AuditLine, setting: AuditSetting): AuditEvent {
  const owner = toHex(line.owner ?? new Uint8Array());
  const reader = toHex(line.sender);
  return {
    resourceType: 'AuditEvent',
    id: toHex(line.transactionId),
    meta: { profile: [`${BALP}PrivacyDisclosure.Source`] },
    type: coding(SYSTEMS.dicom, '110106', 'Export'),
    subtype: [
      coding(SYSTEMS.lifecycle, 'disclose', 'Disclose Record Lifecycle Event'),
      coding(SYSTEMS.restful, 'read', 'read'),
    ],
    action: 'R',
    recorded: instantOf(line.timestampMs),
    outcome: '0',
    ...(line.purpose === null ? {} : { purposeOfEvent: [{ coding: [purposeCoding(line.purpose)] }] }),
    agent: [
      serverAgent(AGENT.source, setting),
      {
        ...partyAgent(AGENT.destination, personReference(reader, setting)),
        requestor: true,
        network: { address: `urn:carechain:address:${reader}`, type: '5' },
      },
      // The grant is the patient's own.
      partyAgent(AGENT.patientAdvocate, referenceTo({ kind: 'patient', id: owner })),
    ],
    source: sourceOf(setting),
    entity: [patientEntity(owner), dataEntity(recordReference(toHex(line.record ?? new Uint8Array())))],
  };
}
