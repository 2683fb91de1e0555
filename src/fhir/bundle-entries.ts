import { ok, type Result, refuse } from '../base/result.ts';
import type { FhirCode } from './codes.ts';
import { field, isMap, type JsonMap, listField, mapField, textField, typeOf } from './json.ts';
import { FHIR_LIMITS } from './limits.ts';

export type BundleType = 'transaction' | 'batch' | 'collection' | 'document';

/** A Bundle's resources in their order, as they stand: nothing is added, and no reference is followed. */
export interface BundleEntries {
  readonly type: BundleType;
  readonly entries: readonly BundleEntry[];
  /** `urn:uuid` references to no entry: the resource is in another file, such as a list of hospitals. */
  readonly unresolved: number;
}
export interface BundleEntry {
  /** '' where the entry has none. */
  readonly fullUrl: string;
  readonly resource: JsonMap;
}

/** What a file to be loaded may be: not a page of a search, a history or a message, of which each is a part of something else. */
const TYPES: readonly string[] = ['transaction', 'batch', 'collection', 'document'] satisfies BundleType[];
/** What an entry of a transaction or batch may ask for: to store its resource. */
const METHODS: readonly (string | undefined)[] = ['POST', 'PUT'];
const RESOURCE_TYPE = /^[A-Z][A-Za-z]{1,63}$/;

/** Reads a parsed Bundle (R4, 2.36). */
export function bundleEntries(value: unknown): Result<BundleEntries, FhirCode> {
  if (!isMap(value) || typeOf(value) !== 'Bundle') return refuse('fhir-bundle.not-a-bundle');
  const type = textField(value, 'type') ?? '';
  if (!TYPES.includes(type)) return refuse('fhir-bundle.type');
  const listed = listField(value, 'entry');
  if (listed.length === 0) return refuse('fhir-bundle.empty');
  if (listed.length > FHIR_LIMITS.entriesMax)
    return refuse('fhir-bundle.too-many-entries', { entriesMax: FHIR_LIMITS.entriesMax });
  const entries: BundleEntry[] = [];
  const addresses = new Set<string>();
  for (const [index, entry] of listed.entries()) {
    const read = readEntry(entry, type as BundleType, index);
    if (!read.ok) return read;
    const { fullUrl } = read.value;
    if (fullUrl !== '' && addresses.has(fullUrl)) return refuse('fhir-bundle.duplicate-entry', { index });
    addresses.add(fullUrl);
    entries.push(read.value);
  }
  if (type === 'document' && typeOf(entries[0]?.resource ?? {}) !== 'Composition')
    return refuse('fhir-bundle.no-composition');
  return ok({ type: type as BundleType, entries, unresolved: unresolvedIn(entries, addresses) });
}

function readEntry(entry: unknown, type: BundleType, index: number): Result<BundleEntry, FhirCode> {
  const resource = isMap(entry) ? field(entry, 'resource') : undefined;
  if (!isMap(entry) || !isMap(resource) || !RESOURCE_TYPE.test(typeOf(resource)))
    return refuse('fhir-bundle.malformed-entry', { index });
  if (type === 'transaction' || type === 'batch') {
    const method = textField(mapField(entry, 'request') ?? {}, 'method');
    if (!METHODS.includes(method)) return refuse('fhir-bundle.request', { index });
  }
  return ok({ fullUrl: textField(entry, 'fullUrl') ?? '', resource });
}

/** Counted without recursion, as deep as the file goes. */
function unresolvedIn(entries: readonly BundleEntry[], addresses: ReadonlySet<string>): number {
  let unresolved = 0;
  const waiting: unknown[] = entries.map(({ resource }) => resource);
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (isMap(node)) {
      const reference = textField(node, 'reference');
      if (reference?.startsWith('urn:uuid:') && !addresses.has(reference)) unresolved += 1;
    }
    if (typeof node === 'object' && node !== null)
      for (const child of Object.values(node)) if (typeof child === 'object') waiting.push(child);
  }
  return unresolved;
}
