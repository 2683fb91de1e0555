import { defineCodes } from '../base/result.ts';

/** Why a file is not loaded as a FHIR R4 record. None repeats a word of the file. */
export const FHIR_CODES = defineCodes({
  'fhir-json.too-large': { status: 413, meaning: 'The file is larger than one record may be.' },
  'fhir-json.too-deep': { status: 400, meaning: 'The file nests deeper than the limit.' },
  'fhir-json.malformed': { status: 400, meaning: 'The file is not JSON.' },
  'fhir-bundle.not-a-bundle': { status: 422, meaning: 'The file is JSON, but no FHIR Bundle.' },
  'fhir-bundle.empty': { status: 422, meaning: 'The Bundle holds no resource.' },
  'fhir-bundle.too-many-entries': { status: 413, meaning: 'The Bundle holds more resources than the limit.' },
  'fhir-bundle.malformed-entry': { status: 422, meaning: 'An entry of the Bundle holds no resource with a type.' },
  'fhir-bundle.several-patients': { status: 422, meaning: 'The Bundle speaks of more than one patient.' },
  'fhir-bundle.no-subject': {
    status: 422,
    meaning: 'The Bundle is about no patient, and is no list of hospitals or practitioners.',
  },
  'fhir-bundle.no-identifier': {
    status: 422,
    meaning: 'The patient, hospital or practitioner has no identifier and no id.',
  },
});
export type FhirCode = keyof typeof FHIR_CODES;
