import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../../src/base/canonical.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { CERTIFICATE_BYTES_MAX } from '../../src/consensus/certificate.ts';
import { PROTOCOL_LIMITS } from '../../src/protocol/limits.ts';
import {
  decodeBatch,
  decodeBlocksAnswer,
  decodeBlocksRequest,
  decodeStatus,
  encodeBlocksAnswer,
  encodeBlocksRequest,
  encodeStatus,
  splitBatches,
} from '../../src/protocol/wire.ts';
import { hashOf, heightOf } from './support.ts';

describe('a message between replicas', () => {
  it('is read back as it was written', () => {
    const status = { height: heightOf(7), hash: hashOf('block') };
    expect(decodeStatus(encodeStatus(status))).toMatchObject({ ok: true, value: status });
    const request = { from: heightOf(3), count: 64 };
    expect(decodeBlocksRequest(encodeBlocksRequest(request))).toMatchObject({ ok: true, value: request });
  });

  it('is refused where it asks for more blocks than a range has, or holds a field too many', () => {
    expect(decodeBlocksRequest(encodeBlocksRequest({ from: heightOf(3), count: 65 })).ok).toBe(false);
    expect(decodeBlocksRequest(encode({ from: 3, count: 4, extra: 1 })).ok).toBe(false);
    expect(decodeBatch(encode([])).ok).toBe(false);
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const read of [decodeStatus, decodeBatch, decodeBlocksRequest, decodeBlocksAnswer])
          expect(typeof read(bytes).ok).toBe('boolean');
      }),
    );
  });

  it('splits transactions into batches that all fit and together hold each once, in order', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: LIMITS.transactionBytesMax }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(sizes, (list) => {
        const transactions = list.map((size, i) => new Uint8Array(size).fill(i));
        const read = splitBatches(transactions).map((bytes) => decodeBatch(bytes));
        expect(read.every(({ ok }) => ok)).toBe(true);
        const all = read.flatMap((batch) => (batch.ok ? batch.value : []));
        expect(all.map(({ length }) => length)).toEqual(list);
      }),
      { numRuns: 20 },
    );
    const many = Array.from({ length: PROTOCOL_LIMITS.batchTransactionsMax + 1 }, () => Uint8Array.of(1));
    expect(splitBatches(many).length).toBe(2);
    expect(splitBatches([])).toEqual([]);
  });

  it('answers with as many blocks as fit, and always with one, however large', () => {
    const largest = { block: new Uint8Array(LIMITS.blockBytesMax), certificate: new Uint8Array(CERTIFICATE_BYTES_MAX) };
    const answer = decodeBlocksAnswer(encodeBlocksAnswer([largest, largest, largest]));
    expect(answer.ok && answer.value.length).toBe(1);
    const small = { block: Uint8Array.of(1), certificate: Uint8Array.of(2) };
    const many = decodeBlocksAnswer(encodeBlocksAnswer(Array.from({ length: 100 }, () => small)));
    expect(many.ok && many.value.length).toBe(PROTOCOL_LIMITS.rangeBlocksMax);
    const none = decodeBlocksAnswer(encodeBlocksAnswer([]));
    expect(none).toMatchObject({ ok: true, value: [] });
  });
});
