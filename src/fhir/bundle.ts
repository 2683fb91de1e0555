import type { FhirResource } from 'fhir/r4.js';
import { ok, type Result, refuse } from '../base/result.ts';
import { type BundleType, bundleEntries } from './bundle-entries.ts';
import type { FhirCode } from './codes.ts';
import { identifierOf } from './identifier.ts';
import { type JsonMap, parseBounded, textField, typeOf } from './json.ts';

export type BundleKind = 'patient' | 'hospitals' | 'practitioners';
type ResourceType = FhirResource['resourceType'];

/** What a loader needs to know of a Bundle, and no more. */
export interface RecognisedBundle {
  readonly kind: BundleKind;
  /** Whom it is about: one patient, or each hospital or practitioner of a list. */
  readonly members: readonly Member[];
  /** Resources by type. */
  readonly counts: ReadonlyMap<string, number>;
  readonly type: BundleType;
  /** References to resources of other files. */
  readonly unresolved: number;
}

export interface Member {
  /** `system|value`. It goes into a keyed hash and nowhere else: never on chain, in a log or in a message. */
  readonly identifier: string;
  /** A hospital's public name; a person's is not read. */
  readonly name: string | null;
}

const HOSPITALS: ReadonlySet<string> = new Set<ResourceType>(['Organization', 'Location']);
const PRACTITIONERS: ReadonlySet<string> = new Set<ResourceType>(['Practitioner', 'PractitionerRole']);

/** Which kind of FHIR R4 Bundle a file is, or why it is none that we load. */
export function recogniseBundle(text: string): Result<RecognisedBundle, FhirCode> {
  const parsed = parseBounded(text);
  if (!parsed.ok) return parsed;
  const read = bundleEntries(parsed.value);
  if (!read.ok) return read;
  const { type, entries, unresolved } = read.value;

  const resources = entries.map(({ resource }) => resource);
  const kind = kindOf(resources);
  if (!kind.ok) return kind;
  const members = membersOf(kind.value, resources);
  if (!members.ok) return members;
  return ok({ kind: kind.value, type, members: members.value, counts: countsOf(resources), unresolved });
}

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
