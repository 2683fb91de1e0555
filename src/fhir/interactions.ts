/** One kind of resource that the FHIR face serves. The statement of capabilities and the API's routes are both made from this list. */
export interface Served {
  readonly type: 'AuditEvent' | 'Consent' | 'DocumentReference' | 'Provenance';
  readonly interactions: readonly ('read' | 'vread' | 'search-type')[];
  /** A search names its patient: a server that answers for nobody in particular would answer for everybody. */
  readonly search: readonly SearchParameter[];
  readonly profiles: readonly string[];
  readonly operations?: readonly Operation[];
  readonly says: string;
}

/** An operation on the type: `AuditEvent/$disclosures`. */
export interface Operation {
  readonly name: string;
  readonly definition: string;
  readonly says: string;
}

export interface SearchParameter {
  readonly name: string;
  readonly type: 'reference' | 'date' | 'token' | 'number' | 'string';
  readonly says: string;
}

const BALP = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';
const PCF = 'https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.';
const PATIENT: SearchParameter = { name: 'patient', type: 'reference', says: 'required: Patient/ and the address' };
const PAGE: readonly SearchParameter[] = [
  { name: '_count', type: 'number', says: 'resources on a page, at most 100' },
  { name: '_after', type: 'string', says: 'the place behind which the page begins, from a next link' },
];

export const INTERACTIONS: readonly Served[] = [
  {
    type: 'AuditEvent',
    interactions: ['search-type'],
    search: [PATIENT, { name: 'date', type: 'date', says: 'from and to' }, ...PAGE],
    profiles: ['PatientCreate', 'PatientRead', 'PatientUpdate', 'PatientDelete', 'PrivacyDisclosure.Source'].map(
      (name) => `${BALP}${name}`,
    ),
    operations: [
      {
        name: 'disclosures',
        definition: 'urn:carechain:OperationDefinition:disclosures',
        says: 'The accounting of disclosures of six years (45 CFR 164.528); patient as in the search.',
      },
    ],
    says: 'The trail of a patient, or of the one who asks: attempts and decisions, as much of each as the asker may know.',
  },
  {
    type: 'Consent',
    interactions: ['read', 'search-type'],
    search: [PATIENT, { name: 'status', type: 'token', says: 'active or inactive' }, ...PAGE],
    profiles: [`${PCF}consentIntermediate`, `${PCF}consentAdvanced`],
    says: 'Grants of a patient. They are written by signed transactions and not here.',
  },
  {
    type: 'DocumentReference',
    interactions: ['read', 'vread', 'search-type'],
    search: [PATIENT, ...PAGE],
    profiles: [],
    says: 'Index entries of records. The records are ciphertext, opened by a device after an applied read.',
  },
  {
    type: 'Provenance',
    interactions: ['search-type'],
    search: [{ name: 'target', type: 'reference', says: 'required: DocumentReference/ and the record' }, ...PAGE],
    profiles: [],
    says: 'Who wrote which version of a record, and by which transaction.',
  },
];

export interface FhirRoute {
  readonly method: 'GET';
  /** Below the FHIR face, with `:id` and `:version`. */
  readonly path: string;
  readonly type: Served['type'] | 'CapabilityStatement';
  readonly interaction: 'read' | 'vread' | 'search-type' | 'capabilities' | 'operation';
}

const PATHS = { read: '/:id', vread: '/:id/_history/:version', 'search-type': '' } as const;

/** The routes of the list, and the statement's own. */
export const FHIR_ROUTES: readonly FhirRoute[] = [
  { method: 'GET', path: '/metadata', type: 'CapabilityStatement', interaction: 'capabilities' },
  ...INTERACTIONS.flatMap(({ type, interactions, operations = [] }): readonly FhirRoute[] => [
    ...operations.map(
      ({ name }) => ({ method: 'GET', path: `/${type}/$${name}`, type, interaction: 'operation' }) as const,
    ),
    ...interactions.map(
      (interaction) => ({ method: 'GET', path: `/${type}${PATHS[interaction]}`, type, interaction }) as const,
    ),
  ]),
];
