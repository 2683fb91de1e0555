import { describe, expect, it } from 'vitest';
import { equal, toHex } from '../../src/base/bytes.ts';
import { planOf } from '../../src/simulator/draw-plan.ts';
import type { Observer } from '../../src/simulator/observation.ts';
import type { Plan } from '../../src/simulator/plan.ts';
import { Fingerprint } from '../../src/simulator/trace/fingerprint.ts';
import { all, effects, planWith, run, watch } from './plan-support.ts';

function fingerprintOf(plan: Plan, ...others: readonly Observer[]): string {
  const fingerprint = new Fingerprint();
  run(plan, [fingerprint.observe, ...others]);
  return fingerprint.value;
}

const QBFT = { engine: 'qbft', heights: 16 } as const;

describe('a run', () => {
  it('has the same events for the same seed, whatever ran before it, and others for another seed', () => {
    const first = [3, 4].map((seed) => fingerprintOf(planOf(seed, QBFT)));
    fingerprintOf(planOf(11, { ...QBFT, validators: 7, heights: 4 }));
    expect([3, 4].map((seed) => fingerprintOf(planOf(seed, QBFT)))).toEqual(first);
    expect(first[0]).not.toBe(first[1]);
  });

  it('is decided by its plan: one that was written down as JSON runs the same', () => {
    const plan = planOf(12, QBFT);
    expect(fingerprintOf(JSON.parse(JSON.stringify(plan)) as Plan)).toBe(fingerprintOf(plan));
  });

  it('is the same with and without those who watch it', () => {
    const plan = planOf(5, QBFT);
    expect(fingerprintOf(plan, () => {})).toBe(fingerprintOf(plan));
    expect(run(plan)).toEqual(watch(plan).outcome);
  });

  it('reaches the heights of its plan, and five more after the faults at every honest node', () => {
    const plan = planOf(6, QBFT);
    const watched = watch(plan);
    expect([watched.outcome.stalled, watched.outcome.heights >= 16]).toEqual([false, true]);
    const quietAt = watched.seen.findIndex(({ type }) => type === 'quiet');
    const newest = (upTo: number, node: number) =>
      Math.max(
        0,
        ...watched.seen
          .slice(0, upTo)
          .flatMap((each) =>
            each.type === 'effect' && each.effect.type === 'commit' && each.node === node ? [each.effect.height] : [],
          ),
      );
    const honest = new Set(all(watched, 'started').flatMap(({ node, honest }) => (honest ? [node] : [])));
    const before = Math.max(...[...honest].map((node) => newest(quietAt, node)));
    for (const node of honest) expect(newest(watched.seen.length, node)).toBeGreaterThanOrEqual(before + 5);
  });

  it('says that it stalled, and who is behind, where more than f are silent', () => {
    const byzantine = [0, 1].map((node) => ({ node, behaviour: 'silent' as const }));
    const { stalled, reason } = run(planWith({ byzantine, workload: { stories: 0, pauseMaxMs: 1, governance: [] } }));
    expect(stalled).toBe(true);
    expect(reason).toMatch(/^node 2, node 3 below/);
  });

  it('signs with the real curve where the plan says so, and says which signer it used', () => {
    const short = planWith({ heights: 3, quietFromMs: 1_000, signer: 'secp256k1' });
    expect(run(short).signer).toContain('secp256k1');
    expect(run(planWith({ heights: 3, quietFromMs: 1_000 })).signer).toContain('keyed hash');
  });

  it('tells of everything: the genesis first, then inputs, effects, engine steps, samples and the quiet phase', () => {
    const watched = watch(planWith());
    expect(watched.seen[0]?.type).toBe('genesis');
    const types = new Set(watched.seen.map(({ type }) => type));
    for (const type of ['started', 'input', 'effect', 'engine', 'sample', 'quiet'] as const)
      expect([type, types.has(type)]).toEqual([type, true]);
    expect(watched.seen.length).toBe(watched.outcome.eventsTotal);
  });

  it('tells of a durable write when it is done, never before', () => {
    const watched = watch(planWith({ faults: [{ kind: 'io-error', node: 0, atMs: 3_000, untilMs: 9_000 }] }));
    for (const node of [0, 1, 2, 3]) {
      const heights = effects(watched, 'commit').flatMap((each) => (each.node === node ? [each.effect.height] : []));
      expect(heights).toEqual(heights.map((_, i) => (heights[0] as number) + i));
    }
  });
});

