import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/base/canonical.ts';
import { CRYPTO_LIMITS } from '../../src/crypto/limits.ts';
import { REQUEST_LIMITS } from '../../src/network/limits.ts';
import {
  type DutyRequest,
  decodeDutyAnswer,
  decodeDutyRequest,
  decodeSaltedEnvelope,
  decodeShareAnswer,
  encodeDutyAnswer,
  encodeDutyRequest,
} from '../../src/node/duty-wire.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { seeded } from '../support/consortium.ts';

const fragments = Array.from({ length: NODE_LIMITS.fragmentsPerGrantMax }, (_, i) => ({
  category: seeded('category', 16),
  epoch: i,
  fragmentId: seeded(`id ${i}`, 32),
  fragment: new Uint8Array(CRYPTO_LIMITS.fragmentBytesMax),
}));
const parties = { grantId: seeded('g', 32), patient: seeded('p', 20), grantee: seeded('d', 20) };
const storeRecord = {
  duty: 'storeRecord',
  body: {
    record: seeded('r', 32),
    cid: seeded('c', 36),
    envelope: seeded('e', 300),
    salt: seeded('s', 32),
    ownerSignature: seeded('o', 65),
  },
} as const;
const requests = [
  storeRecord,
  { duty: 'storeFragments', body: { ...parties, fragments } },
  { duty: 'answerRead', body: { read: seeded('q', 32) } },
] as unknown as readonly DutyRequest[];

describe('what hospitals ask of each other', () => {
  it.each(requests)('arrives as it was sent, and fits one request at its largest: $duty', (request) => {
    const bytes = encodeDutyRequest(request);
    expect(bytes.length).toBeLessThanOrEqual(REQUEST_LIMITS.duty.requestBytesMax);
    const decoded = decodeDutyRequest(bytes);
    // Bytes, since comparing half a megabyte field by field takes seconds.
    expect(decoded.ok && Buffer.from(encodeDutyRequest(decoded.value)).equals(bytes)).toBe(true);
  });

  it('is refused as malformed whatever else the bytes are, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeDutyRequest(bytes)).toMatchObject({ ok: false, rejection: { code: 'duty.malformed' } });
        expect(decodeDutyAnswer(bytes)).toMatchObject({ ok: false, rejection: { code: 'duty.unreachable' } });
        expect([decodeShareAnswer(bytes), decodeSaltedEnvelope(bytes)]).toEqual([undefined, undefined]);
      }),
    );
  });

  it.each<[string, unknown]>([
    ['an unknown duty', { duty: 'forget', body: {} }],
    ['another duty than its body', { duty: 'answerRead', body: storeRecord.body }],
    ['one field more', { ...storeRecord, more: 1 }],
    ['an oversize envelope', { ...storeRecord, body: { ...storeRecord.body, envelope: new Uint8Array(1_025) } }],
    ['a short salt', { ...storeRecord, body: { ...storeRecord.body, salt: new Uint8Array(16) } }],
    ['no fragments', { duty: 'storeFragments', body: { ...parties, fragments: [] } }],
    ['too many fragments', { duty: 'storeFragments', body: { ...parties, fragments: [...fragments, fragments[0]] } }],
  ])('is refused with %s', (_, request) => {
    expect(decodeDutyRequest(encode(request as never))).toMatchObject({ rejection: { code: 'duty.malformed' } });
  });

  it('is answered by bytes or by a code', () => {
    const value = seeded('v', 65);
    expect(decodeDutyAnswer(encodeDutyAnswer({ ok: true, value }))).toEqual({ ok: true, value });
    const refused = encodeDutyAnswer({ ok: false, rejection: { code: 'duty.busy', detail: { secret: 1 } } });
    expect(decodeDutyAnswer(refused)).toEqual({ ok: false, rejection: { code: 'duty.busy' } });
  });
});
