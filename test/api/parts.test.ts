import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/api/answers.ts';
import { readJson } from '../../src/api/body.ts';
import { follow } from '../../src/api/follow.ts';
import { withoutFamilies } from '../../src/api/metrics.ts';
import { NonceMemory } from '../../src/api/nonces.ts';
import { trailPlaceOf, trailPlaceText } from '../../src/api/paging.ts';
import { RateLimiter } from '../../src/api/rate.ts';
import { Slots } from '../../src/api/slots.ts';
import { TownService } from './town-service.ts';

describe('the memory of nonces', () => {
  it('knows each for as long as its signature could be accepted', () => {
    const memory = new NonceMemory(100);
    const begun = 1_000_000_000;
    for (const noted of [0, 60_000, 120_000, 120_999, 121_000]) {
      expect(memory.note('key', `n${noted}`, begun + noted)).toBe('new');
      // A signature made a minute ahead of the clock is accepted until two minutes later.
      expect(memory.note('key', `n${noted}`, begun + noted + 120_000)).toBe('replayed');
    }
  });

  it('keeps the nonces of two keys apart', () => {
    const memory = new NonceMemory(100);
    expect([memory.note('a', 'n', 0), memory.note('b', 'n', 0)]).toEqual(['new', 'new']);
  });

  it('refuses when full rather than forget, and has room again later', () => {
    const memory = new NonceMemory(4);
    const answers = ['a', 'b', 'c'].map((nonce) => memory.note('key', nonce, 500_000));
    expect(answers).toEqual(['new', 'new', 'full']);
    expect(memory.note('key', 'c', 500_000 + 121_000)).toBe('new');
    expect(memory.size).toBeLessThanOrEqual(4);
  });
});

describe('one key in the memory of nonces', () => {
  it('cannot take the room of the others', () => {
    const memory = new NonceMemory(100, 4);
    const answers = ['a', 'b', 'c'].map((nonce) => memory.note('greedy', nonce, 500_000));
    expect(answers).toEqual(['new', 'new', 'full']);
    expect(memory.note('greedy', 'a', 500_000)).toBe('replayed');
    expect(memory.note('other', 'a', 500_000)).toBe('new');
    expect(memory.note('greedy', 'c', 500_000 + 121_000)).toBe('new');
  });
});

describe('a rate', () => {
  it('never lets through more than burst + elapsed × perSecond', () => {
    const times = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(times, (stepsMs) => {
        const limiter = new RateLimiter({ burst: 5, perSecond: 10 }, 10);
        let nowMs = 0;
        let passed = 0;
        for (const stepMs of stepsMs) {
          nowMs += stepMs;
          if (limiter.take('key', nowMs)) passed++;
        }
        expect(passed).toBeLessThanOrEqual(5 + (nowMs * 10) / 1_000);
        expect(passed).toBeGreaterThanOrEqual(Math.min(5, stepsMs.length));
      }),
    );
  });

  it('gives nothing for a clock that goes back, and remembers a bounded number of keys', () => {
    const limiter = new RateLimiter({ burst: 1, perSecond: 1 }, 3);
    expect([limiter.take('a', 1_000), limiter.take('a', 0)]).toEqual([true, false]);
    for (let i = 0; i < 10; i++) limiter.take(`key ${i}`, 2_000);
    expect(limiter.size).toBe(3);
  });
});

describe('slots', () => {
  it('are bounded in all and for each key, and given back once', () => {
    const slots = new Slots(3, 2);
    const first = slots.take('a');
    expect(
      [slots.take('a'), slots.take('a'), slots.take('b'), slots.take('c')].map((slot) => slot !== undefined),
    ).toEqual([true, false, true, false]);
    first?.();
    first?.();
    expect(slots.taken).toBe(2);
    expect(slots.take('c')).toBeDefined();
  });
});

describe('JSON', () => {
  it('of any safe value is read as it was, without a prototype', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.string({ unit: 'binary' }).filter((text) => !/\p{Surrogate}/u.test(text)),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(
          fc.string().filter((key) => key !== '__proto__'),
          tie('any'),
          { maxKeys: 4, noNullPrototype: true },
        ),
      ),
    })).any;
    fc.assert(
      fc.property(value, (json) => {
        const read = readJson(Buffer.from(JSON.stringify(json)));
        expect(read.ok && JSON.stringify(read.value)).toBe(JSON.stringify(json));
      }),
    );
    const read = readJson(Buffer.from('{"a":{}}'));
    expect(Object.getPrototypeOf(read.ok && read.value)).toBeNull();
  });

  it('of a chain value writes bytes in hexadecimal', () => {
    expect(toJson({ a: Uint8Array.of(1, 255), b: [null, true, 'x', 3, { c: Uint8Array.of() }] })).toEqual({
      a: '01ff',
      b: [null, true, 'x', 3, { c: '' }],
    });
  });
});

describe('a place in a trail', () => {
  it('is written and read back; other text is none', () => {
    expect(trailPlaceOf(trailPlaceText({ height: 12, index: 3 }))).toEqual({ height: 12, index: 3 });
    expect(trailPlaceOf(undefined)).toBeNull();
    for (const text of ['', '1', '1.', '01.1', '1.2.3', '-1.0', '1e3.0']) expect(trailPlaceOf(text)).toBeUndefined();
  });
});

describe('the metrics of the node', () => {
  it('lose the families that the API reports itself, histograms whole', () => {
    const text =
      '# TYPE a gauge\na 1\n# HELP h x\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n# TYPE b counter\nb{x="y"} 2\n';
    expect(withoutFamilies(text, new Set(['a', 'h']))).toBe('# TYPE b counter\nb{x="y"} 2\n');
    expect(withoutFamilies(text, new Set(['a', 'h', 'b']))).toBe('');
  });
});

describe('following the node', () => {
  it('goes on after the node dropped a slow listener, until it is ended', async () => {
    const service = await TownService.over();
    const heard: (number | null)[] = [];
    const end = follow(service, (event) => heard.push(event?.height ?? null));
    service.seal(() => service.town.seal([]));
    service.dropListeners();
    service.seal(() => service.town.seal([]));
    expect(heard).toEqual([1, null, 2]);
    end();
    expect(service.listenerCount).toBe(0);
  });
});
