import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { compareHeads, sinceInTurn } from '../../src/consensus/clique/fork-choice.ts';
import { ackDelayMs, difficultyOf, placesAfterTurn, recentLimit, wiggleMs } from '../../src/consensus/clique/rules.ts';
import { members, setOf } from './fakes.ts';

const set = setOf(members(8));
const ids = set.map(({ id }) => toHex(id));
const config = { roundTimeoutMs: 100, roundTimeoutCapMs: 180 };

describe('turns (CLIQUE-4, CLIQUE-5)', () => {
  it('has exactly one validator in turn at each height, with difficulty 2, and each of the others 1', () => {
    for (let height = 1; height < 30; height++) {
      const difficulties = ids.map((id) => difficultyOf(set, height, id));
      expect(difficulties.indexOf(2)).toBe(height % 8);
      expect(difficulties.reduce((sum, each) => sum + each)).toBe(9);
    }
  });

  it('lets every validator wait for a time of its own, half a round timeout a place, up to the cap', () => {
    const waits = ids.map((id) => wiggleMs(config, placesAfterTurn(set, 3, id)));
    expect(waits).toEqual([180, 180, 180, 0, 50, 100, 150, 180]);
    expect(ackDelayMs(config, 0)).toBe(50);
  });

  it('limits a validator to one of ⌊n/2⌋ + 1 blocks: more than half of the set seals in turn, whatever happens', () => {
    for (let n = 1; n <= 64; n++) {
      expect(recentLimit(n)).toBe(Math.floor(n / 2) + 1);
      expect(recentLimit(n) * 2).toBeGreaterThan(n);
      expect(recentLimit(n)).toBeLessThanOrEqual(n);
    }
  });
});

describe('fork choice (CLIQUE-6)', () => {
  const candidate = fc.record({
    key: fc.integer({ min: 16, max: 255 }).map((n) => n.toString(16)),
    height: fc.integer({ min: 1, max: 12 }),
    round: fc.integer({ min: 1, max: 12 }),
    sealer: fc.constantFrom(...ids),
  });
  const distinct = fc.uniqueArray(candidate, { selector: ({ key }) => key, minLength: 3, maxLength: 3 });

  it('is a strict total order: of two different blocks exactly one is better, and better than better is better', () => {
    fc.assert(
      fc.property(distinct, ([a, b, c]) => {
        if (a === undefined || b === undefined || c === undefined) return;
        const [ab, ba] = [compareHeads(set, a, b), compareHeads(set, b, a)];
        expect(Math.sign(ab)).toBe(-Math.sign(ba));
        expect(ab).not.toBe(0);
        expect(compareHeads(set, a, a)).toBe(0);
        if (ab < 0 && compareHeads(set, b, c) < 0) expect(compareHeads(set, a, c)).toBeLessThan(0);
      }),
      { numRuns: 2_000 },
    );
  });

  const block = { key: 'aa', height: 6, round: 9, sealer: ids[6] as string };
  it.each([
    ['more total difficulty', { ...block, key: 'ff', height: 7, round: 10, sealer: ids[0] as string }],
    ['then the lower height', { ...block, key: 'ff', height: 5, sealer: ids[0] as string }],
    [
      'then the sealer who was in turn last',
      { ...block, key: 'a0' },
      { ...block, key: '00', sealer: ids[5] as string },
    ],
    ['then the lower hash', { ...block, key: 'a9' }],
  ])('prefers %s', (_, better, worse = block) => {
    expect(compareHeads(set, better, worse)).toBeLessThan(0);
    expect(compareHeads(set, worse, better)).toBeGreaterThan(0);
  });

  it('counts from the last turn: 0 for who is in turn, n − 1 for who is next', () => {
    expect(ids.map((sealer) => sinceInTurn(set, { ...block, sealer }))).toEqual([6, 5, 4, 3, 2, 1, 0, 7]);
  });
});
