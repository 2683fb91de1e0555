import { describe, expect, it } from 'vitest';
import type { Address, Hash, PublicKey } from '../../../src/base/brand.ts';
import { concat, toHex, utf8 } from '../../../src/base/bytes.ts';
import { DELAY_WINDOW_MS } from '../../../src/crypto/delays.ts';
import { deriveDelegatingKey } from '../../../src/crypto/keys.ts';
import { type Pseudonym, pseudonymOf } from '../../../src/crypto/pseudonym.ts';
import { categoryOf } from '../../../src/ledger/category.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { randomOf } from '../search/leakage.ts';
import { bytesFrom } from '../support/vectors.ts';
import { success } from './observer.ts';
import { DAY_MS, type Habits, PATIENTS, worldOf } from './world.ts';

const primitives = nativePrimitives();
const all = { times: true, sizes: true, ends: true };
const careful: Habits = {
  windowMs: DELAY_WINDOW_MS,
  ends: 'own day',
  jointDecisions: 1,
  copiedDocuments: 0,
};

describe('an observer of the chain with one hospital’s disk, over 1,000 patients', () => {
  const play = (label: string, change: Partial<Habits>, eyes = all) => {
    const result = success(worldOf({ ...careful, ...change }, randomOf(1_000)), eyes);
    const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
    console.info(`${label}: links ${percent(result.success)}, by guessing ${percent(result.guess)}`);
    return result;
  };

  const separate = play('no decision for several hospitals', { jointDecisions: 0 });
  const figures = {
    atOnce: play('1 joint decision, no delay', { windowMs: 0 }),
    exactEnd: play('1 joint decision, 7 days, ends to the millisecond', { ends: 'exact' }),
    decisionDay: play('1 joint decision, 7 days, ends on the day of the decision', { ends: 'day of the decision' }),
    hours: play('1 joint decision, 6 hours', { windowMs: DAY_MS / 4 }),
    day: play('1 joint decision, 1 day', { windowMs: DAY_MS }),
    week: play('1 joint decision, 7 days', {}),
    weekByTimes: play('1 joint decision, 7 days, by times alone', {}, { times: true, sizes: false, ends: false }),
    month: play('1 joint decision, 30 days', { windowMs: 30 * DAY_MS }),
    threeWeek: play('3 joint decisions, 7 days', { jointDecisions: 3 }),
    copied: play('no joint decision, 3 of 10 documents at two hospitals', { jointDecisions: 0, copiedDocuments: 0.3 }),
  };

  it('links nearly everybody who grants at once, or with one exact end under two pseudonyms', () => {
    expect(figures.atOnce.success).toBeGreaterThan(0.9);
    expect(figures.exactEnd.success).toBeGreaterThan(0.9);
  });

  it('links many whose grants end on one day under both: ends count from the sending', () => {
    expect(figures.decisionDay.success).toBeGreaterThan(4 * figures.week.success);
  });

  it('links hardly better than by guessing who decides for each hospital apart', () => {
    // 250 or so are asked about: chance alone puts a few of them right.
    expect(separate.success).toBeLessThan(0.03);
  });

  it('links fewer the longer the window', () => {
    const shares = [figures.hours, figures.day, figures.week, figures.month].map((figure) => figure.success);
    expect([...shares].sort((x, y) => y - x)).toEqual(shares);
    expect(shares[2]).toBeLessThan((shares[0] as number) / 2);
  });

  it('links more with every joint decision, and by copies of one document: what pseudonyms do not hide', () => {
    expect(figures.threeWeek.success).toBeGreaterThan(2 * figures.week.success);
    expect(figures.copied.success).toBeGreaterThan(4 * separate.success);
  });
});

describe('the bytes of two pseudonyms of one patient, for 1,000 patients', () => {
  const chainId = bytesFrom('chain', 32) as Hash;
  const hospitals = ['A', 'B'].map((name) => bytesFrom(`hospital ${name}`, 20) as Address);
  const people = Array.from({ length: PATIENTS }, (_, n) => {
    const identityRoot = bytesFrom(`identity ${n}`, 32);
    const delegatingRoot = bytesFrom(`delegating ${n}`, 32);
    return hospitals.map((hospital) => {
      const pseudonym = pseudonymOf(primitives, identityRoot, { chainId, hospital, generation: 0 });
      const secret = deriveDelegatingKey(delegatingRoot, {
        pseudonym: pseudonym.id,
        category: utf8('general'),
        epoch: 0,
      });
      return { pseudonym, delegating: primitives.publicKeyOf(secret) };
    }) as [Shown, Shown];
  });
  interface Shown {
    readonly pseudonym: Pseudonym;
    readonly delegating: PublicKey;
  }
  /** Every byte that the chain shows of a pseudonym's keys. */
  const shownBytes = ({ pseudonym, delegating }: Shown): Uint8Array[] => [
    pseudonym.id,
    pseudonym.account,
    pseudonym.fragmentSigning,
    pseudonym.receiving,
    delegating,
    categoryOf(primitives, delegating),
  ];

  it('share no run of five bytes more often than strangers do', () => {
    const runs = (shown: Shown) => {
      const text = shownBytes(shown).map(toHex);
      return new Set(
        text.flatMap((each) => Array.from({ length: each.length / 2 - 4 }, (_, i) => each.slice(2 * i, 2 * i + 10))),
      );
    };
    const shared = people.filter(([a, b]) => {
      const there = runs(b);
      return [...runs(a)].some((run) => there.has(run));
    });
    // About 157² pairs of runs a patient at 2⁻⁴⁰ each: 2 · 10⁻⁵ of 1,000 patients.
    expect(shared).toEqual([]);
  });

  it('have no relation between keys that the observer can test: differences are neither small nor equal, and no key hashes to another', () => {
    const small = new Set<string>();
    for (let k = 1; k <= 300; k++) {
      const scalar = new Uint8Array(32);
      new DataView(scalar.buffer).setUint32(28, k);
      small.add(toHex(primitives.publicKeyOf(scalar as never).subarray(1)));
    }
    const differences = new Set<string>();
    for (const [a, b] of people) {
      const negated = concat(Uint8Array.of((b.pseudonym.account[0] as number) ^ 1), b.pseudonym.account.subarray(1));
      const difference = toHex((primitives.addPoints([a.pseudonym.account, negated]) as Uint8Array).subarray(1));
      expect(small.has(difference)).toBe(false);
      differences.add(difference);
      const hashes = shownBytes(a).map((bytes) => toHex(primitives.hash(bytes)));
      for (const bytes of shownBytes(b)) expect(hashes.some((hash) => hash.includes(toHex(bytes)))).toBe(false);
    }
    expect(differences.size).toBe(PATIENTS);
  });
});
