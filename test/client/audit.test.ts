import { describe, expect, it } from 'vitest';
import type { Height, TimestampMs } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { auditSentence } from '../../src/client/audit.ts';
import type { AuditLine } from '../../src/ledger/audit.ts';
import { PAYLOADS } from '../../src/ledger/families/payloads.ts';
import { hash, idOf } from '../ledger/town.ts';

const LINE: AuditLine = {
  height: 7 as Height,
  index: 0,
  timestampMs: Date.UTC(2026, 0, 2, 3, 4, 5) as TimestampMs,
  transactionId: hash('transaction'),
  kind: 'readRecord',
  sender: idOf('doctor'),
  outcome: 'denied',
  code: 'policy.denied',
  policies: ['barred-hospital-reads-nothing'],
  owner: idOf('patient'),
  record: hash('record') as Uint8Array,
  purpose: 'TREAT',
  path: null,
};
const short = (id: Uint8Array) => toHex(id).slice(0, 12);

describe('a line of the trail, in words', () => {
  it('tells the owner who, what, why, when, and which rule answered', () => {
    expect(auditSentence(LINE, 'owner')).toBe(
      `At 2026-01-02T03:04:05Z (block 7), ${short(LINE.sender)} asked to read record ${short(hash('record'))} for treatment: ` +
        'denied, by barred-hospital-reads-nothing (policy.denied).',
    );
  });

  it('tells a denied requester that no grant covers it, and no rule, code or record', () => {
    const sentence = auditSentence(LINE, 'requester');
    expect(sentence).toBe(
      'At 2026-01-02T03:04:05Z (block 7), You asked to read a record for treatment: denied, no grant covers it.',
    );
  });

  it('tells an owner who did it himself so', () => {
    const own = { ...LINE, sender: idOf('patient'), outcome: 'applied' as const, code: null, path: 'self' };
    expect(auditSentence(own, 'owner')).toContain('You asked to read record');
    expect(auditSentence(own, 'reviewer')).toContain(short(idOf('patient')));
    expect(auditSentence({ ...own, path: 'grant' }, 'owner')).toMatch(/: done, under a grant\.$/);
  });

  it('says of what was allowed and still not done that it failed', () => {
    const failed = { ...LINE, outcome: 'failed' as const, code: 'record.unknown' };
    expect(auditSentence(failed, 'owner')).toMatch(/allowed, but not done \(record\.unknown\)\.$/);
  });

  it('has words for every kind of transaction', () => {
    for (const kind of Object.keys(PAYLOADS))
      expect(auditSentence({ ...LINE, kind }, 'reviewer')).toMatch(
        / asked to (?!ask )[a-z-]+( [0-9a-z-]+)* for treatment: /,
      );
  });
});