describe('the people of a run', () => {
  it('get their stories onto the chain: reads under a grant applied, those before it, after its end and after its revocation denied', () => {
    const watched = watch(planWith({ heights: 30, workload: { stories: 1, pauseMaxMs: 2_000, governance: [] } }));
    const outcomes = effects(watched, 'commit').flatMap(({ node, effect }) =>
      node === 0
        ? effect.execution.receipts.map(({ outcome }, i) => [
            effect.execution.transactions[i]?.transaction.kind,
            outcome,
          ])
        : [],
    );
    const reads = outcomes.flatMap(([kind, outcome]) => (kind === 'readRecord' ? [outcome] : []));
    expect(new Set(reads)).toEqual(new Set(['applied', 'denied']));
    expect(outcomes.filter(([kind, outcome]) => kind !== 'readRecord' && outcome !== 'applied')).toEqual([]);
    expect(watched.outcome.transactions.final).toBe(22);
  });

  it('go to another door when theirs forgets: every transaction is final once', () => {
    const faults = [
      { kind: 'restart-storm', nodes: [0, 1, 2, 3], periodMs: 800, atMs: 1_500, untilMs: 8_000 },
    ] as const;
    const watched = watch(planWith({ heights: 40, faults, workload: { stories: 1, pauseMaxMs: 500, governance: [] } }));
    const { submitted, final } = watched.outcome.transactions;
    expect([submitted > final, final]).toEqual([true, 22]);
    const ids = effects(watched, 'commit').flatMap(({ node, effect }) =>
      node === 0 ? effect.execution.receipts.map(({ transactionId }) => toHex(transactionId)) : [],
    );
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('the hospitals of a run', () => {
  const governance = [
    { change: 'add', node: 4, atMs: 500 },
    { change: 'remove', node: 2, atMs: 500 },
    { change: 'rotate', node: 1, atMs: 500 },
  ] as const;
  const plan = planWith({ followers: 1, heights: 36, workload: { stories: 1, pauseMaxMs: 2_000, governance } });

  it('vote a validator in, then one out, then a new key for a third, and the chain goes on through each', () => {
    const watched = watch(plan);
    expect([watched.outcome.stalled, watched.outcome.reason]).toEqual([false, null]);
    const names = (validators: readonly { readonly id: Uint8Array; readonly publicKey: Uint8Array }[]) =>
      validators.map(({ id, publicKey }) => `${toHex(id)} ${toHex(publicKey)}`);
    const sets = effects(watched, 'commit').flatMap(({ node, effect }) =>
      node === 0 ? [names(effect.execution.nextValidators)] : [],
    );
    const [first, second, third, fourth] = sets.filter((set, i) => i === 0 || set.join() !== sets[i - 1]?.join());
    expect([first, second, third, fourth].map((set) => set?.length)).toEqual([4, 5, 4, 4]);
    expect(third?.filter((each) => fourth?.includes(each)).length).toBe(3);
    // The new one votes, the removed one stops, and the third signs with its new key.
    const signedLast = new Set(
      effects(watched, 'sign').flatMap(({ node, effect }) => (effect.payload.height > 34 ? [node] : [])),
    );
    expect([...signedLast].sort()).toEqual([0, 1, 3, 4]);
    expect(watched.outcome.faults['key-change']).toBe(1);
    expect(effects(watched, 'signingRefused')).toEqual([]);
  });
});

describe('honest clocks', () => {
  it('are off by what the plan says, and right again in the quiet phase', () => {
    const ahead = { offsetMs: 400, driftPpm: 5_000 };
    const watched = watch(planWith({ skews: [ahead], heights: 20 }));
    const id = all(watched, 'genesis')[0]?.validators[0]?.id ?? new Uint8Array(0);
    const quietMs = all(watched, 'quiet')[0]?.atMs ?? 0;
    /** How far the time of a block of node 0 is ahead of the moment at which node 1 has it. */
    const leads = all(watched, 'effect').flatMap(({ node, atMs, effect }) =>
      node === 1 && effect.type === 'commit' && equal(effect.block.header.proposer, id)
        ? [{ quiet: effect.block.header.timestampMs > quietMs + 2_000, ms: effect.block.header.timestampMs - atMs }]
        : [],
    );
    const longest = (quiet: boolean) => Math.max(...leads.flatMap((lead) => (lead.quiet === quiet ? [lead.ms] : [])));
    expect(longest(false)).toBeGreaterThan(200);
    expect(longest(true)).toBeLessThanOrEqual(0);
  });
});
