import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PLANTED_BUGS } from '../../src/simulator/bugs/index.ts';
import { isFileOf, occurrences, planted } from '../../src/simulator/bugs/patch.ts';

const root = join(import.meta.dirname, '..', '..');
const patch = { name: 'off-by-one', file: 'src/some/file.ts', find: 'a < b', replace: 'a <= b' } as const;

describe('the bug bank', () => {
  it('holds at least 30 bugs, each with a name of its own, and all three engines have some', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(30);
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
    expect(new Set(PLANTED_BUGS.map(({ engine }) => engine)).size).toBe(3);
  });

  it('keeps, in the middle, no more than 100 seeds a bug', () => {
    const seeds = PLANTED_BUGS.map(({ seed }) => seed).sort((a, b) => a - b);
    expect(seeds[Math.floor(seeds.length / 2)]).toBeLessThanOrEqual(100);
  });

  it.each(PLANTED_BUGS.map((bug) => [bug.name, bug] as const))('%s has exactly one place in the source', (_, bug) => {
    const source = readFileSync(join(root, bug.file), 'utf8');
    expect(occurrences(source, bug.find)).toBe(1);
    expect(bug.find).not.toContain('\n');
    expect(bug.replace).not.toBe(bug.find);
    expect(bug.story.length).toBeGreaterThan(20);
  });
});

describe('planting', () => {
  it('changes the one place, and says in the thread that it did', () => {
    const source = planted('export const less = (a, b) => a < b;', patch);
    expect(source).toContain('a <= b;');
    expect(source).toContain("= 'off-by-one';");
  });

  it('takes a replacement literally', () => {
    expect(planted('a < b', { ...patch, replace: "$& $' $1" })).toContain("$& $' $1");
  });

  it('refuses a text that has no place, or two', () => {
    expect(() => planted('a > b', patch)).toThrow('0 places');
    expect(() => planted('a < b || a < b', patch)).toThrow('2 places');
  });

  it('knows its file by the whole path below the root, compiled', () => {
    expect(isFileOf(patch, 'file:///clone/dist/src/some/file.js')).toBe(true);
    expect(isFileOf(patch, 'file:///clone/dist/src/other/file.js')).toBe(false);
    expect(isFileOf(patch, 'file:///clone/dist/src/some/file.js.map')).toBe(false);
  });
});
