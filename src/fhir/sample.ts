import type {
  Bundle,
  CodeableConcept,
  Condition,
  Encounter,
  MedicationRequest,
  Observation,
  Patient,
  Practitioner,
  Resource,
} from 'fhir/r4.js';

/*
 * The project's own patient: made up, small and always the same, so that the main job runs with no data at hand. Resource ids
 * are UUIDs made by counting; nobody has these identifiers.
 */
export interface SampleOptions {
  /** 0 is patient A, 25 is patient Z. */
  readonly number?: number;
  /** Planted in the clinical note: a text that a later search must find on no disk and no wire. */
  readonly marker?: string;
}

const IDENTIFIER_SYSTEM = 'urn:carechain:sample';
const WHEN = '2024-03-14T09:30:00Z';

/** A `collection` Bundle of one patient's visit. */
export function samplePatientBundle({ number = 0, marker }: SampleOptions = {}): Bundle {
  const urn = (item: number): string => `urn:uuid:00000000-0000-4000-8000-${hex(number, 4)}${hex(item, 8)}`;
  const subject = { reference: urn(1) };
  const encounter = { reference: urn(3) };
  const resources = [
    patient(number),
    practitioner(),
    visit(subject, { reference: urn(2) }),
    condition(subject, encounter, marker),
    observation(subject, encounter),
    medicationRequest(subject, encounter, { requester: { reference: urn(2) }, reason: { reference: urn(4) } }),
  ] satisfies Resource[];
  return {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: WHEN,
    entry: resources.map((resource, index) => ({
      fullUrl: urn(index + 1),
      resource: { ...resource, id: urn(index + 1).slice('urn:uuid:'.length) },
    })),
  };
}

/** The bundle as a file. */
export const samplePatientText = (options?: SampleOptions): string =>
  `${JSON.stringify(samplePatientBundle(options), null, 2)}\n`;

interface Ref {
  readonly reference: string;
}

const patient = (number: number): Patient => ({
  resourceType: 'Patient',
  identifier: [
    {
      type: coded('http://terminology.hl7.org/CodeSystem/v2-0203', 'MR', 'Medical Record Number'),
      system: IDENTIFIER_SYSTEM,
      value: `sample-${number}`,
    },
  ],
  name: [{ text: `Synthetic Patient ${String.fromCharCode(65 + (number % 26))}` }],
  gender: 'unknown',
  birthDate: '1970-01-01',
});

const practitioner = (): Practitioner => ({
  resourceType: 'Practitioner',
  identifier: [{ system: IDENTIFIER_SYSTEM, value: 'practitioner-1' }],
  name: [{ text: 'Synthetic Practitioner A' }],
});

const visit = (subject: Ref, individual: Ref): Encounter => ({
  resourceType: 'Encounter',
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
  subject,
  participant: [{ individual }],
  period: { start: WHEN, end: '2024-03-14T10:00:00Z' },
});

const condition = (subject: Ref, encounter: Ref, marker: string | undefined): Condition => ({
  resourceType: 'Condition',
  clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active', 'Active'),
  verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed', 'Confirmed'),
  code: coded('http://snomed.info/sct', '38341003', 'Hypertensive disorder, systemic arterial'),
  subject,
  encounter,
  recordedDate: WHEN,
  note: [{ text: `Found at a routine visit.${marker === undefined ? '' : ` ${marker}`}` }],
});

const observation = (subject: Ref, encounter: Ref): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs', 'Vital Signs')],
  code: coded('http://loinc.org', '8480-6', 'Systolic blood pressure'),
  subject,
  encounter,
  effectiveDateTime: WHEN,
  valueQuantity: { value: 152, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
});

const medicationRequest = (
  subject: Ref,
  encounter: Ref,
  { requester, reason }: { readonly requester: Ref; readonly reason: Ref },
): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  status: 'active',
  intent: 'order',
  medicationCodeableConcept: coded(
    'http://www.nlm.nih.gov/research/umls/rxnorm',
    '314076',
    'lisinopril 10 MG Oral Tablet',
  ),
  subject,
  encounter,
  authoredOn: WHEN,
  requester,
  reasonReference: [reason],
  dosageInstruction: [{ text: 'One tablet a day' }],
});

const coded = (system: string, code: string, display: string): CodeableConcept => ({
  coding: [{ system, code, display }],
  text: display,
});

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');
