import { afterEach, describe, expect, it, vi } from 'vitest';
import { campaign } from './campaign.ts';
import { noCounts } from './compare.ts';
import { drawWorld, type World } from './draw-world.ts';

const say = (): void => {};
const CASES = 250;
/** The official engine is compiled first, and takes seconds of it where others use the machine. */
const TIMEOUT_MS = 60_000;

describe('the rule engine beside the official one', { timeout: TIMEOUT_MS }, () => {
  it('agrees on decisions, reasons, errors and validation of random policies', () => {
    const { disagreements, failures, cases, counts } = campaign({ cases: CASES, firstSeed: 1, say });
    expect(failures).toEqual([]);
    expect(disagreements).toBe(0);
    expect(cases).toBeGreaterThanOrEqual(CASES);
    // What is drawn decides both ways, fails, and is refused: no question has but one answer.
    expect(counts.requestsAllowed).toBeGreaterThan(0.1 * counts.requestsDecided);
    expect(counts.requestsWithErrors).toBeGreaterThan(0.05 * counts.requestsDecided);
    expect(counts.policiesInvalid).toBeGreaterThan(0.05 * counts.policiesValidated);
    expect(counts.policiesInvalid).toBeLessThan(0.6 * counts.policiesValidated);
    expect(counts.textsAccepted).toBeGreaterThan(0);
    expect(counts.textsAccepted).toBeLessThan(counts.textsRead);
    for (const [name, count] of Object.entries(counts))
      if (name !== 'stricterLinks') expect([name, count > 0]).toEqual([name, true]);
  });

  it('draws the same world from the same seed, and another from another', () => {
    expect(drawWorld(7)).toEqual(drawWorld(7));
    expect(drawWorld(7)).not.toEqual(drawWorld(8));
  });
});

describe('a disagreement', () => {
  /** Stands for an engine that fails wherever a policy tests `like`, on a request about an entity with parents. */
  const judge = (world: World) => {
    const fails =
      world.policies.some(({ conditions }) => JSON.stringify(conditions).includes(' like ')) &&
      world.entities.some(({ parents }) => parents.length > 0) &&
      world.requests.length > 0;
    const disagreement = { kind: 'decision', about: 'request 0', ours: 'allow', official: 'deny' };
    return { counts: { ...noCounts(), requestsDecided: 24 }, disagreements: fails ? [disagreement] : [] };
  };

  it('is told with its seed, and shrunk to what it needs', () => {
    const said: string[] = [];
    const report = campaign({ cases: 500, firstSeed: 1, say: (line) => void said.push(line) }, judge);
    const [small] = report.failures;
    expect(report.disagreements).toBeGreaterThan(0);
    expect(said[0]).toBe(`seed ${small?.seed}: decision`);
    expect(judge(drawWorld(small?.seed as number)).disagreements).toHaveLength(1);
    expect(small?.policies).toHaveLength(1);
    expect(small?.requests).toHaveLength(1);
    expect(JSON.parse(small?.entities as string)).toHaveLength(1);
    expect(small?.schema).toBe('');
    expect(small?.policies[0]?.length).toBeLessThan(150);
  });
});

describe('a flaw planted in our engine', { timeout: TIMEOUT_MS }, () => {
  afterEach(() => {
    for (const [, module] of PLANTED) vi.doUnmock(`../../../src/vm/${module}`);
    vi.resetModules();
  });

  /** With a seed from which it is not far to a world that notices. */
  const PLANTED = [
    ['`like` that takes any text', 'values/like.ts', 'isLike', () => () => true, 1],
    ['integers that never overflow', 'values/i64.ts', 'isI64', () => () => true, 30],
    ['`containsAny` for `containsAll`', 'values/equality.ts', 'containsAll', (real) => real.containsAny, 50],
  ] as readonly (readonly [string, string, string, (real: Record<string, unknown>) => unknown, number])[];
  const WORLDS_MAX = 150;

  it.each(PLANTED)('is noticed: %s', async (_what, module, name, flawed, firstSeed) => {
    vi.resetModules();
    vi.doMock(`../../../src/vm/${module}`, async (original) => {
      const real = (await original()) as Record<string, unknown>;
      return { ...real, [name]: flawed(real) };
    });
    const { compare } = await import('./compare.ts');
    let noticed = 0;
    for (let seed = firstSeed; seed < firstSeed + WORLDS_MAX && noticed === 0; seed++)
      noticed = compare(drawWorld(seed)).disagreements.length;
    expect(noticed).toBeGreaterThan(0);
  });
});
