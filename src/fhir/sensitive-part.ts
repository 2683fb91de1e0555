import { type Canonical, decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { FhirCode } from './codes.ts';
import type { Label } from './consent/types.ts';
import { FHIR_LIMITS } from './limits.ts';

/*
 * On chain a category has an opaque id and the label N, R or V. Why it is restricted, and what people call it, is said here and nowhere else:
 * the device seals these bytes to the patient and reviewers (PRIVACY.md, "Keys").
 */
const word = shape.text(FHIR_LIMITS.sensitiveWordMax);
const sensitivePartShape = shape.struct({
  version: shape.oneOf('1'),
  /** HL7 v3 ActCode, InformationSensitivityPolicy. */
  sensitivities: shape.list(shape.text(16, /^[A-Z0-9]+$/), FHIR_LIMITS.sensitivitiesMax),
  /** What the category or record is, for people; '' where nothing is said. */
  name: word,
  /** Why somebody asked or broke glass, in his words; '' where nothing is said. */
  reason: word,
});
export type SensitivePart = Omit<shape.Shaped<typeof sensitivePartShape>, 'version'>;

/** The bytes to be padded and sealed: canonical, so that the same part always gives the same plaintext. */
export function encodeSensitivePart(part: SensitivePart): Result<Uint8Array, FhirCode> {
  const shaped = sensitivePartShape({ version: '1', ...part }, '');
  return shaped.ok ? ok(encode(shaped.value as unknown as Canonical)) : refuse('fhir-sensitive.malformed');
}

/** What was sealed, after opening. */
export function decodeSensitivePart(bytes: Uint8Array): Result<SensitivePart, FhirCode> {
  const value = decode(bytes, FHIR_LIMITS.sensitiveBytesMax);
  const shaped = value.ok ? sensitivePartShape(value.value, '') : value;
  if (!shaped.ok) return refuse('fhir-sensitive.malformed');
  const { sensitivities, name, reason } = shaped.value;
  return ok({ sensitivities, name, reason });
}

/** Our choice, the stricter where rules of places differ; every other sensitivity makes a record restricted. */
const VERY_RESTRICTED: ReadonlySet<string> = new Set(['PSYTHPN', 'SDV', 'VIP', 'CEL']);

/** The least label that keeps a sensitivity: what stands on chain in its place. */
export const labelFor = (sensitivities: readonly string[]): Label =>
  sensitivities.some((code) => VERY_RESTRICTED.has(code)) ? 'V' : sensitivities.length > 0 ? 'R' : 'N';
