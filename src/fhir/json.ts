import { ok, type Result, refuse } from '../base/result.ts';
import type { FhirCode } from './codes.ts';
import { scanJson } from './json-scan.ts';
import { FHIR_LIMITS } from './limits.ts';

/**
 * A file's JSON, looked through before a parser sees it (`json-scan.ts`). It only serves to understand files: the record itself is the
 * file's bytes as they came, never a re-encoding of what was parsed.
 */
export function parseBounded(text: string): Result<unknown, FhirCode> {
  if (text.length > FHIR_LIMITS.textMax) return refuse('fhir-json.too-large', { textMax: FHIR_LIMITS.textMax });
  const scanned = scanJson(text);
  if (!scanned.ok) return scanned;
  try {
    return ok(JSON.parse(text));
  } catch {
    return refuse('fhir-json.malformed');
  }
}

export type JsonMap = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An own field of an untrusted map: `constructor` and its like are no fields. */
export const field = (map: JsonMap, name: string): unknown => (Object.hasOwn(map, name) ? map[name] : undefined);

export const textField = (map: JsonMap, name: string): string | undefined => {
  const value = field(map, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
};
export const listField = (map: JsonMap, name: string): readonly unknown[] => {
  const value = field(map, name);
  return Array.isArray(value) ? value : [];
};
export const mapField = (map: JsonMap, name: string): JsonMap | undefined => {
  const value = field(map, name);
  return isMap(value) ? value : undefined;
};
export const mapsField = (map: JsonMap, name: string): readonly JsonMap[] => listField(map, name).filter(isMap);

/** A resource's type, or ''. */
export const typeOf = (resource: JsonMap): string => textField(resource, 'resourceType') ?? '';
