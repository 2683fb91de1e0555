import type { FhirResource } from 'fhir/r4.js';
import type { CodeEntry } from '../../base/result.ts';
import { operationOutcomeOf } from '../../fhir/index.ts';
import { bytes } from '../answers.ts';
import type { Call, Route } from '../route.ts';

/** The FHIR face stands below this path, and speaks FHIR in its refusals too. */
export const FHIR_PATH = '/fhir';
export const FHIR_TYPE = 'application/fhir+json';

/** Address of the face as the asker reached it: links lead back the same way. */
export const faceUrl = ({ origin }: Call): string => `${origin}${FHIR_PATH}`;

export const fhir = (resource: FhirResource) => bytes(`${FHIR_TYPE}; charset=utf-8`, JSON.stringify(resource));

/** R4's resources are described by R4: the OpenAPI document says which one. */
export const fhirAnswer = (resourceType: FhirResource['resourceType']): Route['answer'] => ({
  status: 200,
  contentType: FHIR_TYPE,
  schema: {
    type: 'object',
    properties: { resourceType: { type: 'string', const: resourceType } },
    required: ['resourceType'],
    externalDocs: { url: `https://hl7.org/fhir/R4/${resourceType.toLowerCase()}.html` },
  },
});

export const isBelowFhir = (url: string): boolean => url === FHIR_PATH || url.startsWith(`${FHIR_PATH}/`);

/** A refusal below the face: the same status and code as anywhere, in FHIR's words. */
export const fhirRefusal = (code: string, entry: CodeEntry): string => JSON.stringify(operationOutcomeOf(code, entry));
