import type { Address, Hash, Height, TimestampMs } from '../../../src/base/brand.ts';
import type { AuditSetting } from '../../../src/fhir/index.ts';
import type { AuditLine } from '../../../src/ledger/audit.ts';
import { DOCTOR_A, HOSPITAL_A, HOSPITAL_B, PATIENT } from '../consent/cast.ts';

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
export const RECORD = 'e1'.repeat(32);
export const WHEN_MS = Date.parse('2026-03-04T05:06:07.089Z');

export const line = (change: Partial<Record<keyof AuditLine, unknown>> = {}): AuditLine =>
  ({
    height: 7 as Height,
    index: 2,
    timestampMs: WHEN_MS as TimestampMs,
    transactionId: new Uint8Array(32).fill(9) as Hash,
    kind: 'readRecord',
    sender: bytes(DOCTOR_A) as Address,
    outcome: 'applied',
    code: null,
    policies: ['practitioner-reads-under-grant'],
    owner: bytes(PATIENT) as Address,
    record: bytes(RECORD),
    purpose: 'TREAT',
    path: 'grant',
    ...change,
  }) as AuditLine;

export const setting = (audience: AuditSetting['audience']): AuditSetting => ({
  audience,
  site: { hospital: HOSPITAL_B, url: 'https://hospital.example/fhir' },
  whoIs: (address) =>
    address === DOCTOR_A
      ? { kind: 'practitioner', home: HOSPITAL_A }
      : address === PATIENT
        ? { kind: 'patient', home: HOSPITAL_A }
        : undefined,
});
