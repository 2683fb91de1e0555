import type { Reference } from 'fhir/r4.js';
import type { Role } from '../ledger/vocabulary.ts';
import { OWN } from './terms.ts';

/** Somebody on this chain, as FHIR speaks of him. */
export interface Party {
  /** Hexadecimal address. */
  readonly id: string;
  readonly kind: 'patient' | 'practitioner' | 'related-person' | 'hospital' | 'insurer';
}

const TYPES: Readonly<Record<Party['kind'], string>> = {
  patient: 'Patient',
  practitioner: 'Practitioner',
  'related-person': 'RelatedPerson',
  hospital: 'Organization',
  insurer: 'Organization',
};

/** A person's reference carries the address twice: as the id under which this server answers, and as an identifier that others keep. */
export const referenceTo = ({ id, kind }: Party): Reference => ({
  reference: `${TYPES[kind]}/${id}`,
  type: TYPES[kind],
  identifier: { system: OWN.address, value: id },
});

/** Everybody in a role is no resource here: a logical reference. */
export const referenceToRole = (role: string): Reference => ({
  type: 'Group',
  identifier: { system: OWN.role, value: role },
});

export const recordReference = (record: string, version?: number): Reference => ({
  reference: version === undefined ? `DocumentReference/${record}` : `DocumentReference/${record}/_history/${version}`,
  type: 'DocumentReference',
});

/** An administrator reads nothing as such; where one appears as a person, FHIR's nearest word is practitioner. */
export const kindOfRole = (role: Role): Party['kind'] =>
  role === 'patient' ? 'patient' : role === 'payer' ? 'insurer' : 'practitioner';
