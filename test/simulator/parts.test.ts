import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Signature } from '../../src/base/brand.ts';
import type { Vote } from '../../src/consensus/engine.ts';
import { Checkers } from '../../src/simulator/checkers.ts';
import type { CommitEffect } from '../../src/simulator/disk.ts';
import { SimulatedNetwork } from '../../src/simulator/network.ts';
import { Random } from '../../src/simulator/random.ts';
import { Scheduler } from '../../src/simulator/scheduler.ts';
import { chainId, hashOf, heightOf, primitives, secretOf } from '../protocol/support.ts';

describe('the virtual clock', () => {
  it('runs events in order of time, those of one instant in the order in which they came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (delays) => {
        const scheduler = new Scheduler(1_000);
        const ran: { atMs: number; i: number }[] = [];
        delays.forEach((delayMs, i) => {
          scheduler.after(delayMs, () => ran.push({ atMs: scheduler.nowMs - 1_000, i }));
        });
        while (scheduler.step(Number.POSITIVE_INFINITY));
        const expected = delays.map((atMs, i) => ({ atMs, i })).sort((a, b) => a.atMs - b.atMs || a.i - b.i);
        expect(ran).toEqual(expected);
      }),
    );
  });
});

describe('the simulated network', () => {
  it('delivers within its delays, and nothing across a cut', () => {
    const scheduler = new Scheduler(0);
    const network = new SimulatedNetwork(scheduler, new Random(3), { delayMinMs: 5, delayMaxMs: 9, loss: 0 });
    const arrivals: number[] = [];
    network.partition([[0, 1], [2]]);
    for (let i = 0; i < 50; i++) network.send(0, 1, () => arrivals.push(scheduler.nowMs));
    network.send(0, 2, () => arrivals.push(-1));
    network.send(3, 2, () => arrivals.push(-1));
    while (scheduler.step(100));
    expect(arrivals.length).toBe(50);
    expect([Math.min(...arrivals), Math.max(...arrivals)]).toEqual([5, 9]);
    expect(network.counts).toMatchObject({ sent: 52, lost: 0, cut: 2 });
    network.heal();
    expect(network.reaches(3, 2)).toBe(true);
  });

  it('loses about as much as it is told to', () => {
    const network = new SimulatedNetwork(new Scheduler(0), new Random(5), { delayMinMs: 0, delayMaxMs: 0, loss: 0.3 });
    for (let i = 0; i < 2_000; i++) network.send(0, 1, () => {});
    expect(network.counts.lost).toBeGreaterThan(500);
    expect(network.counts.lost).toBeLessThan(700);
  });
});

describe('simulated signatures', () => {
  it('hold for their digest and key alone', () => {
    const secret = secretOf('x');
    const key = primitives.publicKeyOf(secret);
    const signature = primitives.sign(hashOf('digest'), secret);
    expect(primitives.verify(hashOf('digest'), signature, key)).toBe(true);
    expect(primitives.recover(hashOf('digest'), signature)).toEqual(key);
    expect(primitives.verify(hashOf('other'), signature, key)).toBe(false);
    expect(primitives.verify(hashOf('digest'), signature, primitives.publicKeyOf(secretOf('y')))).toBe(false);
    for (let i = 0; i < 65; i++) {
      const changed = signature.slice() as Signature;
      changed[i] = (changed[i] as number) ^ 1;
      expect(primitives.verify(hashOf('digest'), changed, key)).toBe(false);
    }
  });
});

describe('the checkers', () => {
  const commitOf = (height: number, block: string, state = 'state'): CommitEffect =>
    ({
      height,
      hash: hashOf(block),
      block: { header: { stateRoot: hashOf(state) } },
      execution: { tree: { root: { hash: hashOf('state'), version: 1 } } },
    }) as unknown as CommitEffect;
  const voteOf = (block: string): Vote => ({
    chainId,
    engine: 'qbft',
    height: heightOf(1),
    round: 0 as Vote['round'],
    type: 'commit',
    blockHash: hashOf(block),
    preparedRound: null,
    preparedHash: null,
  });

  function commitAll(checkers: Checkers, ...commits: readonly [number, string, number][]): void {
    for (const [node, block, height] of commits) checkers.committed(node, commitOf(height, block));
  }

  it('are silent while all is well', () => {
    const checkers = new Checkers();
    for (const node of [0, 1])
      for (const height of [1, 2]) checkers.committed(node, commitOf(height, `block ${height}`));
    for (const _ of [1, 2]) checkers.signed(0, voteOf('block 1'));
    expect([checkers.violations, checkers.decidedHeight]).toEqual([[], 2]);
  });

  it.each<[string, (checkers: Checkers) => void]>([
    ['two blocks at one height', (c) => commitAll(c, [0, 'this', 1], [1, 'that', 1])],
    ['another state than the header says', (c) => c.committed(0, commitOf(1, 'block', 'another'))],
    ['a height left out', (c) => commitAll(c, [0, 'block', 2])],
    ['a height committed twice', (c) => commitAll(c, [0, 'block', 1], [0, 'block', 1])],
    ['two votes in one place', (c) => [voteOf('this'), voteOf('that')].map((vote) => c.signed(0, vote))],
    ['a node that stops', (c) => c.halted(0, 'replica.diverged', '')],
  ])('report %s', (_, act) => {
    const checkers = new Checkers();
    act(checkers);
    expect(checkers.violations.length).toBe(1);
  });
});
