import { describe, expect, it } from 'vitest';
import { type RunPlan, runSeed } from '../../src/simulator/campaign/run-seed.ts';
import { Tally } from '../../src/simulator/campaign/tally.ts';
import { planOf } from '../../src/simulator/draw-plan.ts';
import type { Plan } from '../../src/simulator/plan.ts';
import { reductions } from '../../src/simulator/shrink/reductions.ts';
import { shrink } from '../../src/simulator/shrink/shrink.ts';
import { Story } from './checkers-support.ts';

/** A world that tells the same story in every run, but for what the plan says. */
const worldOf =
  (tell: (story: Story, plan: Plan) => void, stalled = false): RunPlan =>
  (plan, { observers }) => {
    const story = new Story();
    tell(story, plan);
    for (const observation of story.observations)
      for (const observer of observers) observer({ ...observation, atMs: observation.atMs + plan.seed });
    return {
      heights: 2,
      faults: { loss: 1 },
      stalled,
      reason: stalled ? 'node 2 below 5' : null,
      eventsTotal: story.observations.length,
    };
  };
const good = worldOf((story) => {
  const tip = story.chain(1);
  story.step(0);
  story.happen(-1, { type: 'quiet' });
  story.chain(1, tip);
});
const forked = worldOf((story) => {
  story.commit(0, story.block(story.genesis));
  story.commit(1, story.block(story.genesis, { header: { gasUsed: 1 } }));
});
const planAt = (seed: number) => planOf(seed, { engine: 'qbft' });

describe('a seed', () => {
  it('is judged by every checker, and reports the rules that honest nodes lived by', () => {
    const report = runSeed(good, planAt(1));
    expect(report).toMatchObject({ violations: [], stalled: false, heights: 2, rules: ['RULE-1'], deepestReversal: 0 });
    expect(report.allRules).toEqual(['RULE-1', 'RULE-2']);
    expect(runSeed(forked, planAt(1)).violations.map(({ checker }) => checker)).toEqual(['agreement']);
  });

  it('stalls where the world says so, or where nothing became final since it was quiet', () => {
    expect(
      runSeed(
        worldOf(() => {}, true),
        planAt(1),
      ),
    ).toMatchObject({
      stalled: true,
      violations: [{ checker: 'progress', what: 'node 2 below 5' }],
    });
    const idle = worldOf((story) => story.happen(-1, { type: 'quiet' }));
    expect(runSeed(idle, planAt(1))).toMatchObject({ stalled: true, violations: [{ checker: 'progress' }] });
  });

  it('that breaks the code under test is a violation, not the end of the campaign', () => {
    const report = runSeed(() => {
      throw new RangeError('broken invariant');
    }, planAt(3));
    expect(report.violations).toMatchObject([
      { checker: 'exception', what: expect.stringContaining('broken invariant') },
    ]);
  });

  it('takes no rule for covered that only a dishonest node followed', () => {
    const dishonest = worldOf((story) => {
      story.start(3, { honest: false });
      story.happen(3, { type: 'engine', input: 'message', effects: [], rules: ['RULE-2'] });
    });
    expect(runSeed(dishonest, planAt(1)).rules).toEqual([]);
  });
});

describe('a campaign', () => {
  it('adds its seeds up', () => {
    const tally = new Tally('qbft', 1);
    for (const seed of [1, 2, 3, 20]) tally.add(runSeed(seed === 3 ? forked : good, planAt(seed)));
    expect(tally.report(2)).toMatchObject({
      engine: 'qbft',
      seeds: 4,
      heights: 8,
      leastHeights: 2,
      faults: { loss: 4 },
      violations: 1,
      stalled: 0,
      secondsPerSeed: 0.5,
      signer: 'keyed-hash',
      realSignatures: 1,
      distinctTraces: 4,
      ruleCoverage: { rules: 2, executed: 1, leastSeeds: 0, least: ['RULE-2'] },
      failures: [{ seed: 3, checker: 'agreement' }],
    });
    expect(tally.failed).toBe(true);
  });

  it('counts a stalled run as such, and not as a violation', () => {
    const tally = new Tally('qbft', 1);
    tally.add(
      runSeed(
        worldOf(() => {}, true),
        planAt(1),
      ),
    );
    expect(tally.report(1)).toMatchObject({ violations: 0, stalled: 1 });
    expect(tally.failed).toBe(true);
  });

  it('does not take a repeated run for a new one', () => {
    const tally = new Tally('qbft', 1);
    for (const seed of [5, 5, 6]) tally.add(runSeed(good, planAt(seed)));
    expect(tally.report(1).distinctTraces).toBe(2);
  });
});

describe('a shrunk plan', () => {
  const rich = Array.from({ length: 400 }, (_, seed) => planAt(seed)).find(
    ({ faults, byzantine, followers, workload }) =>
      faults.length > 8 && byzantine.length > 0 && followers > 0 && workload.stories > 1,
  ) as Plan;

  it('keeps what the failure needs, and nothing else', () => {
    const [needed] = rich.faults.slice(3);
    const fails = (plan: Plan) => plan.faults.some((fault) => fault === needed) && plan.heights >= 7;
    const { plan, runs } = shrink(rich, fails);
    expect(plan.faults).toEqual([needed]);
    expect(plan).toMatchObject({ byzantine: [], heights: 7, workload: { stories: 0, governance: [] } });
    expect(runs).toBeLessThan(200);
  });

  it('can leave out everything but four validators', () => {
    const { plan } = shrink(planOf(3, { engine: 'qbft', validators: 7 }), () => true);
    expect(plan).toMatchObject({ faults: [], byzantine: [], followers: 0, validators: 4, heights: 2 });
    expect(plan.skews).toEqual(Array(4).fill({ offsetMs: 0, driftPpm: 0 }));
  });

  it('is the plan itself where nothing can go, and costs no more runs than it may', () => {
    expect(shrink(rich, () => false).plan).toBe(rich);
    expect(shrink(rich, () => false, { runsMax: 3 }).runs).toBe(3);
  });

  it('comes in steps that are each smaller, and still plans as JSON keeps them', () => {
    const size = (plan: Plan) => JSON.stringify(plan).length;
    const steps = [...reductions(rich)];
    expect(steps.length).toBeGreaterThan(20);
    for (const step of steps) {
      expect(JSON.parse(JSON.stringify(step))).toEqual(step);
      expect(step).not.toEqual(rich);
      expect(size(step)).toBeLessThanOrEqual(size(rich));
    }
  });
});
