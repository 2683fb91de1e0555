import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/base/bytes.ts';
import { Outbox } from '../../src/network/outbox.ts';

const LIMITS = { messageBytesMax: 10, queueMessagesMax: 5, queueBytesMax: 30 };
const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 10 }), { maxLength: 30 });

const drain = (outbox: Outbox): Uint8Array[] => {
  const left: Uint8Array[] = [];
  for (let next = outbox.shift(); next !== undefined; next = outbox.shift()) left.push(next);
  return left;
};

describe('the outbox', () => {
  it('keeps the newest frames that fit both limits, in order, and counts every other', () => {
    fc.assert(
      fc.property(frames, (pushed) => {
        const outbox = new Outbox(LIMITS);
        const dropped = pushed.reduce((sum, bytes) => sum + outbox.push(bytes), 0);
        // The longest suffix within both limits, found the slow way.
        const fits = (kept: readonly Uint8Array[]): boolean => kept.length <= 5 && concat(...kept).length <= 30;
        const from = pushed.findIndex((_, i) => fits(pushed.slice(i)));
        expect(drain(outbox)).toEqual(from === -1 ? [] : pushed.slice(from));
        expect(dropped).toBe(from === -1 ? 0 : from);
      }),
    );
  });

  it('takes frames together while they fit, and at least one', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 6 }), { maxLength: 5 }), (pushed) => {
        const outbox = new Outbox(LIMITS);
        for (const bytes of pushed) outbox.push(bytes);
        const taken: Uint8Array[] = [];
        for (let batch = outbox.take(4); batch !== undefined; batch = outbox.take(4)) {
          expect(batch.bytes).toEqual(concat(...batch.frames));
          expect(batch.frames.length === 1 || batch.bytes.length <= 4).toBe(true);
          taken.push(...batch.frames);
        }
        expect(taken).toEqual(pushed);
        expect(outbox.size).toBe(0);
      }),
    );
  });
});
