import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../src/base/validators.ts';
import { withSeeds } from '../../src/consortium/commands/sim/bug-seeds.ts';
import { patchOf } from '../../src/simulator/bugs/bug.ts';
import { planOfBug } from '../../src/simulator/bugs/hunt.ts';
import { PLANTED_BUGS } from '../../src/simulator/bugs/index.ts';
import { isFileOf, occurrences, planted } from '../../src/simulator/bugs/patch.ts';
import { SEEDS } from '../../src/simulator/bugs/seeds.ts';
import { faultyNodes } from '../../src/simulator/plan.ts';

const root = join(import.meta.dirname, '..', '..');
const edit = { file: 'src/some/file.ts', find: 'a < b', replace: 'a <= b' } as const;
const plant = (source: string, ...edits: readonly { find: string; replace: string }[]) =>
  planted(
    source,
    'off-by-one',
    edits.map((each) => ({ ...edit, ...each })),
  );
/** What somebody who knows the field would look for. */
const CLASSICS = [
  'qbft-commit-quorum-short',
  'qbft-lock-dropped',
  'qbft-vote-before-sync',
  'qbft-signer-counted-twice',
  'qbft-old-set',
  'qbft-ibft1-lock',
  'qbft-proposal-unjustified',
  'qbft-round-change-unchecked',
  'qbft-lowest-prepared',
  'simplex-nullify-after-finalise',
  'simplex-parent-unchecked',
  'clique-recent-unchecked',
];

describe('the bug bank', () => {
  it('holds at least 30 bugs, each with a name of its own, and all three engines have some', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(30);
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
    expect(new Set(PLANTED_BUGS.map(({ engine }) => engine)).size).toBe(3);
  });

  it('keeps, in the middle, no more than 100 seeds a bug', () => {
    const seeds = PLANTED_BUGS.flatMap(({ seed }) => seed ?? []).sort((a, b) => a - b);
    expect(seeds.length).toBe(PLANTED_BUGS.length);
    expect(seeds[Math.floor(seeds.length / 2)]).toBeLessThanOrEqual(100);
  });

  it('holds the mistakes that are known from elsewhere', () => {
    expect(PLANTED_BUGS.map(({ name }) => name)).toEqual(expect.arrayContaining(CLASSICS));
  });

  it('names no seed of a bug that is not there', () => {
    expect(Object.keys(SEEDS).sort()).toEqual(PLANTED_BUGS.map(({ name }) => name).sort());
  });

  it.each(PLANTED_BUGS.map((bug) => [bug.name, bug] as const))('%s has exactly one place in the source', (_, bug) => {
    for (const { file, find, replace } of patchOf(bug).edits) {
      expect([file, occurrences(readFileSync(join(root, file), 'utf8'), find)]).toEqual([file, 1]);
      expect(find).not.toContain('\n');
      expect(replace).not.toBe(find);
    }
    expect(bug.story.length).toBeGreaterThan(20);
  });

  it('lets as many break their word as quorums bear, also in an ambush', () => {
    const ambushed = PLANTED_BUGS.filter(({ plan }) => plan?.ambush !== undefined);
    expect(ambushed.length).toBeGreaterThan(0);
    for (const bug of ambushed) {
      const plan = planOfBug(bug, 1);
      expect(faultyNodes(plan).size).toBe(faultsOf(plan.validators));
      expect(plan.byzantine.every(({ behaviour }) => behaviour === bug.plan?.ambush)).toBe(true);
    }
  });
});

describe('the kept seeds', () => {
  const text = readFileSync(join(root, 'src/simulator/bugs/seeds.ts'), 'utf8');

  it('are written as they are, where nothing new was found', () => {
    expect(withSeeds(text, [])).toBe(text);
    expect(withSeeds(text, [{ name: 'qbft-old-set', seed: null }])).toBe(text);
  });

  it('take up what was found, and leave out what is in no bank', () => {
    const changed = withSeeds(text, [
      { name: 'qbft-old-set', seed: 77 },
      { name: 'no-such-bug', seed: 1 },
    ]);
    expect(changed).toContain("'qbft-old-set': 77,");
    expect(changed).not.toContain('no-such-bug');
    expect(changed.split('\n').length).toBe(text.split('\n').length);
  });
});

describe('planting', () => {
  it('changes the one place, and says in the thread that it did', () => {
    const source = plant('export const less = (a, b) => a < b;', edit);
    expect(source).toContain('a <= b;');
    expect(source).toContain('off-by-one in src/some/file.ts');
  });

  it('takes a replacement literally', () => {
    expect(plant('a < b', { ...edit, replace: "$& $' $1" })).toContain("$& $' $1");
  });

  it('changes several places of a file, each with a text of its own', () => {
    expect(plant('a < b; c < d', edit, { find: 'c < d', replace: 'c > d' })).toContain('a <= b; c > d');
  });

  it('refuses a text that has no place, or two', () => {
    expect(() => plant('a > b', edit)).toThrow('0 places');
    expect(() => plant('a < b || a < b', edit)).toThrow('2 places');
  });

  it('knows its file by the whole path below the root, compiled', () => {
    expect(isFileOf(edit, 'file:///clone/dist/src/some/file.js')).toBe(true);
    expect(isFileOf(edit, 'file:///clone/dist/src/other/file.js')).toBe(false);
    expect(isFileOf(edit, 'file:///clone/dist/src/some/file.js.map')).toBe(false);
  });
});
