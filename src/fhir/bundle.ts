import type { Bundle, FhirResource } from 'fhir/r4.js';
import { ok, type Result, refuse } from '../base/result.ts';
import type { FhirCode } from './codes.ts';
import { identifierOf } from './identifier.ts';
import { field, isMap, type JsonMap, listField, parseBounded, textField } from './json.ts';
import { FHIR_LIMITS } from './limits.ts';

export type BundleKind = 'patient' | 'hospitals' | 'practitioners';
type ResourceType = FhirResource['resourceType'];

/** What a loader needs to know of a Bundle, and no more. */
export interface RecognisedBundle {
  readonly kind: BundleKind;
  /** Whom it is about: one patient, or each hospital or practitioner of a list. */
  readonly members: readonly Member[];
  /** Resources by type. */
  readonly counts: ReadonlyMap<string, number>;
}

export interface Member {
  /** `system|value`. It goes into a keyed hash and nowhere else: never on chain, in a log or in a message. */
  readonly identifier: string;
  /** A hospital's public name; a person's is not read. */
  readonly name: string | null;
}

const HOSPITALS: ReadonlySet<string> = new Set<ResourceType>(['Organization', 'Location']);
const PRACTITIONERS: ReadonlySet<string> = new Set<ResourceType>(['Practitioner', 'PractitionerRole']);
const BUNDLE: Bundle['resourceType'] = 'Bundle';

/** Which kind of FHIR R4 Bundle a file is, or why it is none that we load. */
export function recogniseBundle(text: string): Result<RecognisedBundle, FhirCode> {
  const parsed = parseBounded(text);
  if (!parsed.ok) return parsed;
  const resources = resourcesOf(parsed.value);
  if (!resources.ok) return resources;

  const kind = kindOf(resources.value);
  if (!kind.ok) return kind;
  const members = membersOf(kind.value, resources.value);
  return members.ok ? ok({ kind: kind.value, members: members.value, counts: countsOf(resources.value) }) : members;
}

function resourcesOf(value: unknown): Result<readonly JsonMap[], FhirCode> {
  if (!isMap(value) || field(value, 'resourceType') !== BUNDLE) return refuse('fhir-bundle.not-a-bundle');
  const entries = listField(value, 'entry');
  if (entries.length === 0) return refuse('fhir-bundle.empty');
  if (entries.length > FHIR_LIMITS.entriesMax)
    return refuse('fhir-bundle.too-many-entries', { entriesMax: FHIR_LIMITS.entriesMax });
  const resources: JsonMap[] = [];
  for (const [index, entry] of entries.entries()) {
    const resource = isMap(entry) ? field(entry, 'resource') : undefined;
    if (!isMap(resource) || textField(resource, 'resourceType') === undefined)
      return refuse('fhir-bundle.malformed-entry', { index });
    resources.push(resource);
  }
  return ok(resources);
}

const typeOf = (resource: JsonMap): string => textField(resource, 'resourceType') ?? '';

function kindOf(resources: readonly JsonMap[]): Result<BundleKind, FhirCode> {
  const patients = resources.filter((resource) => typeOf(resource) === 'Patient').length;
  if (patients > 1) return refuse('fhir-bundle.several-patients', { patients });
  if (patients === 1) return ok('patient');
  if (resources.every((resource) => HOSPITALS.has(typeOf(resource)))) return ok('hospitals');
  if (resources.every((resource) => PRACTITIONERS.has(typeOf(resource)))) return ok('practitioners');
  return refuse('fhir-bundle.no-subject');
}

const MEMBER_TYPE: Readonly<Record<BundleKind, ResourceType>> = {
  patient: 'Patient',
  hospitals: 'Organization',
  practitioners: 'Practitioner',
};

function membersOf(kind: BundleKind, resources: readonly JsonMap[]): Result<readonly Member[], FhirCode> {
  const members: Member[] = [];
  for (const resource of resources) {
    if (typeOf(resource) !== MEMBER_TYPE[kind]) continue;
    const identifier = identifierOf(resource);
    if (identifier === undefined) return refuse('fhir-bundle.no-identifier');
    members.push({ identifier, name: kind === 'hospitals' ? (textField(resource, 'name') ?? null) : null });
  }
  return members.length === 0 ? refuse('fhir-bundle.no-subject') : ok(members);
}

function countsOf(resources: readonly JsonMap[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const resource of resources) counts.set(typeOf(resource), (counts.get(typeOf(resource)) ?? 0) + 1);
  return counts;
}
