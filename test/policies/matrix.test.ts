import { describe, expect, it, vi } from 'vitest';
import { capture } from './capture.ts';
import type { Expected } from './case.ts';
import { CASES, MATRIX } from './matrix/index.ts';
import { World } from './world.ts';

vi.mock(import('../../src/vm/index.ts'), async (original) =>
  (await import('./capture.ts')).capturing(await original()),
);

const world = new World();
const stage = { world, state: world.beyondTransactions() };

describe.each(Object.entries(MATRIX))("the constitution's matrix: %s", (_, cases) => {
  it.each(cases)('%s', (_name, asking, expected) => {
    const { answer, captured } = capture(world.policies, false, () => asking(stage));
    const errors = captured.flatMap(({ decision }) => decision.errors.map(({ policyId }) => policyId));
    const seen: Expected = { ...answer, erring: [...new Set(errors)].sort() };
    expect(captured.length).toBeGreaterThan(0);
    expect(seen).toEqual(expected);
  });
});

describe('the matrix itself', () => {
  it('has at least 160 cases, each with a name of its own', () => {
    expect(CASES.length).toBeGreaterThanOrEqual(160);
    expect(new Set(CASES.map(([name]) => name)).size).toBe(CASES.length);
  });
});
