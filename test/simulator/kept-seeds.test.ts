import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Kept, planOfKept } from '../../src/consortium/commands/sim/kept-file.ts';
import { world } from '../../src/consortium/commands/sim/world.ts';
import { runSeed } from '../../src/simulator/campaign/run-seed.ts';

const kept = JSON.parse(readFileSync(join(import.meta.dirname, 'kept-seeds.json'), 'utf8')) as readonly Kept[];

describe('every run that once failed', () => {
  it('is on the list with its reason', () => {
    expect(Array.isArray(kept)).toBe(true);
    for (const [i, entry] of kept.entries()) {
      expect(entry.why.length, `entry ${i + 1}`).toBeGreaterThan(20);
      planOfKept(entry, `entry ${i + 1}`);
    }
  });

  it.each(kept.map((entry, i) => [i + 1, entry.why, entry] as const))('holds now: entry %i, %s', (i, _why, entry) => {
    expect(runSeed(world(), planOfKept(entry, `entry ${i}`)).violations).toEqual([]);
  });
});
