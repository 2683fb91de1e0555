import { ok, type Result, refuse } from '../base/result.ts';
import type { FhirCode } from './codes.ts';
import { FHIR_LIMITS } from './limits.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * A file's JSON, bounded in size and depth before a parser sees it. It only serves to sort files: the record itself is the
 * file's bytes as they came, never a re-encoding of what was parsed.
 */
export function parseBounded(text: string): Result<unknown, FhirCode> {
  if (text.length > FHIR_LIMITS.textMax) return refuse('fhir-json.too-large', { textMax: FHIR_LIMITS.textMax });
  if (depthOf(text) > FHIR_LIMITS.depthMax) return refuse('fhir-json.too-deep', { depthMax: FHIR_LIMITS.depthMax });
  try {
    return ok(JSON.parse(text));
  } catch {
    return refuse('fhir-json.malformed');
  }
}

/** The deepest nesting, found without recursion. Exact for JSON; for anything else the parser has the last word. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (quoted && unit === BACKSLASH) at++;
    else if (unit === QUOTE) quoted = !quoted;
    else if (quoted) continue;
    else if (OPENING.has(unit)) deepest = Math.max(deepest, ++depth);
    else if (CLOSING.has(unit)) depth--;
  }
  return deepest;
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
