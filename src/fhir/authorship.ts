import { isMap, type JsonMap, listField, mapField, mapsField, textField } from './json.ts';
import { coding, SYSTEMS } from './terms.ts';

/** Elements in which R4's clinical resources say who made the statement. */
const AUTHORS = [
  'author',
  'performer',
  'recorder',
  'asserter',
  'informationSource',
  'source',
  'requester',
  'enterer',
] as const;
const PATIENTS = /^(Patient|RelatedPerson)\//;

/**
 * Whether a resource was entered by the patient, or for him by somebody close (F41): it says so in `meta.security`, or it names an author and every
 * one that it names is he. A reference that does not tell its type counts as a professional's. On chain the mark is the author's address.
 */
export function isPatientAuthored(resource: JsonMap): boolean {
  const tags = mapsField(mapField(resource, 'meta') ?? {}, 'security');
  const isMarked = tags.some(
    (tag) => textField(tag, 'system') === SYSTEMS.observationValue && textField(tag, 'code') === 'PATAST',
  );
  const authors = AUTHORS.flatMap((name) => referencesIn(resource, name));
  return isMarked || (authors.length > 0 && authors.every(isPatient));
}

/** The same resource with that mark; as it is, where it says so already. */
export function markPatientAuthored(resource: JsonMap): JsonMap {
  if (isPatientAuthored(resource)) return resource;
  const meta = mapField(resource, 'meta') ?? {};
  const mark = coding(SYSTEMS.observationValue, 'PATAST', 'patient asserted');
  return { ...resource, meta: { ...meta, security: [...listField(meta, 'security'), mark] } };
}

function referencesIn(resource: JsonMap, name: string): readonly JsonMap[] {
  const single = mapField(resource, name);
  return single === undefined ? listField(resource, name).filter(isMap) : [single];
}

const isPatient = (reference: JsonMap): boolean =>
  PATIENTS.test(textField(reference, 'reference') ?? '') ||
  ['Patient', 'RelatedPerson'].includes(textField(reference, 'type') ?? '');
