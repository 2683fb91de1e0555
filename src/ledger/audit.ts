import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { BaseCode } from '../base/codes.ts';
import { LIMITS } from '../base/limits.ts';
import type { Result } from '../base/result.ts';
import * as shape from '../base/shape.ts';

const auditLineShape = shape.struct({
  height: shape.heightShape,
  /** Position in the block. */
  index: shape.uint(),
  timestampMs: shape.timestampShape,
  transactionId: shape.hash,
  kind: shape.text(32),
  sender: shape.address,
  outcome: shape.oneOf('applied', 'denied', 'failed'),
  code: shape.nullable(shape.text(64)),
  policies: shape.list(shape.text(128), LIMITS.policiesMax),
  /** Whom it concerns, where it names a record or a patient. */
  owner: shape.nullable(shape.address),
  record: shape.nullable(shape.bytes(32)),
  purpose: shape.nullable(shape.text(16)),
  /** The key path of an applied read: self, grant. */
  path: shape.nullable(shape.text(16)),
});

/** Who did or tried what, when, with which answer: the patient's trail holds every attempt, the denied ones too (F43). */
export type AuditLine = shape.Shaped<typeof auditLineShape>;

export const encodeAuditLine = (line: AuditLine): Uint8Array => encode(line as unknown as Canonical);

export function decodeAuditLine(bytes: Uint8Array): Result<AuditLine, BaseCode> {
  const value = decode(bytes, LIMITS.transactionBytesMax);
  return value.ok ? auditLineShape(value.value, '') : value;
}
