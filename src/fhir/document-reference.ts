import type { Coding, DocumentReference } from 'fhir/r4.js';
import type { Label } from './consent/types.ts';
import { type Party, recordReference, referenceTo } from './references.ts';
import { coding, concept, DATA_ABSENT, OWN, SYSTEMS } from './terms.ts';
import { instantOf } from './times.ts';

/** A version of a record as the chain's index has it. Ids in hexadecimal. */
export interface RecordSource {
  readonly record: string;
  /** From 1. */
  readonly version: number;
  readonly owner: string;
  readonly author: Party;
  readonly status: 'live' | 'shredded';
  /** The ciphertext's content id, in its text form. */
  readonly cid: string;
  readonly ciphertextBytes: number;
  /** Block time of this version, ms. */
  readonly recordedMs: number;
  /** For an audience that may know them. */
  readonly category?: string;
  readonly label?: Label;
}

/** FHIR's `unsignedInt` ends here; a longer ciphertext's length is left out rather than told wrong. */
const UNSIGNED_INT_MAX = 2_147_483_647;

/**
 * A record's index entry (F23) as a FHIR DocumentReference. What kind of document it is stands in the ciphertext: the chain does not know, so
 * the resource does not say.
 */
export function documentReferenceOf(source: RecordSource): DocumentReference {
  const { record, version, owner, author, status, label, category } = source;
  const security = [provenanceTag(source), ...(label === undefined ? [] : [coding(SYSTEMS.confidentiality, label)])];
  return {
    resourceType: 'DocumentReference',
    id: record,
    meta: { versionId: String(version), lastUpdated: instantOf(source.recordedMs), security },
    masterIdentifier: { system: OWN.record, value: record },
    status: status === 'live' ? 'current' : 'superseded',
    ...(category === undefined ? {} : { category: [concept(OWN.category, category)] }),
    subject: referenceTo({ kind: 'patient', id: owner }),
    date: instantOf(source.recordedMs),
    author: [referenceTo(author)],
    ...(version > 1 ? { relatesTo: [{ code: 'replaces', target: recordReference(record, version - 1) }] } : {}),
    ...(label === undefined ? {} : { securityLabel: [concept(SYSTEMS.confidentiality, label)] }),
    content: [{ attachment: status === 'live' ? attachmentOf(source) : ERASED }],
  };
}

/** The ciphertext: its type says that nobody without a key can say more. Its SHA-256 is in the content id; FHIR's `hash` would be SHA-1. */
const attachmentOf = ({
  cid,
  ciphertextBytes,
  recordedMs,
}: RecordSource): DocumentReference['content'][number]['attachment'] => ({
  contentType: 'application/octet-stream',
  url: `ipfs://${cid}`,
  ...(ciphertextBytes <= UNSIGNED_INT_MAX ? { size: ciphertextBytes } : {}),
  creation: instantOf(recordedMs),
});

/** A tombstone stays where a record was shredded (F47). */
const ERASED = { extension: [{ url: DATA_ABSENT, valueCode: 'not-applicable' }] };

/** HL7 v3 ObservationValue, who asserts it: a patient's own entries stay marked as such (F41). */
export const provenanceTag = ({ owner, author }: Pick<RecordSource, 'owner' | 'author'>): Coding =>
  author.id === owner
    ? coding(SYSTEMS.observationValue, 'PATAST', 'patient asserted')
    : coding(SYSTEMS.observationValue, 'CLINAST', 'clinician asserted');
