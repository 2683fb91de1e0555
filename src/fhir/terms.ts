import type { CodeableConcept, Coding } from 'fhir/r4.js';
import type { Purpose } from '../ledger/vocabulary.ts';

/** Code systems, each under its canonical address (HL7 terminology 5; DICOM; IHE BALP 1.1.4). */
export const SYSTEMS = {
  purpose: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  confidentiality: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality',
  /** Sensitivity of information is a part of it. */
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  participation: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  roleClass: 'http://terminology.hl7.org/CodeSystem/v3-RoleClass',
  observationValue: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  dataOperation: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
  consentScope: 'http://terminology.hl7.org/CodeSystem/consentscope',
  consentAction: 'http://terminology.hl7.org/CodeSystem/consentaction',
  auditEventType: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
  auditEntityType: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  objectRole: 'http://terminology.hl7.org/CodeSystem/object-role',
  sourceType: 'http://terminology.hl7.org/CodeSystem/security-source-type',
  securityRole: 'http://terminology.hl7.org/CodeSystem/extra-security-role-type',
  provenanceAgent: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  lifecycle: 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle',
  measurePopulation: 'http://terminology.hl7.org/CodeSystem/measure-population',
  restful: 'http://hl7.org/fhir/restful-interaction',
  resourceTypes: 'http://hl7.org/fhir/resource-types',
  dicom: 'http://dicom.nema.org/resources/ontology/DCM',
  snomed: 'http://snomed.info/sct',
  loinc: 'http://loinc.org',
  signatureType: 'urn:iso-astm:E1762-95:2013',
  authorization: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType',
} as const;

/** Names of our own: what stands on this chain has no other code. None of them is a web address that somebody else could own. */
export const OWN = {
  address: 'urn:carechain:address',
  role: 'urn:carechain:role',
  record: 'urn:carechain:record',
  category: 'urn:carechain:category',
  grant: 'urn:carechain:grant',
  request: 'urn:carechain:request',
  transaction: 'urn:carechain:transaction',
  transactionKind: 'urn:carechain:transaction-kind',
  measure: 'urn:carechain:measure:cell-counts',
  policy: 'urn:carechain:policy:consortium',
  /** Reads that a grant allows: a limit, so a reader that does not know it must not act on the rest (a modifier extension). */
  uses: 'urn:carechain:StructureDefinition:grant-uses',
} as const;

export const DATA_ABSENT = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason';

/** What people read beside each purpose of use (HL7 v3 ActReason's own words). */
const PURPOSE_DISPLAY: Readonly<Record<Purpose, string>> = {
  TREAT: 'treatment',
  ETREAT: 'Emergency Treatment',
  BTG: 'break the glass',
  HPAYMT: 'healthcare payment',
  HOPERAT: 'healthcare operations',
  HRESCH: 'healthcare research',
  FAMRQT: 'family requested',
  PATRQT: 'patient requested',
};

export const coding = (system: string, code: string, display?: string): Coding =>
  display === undefined ? { system, code } : { system, code, display };

export const concept = (system: string, code: string, display?: string): CodeableConcept => ({
  coding: [coding(system, code, display)],
});

/** A purpose that a newer chain knows and this file does not keeps its code, without words. */
export const purposeCoding = (purpose: string): Coding =>
  coding(
    SYSTEMS.purpose,
    purpose,
    Object.hasOwn(PURPOSE_DISPLAY, purpose) ? PURPOSE_DISPLAY[purpose as Purpose] : undefined,
  );
