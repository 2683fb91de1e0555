import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../src/base/validators.ts';
import { BEHAVIOURS } from '../../src/simulator/byzantine/names.ts';
import { planOf } from '../../src/simulator/draw-plan.ts';
import { DISK_KINDS, type Fault, NETWORK_KINDS, PROCESS_KINDS, STATE_LOSING_KINDS } from '../../src/simulator/fault.ts';
import { faultyNodes, type Plan } from '../../src/simulator/plan.ts';

const SEEDS = Array.from({ length: 1_000 }, (_, seed) => seed);
const plansOf = (validators: number): readonly Plan[] =>
  SEEDS.map((seed) => planOf(seed, { engine: 'qbft', validators }));
const SIZES = [4, 7, 10];
const faultsOfAll = (plans: readonly Plan[]): readonly Fault[] => plans.flatMap(({ faults }) => faults);

describe('the plan of a seed', () => {
  it.each(SIZES)(
    'lets at most f of %i validators break their word or forget it, and exactly f in a third of the seeds',
    (n) => {
      const counts = plansOf(n).map((plan) => faultyNodes(plan).size);
      expect(Math.max(...counts)).toBe(faultsOf(n));
      expect(counts.filter((count) => count === faultsOf(n)).length).toBeGreaterThanOrEqual(SEEDS.length / 3);
      expect(counts).toContain(0);
    },
  );

  it.each(SIZES)('takes the faulty among %i from the first validators, whom no vote makes fewer', (n) => {
    for (const plan of plansOf(n)) {
      expect([...faultyNodes(plan)].every((node) => node < n)).toBe(true);
      const changes = plan.workload.governance.map(({ change }) => change);
      if (changes.includes('remove')) expect(changes.indexOf('add')).toBeLessThan(changes.indexOf('remove'));
    }
  });

  it('is JSON, and comes back from it as it was', () => {
    for (const plan of plansOf(4).slice(0, 200)) expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('is the same each time, and another for another seed', () => {
    expect(planOf(7, { engine: 'qbft' })).toEqual(planOf(7, { engine: 'qbft' }));
    expect(new Set(plansOf(4).map((plan) => JSON.stringify(plan))).size).toBe(SEEDS.length);
  });

  it('has at least 50 heights at n = 4, and signs with the real curve in one seed of 20', () => {
    const plans = plansOf(4);
    expect(Math.min(...plans.map(({ heights }) => heights))).toBe(50);
    expect(plans.filter(({ signer }) => signer === 'secp256k1').length).toBe(SEEDS.length / 20);
    expect(planOf(3, { engine: 'qbft', heights: 80 }).heights).toBe(80);
  });

  it('leaves out a random part of all kinds: each strikes in some seeds and not in others', () => {
    const plans = plansOf(4);
    for (const kind of [...NETWORK_KINDS, ...PROCESS_KINDS, ...DISK_KINDS, ...STATE_LOSING_KINDS, 'late-start']) {
      const struck = plans.filter(({ faults }) => faults.some((fault) => fault.kind === kind)).length;
      expect([kind, struck > 25, struck < 700]).toEqual([kind, true, true]);
    }
    const behaviours = new Set(plans.flatMap(({ byzantine }) => byzantine.map(({ behaviour }) => behaviour)));
    expect([...behaviours].sort()).toEqual([...BEHAVIOURS].sort());
    expect(plans.some(({ faults, byzantine }) => faults.length === 0 && byzantine.length === 0)).toBe(true);
  });

  it('keeps to the bounds of each fault: loss to 30 %, duplication to 50 %, delay to 10 s', () => {
    const faults = faultsOfAll(plansOf(4));
    const largest = <Kind extends Fault['kind']>(kind: Kind, read: (fault: Extract<Fault, { kind: Kind }>) => number) =>
      Math.max(
        ...faults.flatMap((fault) => (fault.kind === kind ? [read(fault as Extract<Fault, { kind: Kind }>)] : [])),
      );
    expect(largest('loss', ({ share }) => share)).toBe(0.3);
    expect(largest('duplication', ({ share }) => share)).toBe(0.5);
    expect(largest('delay', ({ delayMaxMs }) => delayMaxMs)).toBe(10_000);
  });

  it('ends every fault before the quiet phase, and cuts no group that is nobody or everybody', () => {
    for (const { faults, quietFromMs, validators, followers } of plansOf(4)) {
      for (const fault of faults) {
        expect(fault.untilMs).toBeLessThanOrEqual(quietFromMs);
        expect(fault.atMs).toBeLessThanOrEqual(fault.untilMs);
        if (!('group' in fault)) continue;
        expect(fault.group.length).toBeGreaterThan(0);
        expect(fault.group.length).toBeLessThan(validators + followers);
      }
    }
  });

  it('keeps the conditions of clique’s promise in a third of clique’s seeds, and in no other engine’s', () => {
    const calm = SEEDS.map((seed) => planOf(seed, { engine: 'clique' })).filter((plan) => plan.calm);
    expect(calm.length).toBeGreaterThan(SEEDS.length / 4);
    for (const { network, faults, byzantine } of calm) {
      expect(network.delayMaxMs).toBeLessThan(1_000);
      expect(faults.filter(({ kind }) => ['delay', 'loss', 'partition', 'crash', 'pause'].includes(kind))).toEqual([]);
      expect(byzantine.filter(({ behaviour }) => ['twin', 'equivocator'].includes(behaviour))).toEqual([]);
    }
    expect(plansOf(4).some((plan) => plan.calm)).toBe(false);
  });

  it('lays an ambush in a few seeds: f who forge, and links that lose words from beginning to end', () => {
    for (const n of SIZES) {
      const ambushes = plansOf(n).filter(({ seed }) => seed % 8 === 5);
      expect(ambushes.length).toBeGreaterThan(SEEDS.length / 10);
      for (const { byzantine, faults, quietFromMs } of ambushes) {
        expect(byzantine.length).toBe(faultsOf(n));
        expect(faults.map(({ kind }) => kind)).toContain('loss');
        expect(faults.every(({ atMs, untilMs }) => atMs <= 1_000 && untilMs === quietFromMs)).toBe(true);
      }
    }
  });

  it('gives a stale key a reason to be stale', () => {
    const stale = plansOf(4).filter(({ byzantine }) =>
      byzantine.some(({ behaviour }) => behaviour === 'stale-set-signer'),
    );
    expect(stale.length).toBeGreaterThan(10);
    for (const { byzantine, workload } of stale)
      expect(workload.governance.some(({ change, node }) => change !== 'add' && node === byzantine[0]?.node)).toBe(
        true,
      );
  });
});
