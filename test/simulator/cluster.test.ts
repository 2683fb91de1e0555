import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { CONFIG, GENESIS_MS, toyCluster, transactionsOf } from './cluster-support.ts';

const SECOND = 1_000;

describe('four nodes on a virtual clock', () => {
  it('finalise blocks that hold what their clients sent, and agree on every one', () => {
    const cluster = toyCluster();
    cluster.start();
    const ticket = cluster.submit(2, transactionsOf('a', 20));
    cluster.submit(1, transactionsOf('b', 5));
    expect(cluster.answers(2, ticket)?.every(({ ok }) => ok)).toBe(true);
    expect(cluster.runUntil(() => cluster.allAt(5), 10 * SECOND)).toBe(true);
    const held = cluster.disk(3).headers.reduce((sum, { gasUsed }) => sum + gasUsed, 0);
    expect(held).toBe(25);
    for (const node of [0, 1, 2, 3]) expect(cluster.host(node).replica.pool.size).toBe(0);
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('beats slowly while idle, and quickly while transactions wait', () => {
    const cluster = toyCluster();
    cluster.start();
    cluster.run(10.5 * SECOND);
    expect(cluster.height(0)).toBe(10);
    const times = cluster.disk(0).headers.map(({ timestampMs }) => timestampMs - GENESIS_MS);
    for (let i = 1; i < times.length; i++)
      expect((times[i] as number) - (times[i - 1] as number)).toBeGreaterThanOrEqual(1_000);
    const before = cluster.height(0);
    for (let i = 0; i < 20; i++) {
      cluster.submit(i % 4, transactionsOf('a', 1, i));
      cluster.run(100);
    }
    expect(cluster.height(0) - before).toBeGreaterThanOrEqual(10);
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('goes on with one killed, which catches up when it is back', () => {
    const cluster = toyCluster();
    cluster.start();
    cluster.run(2 * SECOND);
    cluster.crash(3);
    const at = cluster.disk(3).height;
    for (let i = 0; i < 30; i++) {
      cluster.submit(i % 3, transactionsOf('a', 3, 3 * i));
      cluster.run(400);
    }
    expect(cluster.height(0) - at).toBeGreaterThanOrEqual(15);
    expect(cluster.disk(3).height).toBe(at);
    cluster.restart(3);
    expect(cluster.runUntil(() => cluster.height(3) >= cluster.height(0), 5 * SECOND)).toBe(true);
    const rootAt = (node: number) => toHex(cluster.disk(node).headers[cluster.height(3)]?.stateRoot as Uint8Array);
    expect(rootAt(3)).toBe(rootAt(0));
    const height = cluster.height(3);
    cluster.crash(0); // the one that came back is needed for a quorum now
    expect(cluster.runUntil(() => cluster.height(3) >= height + 4, 20 * SECOND)).toBe(true);
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('changes the round when the leader is dead', () => {
    const cluster = toyCluster();
    cluster.start();
    cluster.runUntil(() => cluster.allAt(2), 10 * SECOND);
    cluster.crash(3); // leads height 3 in round 0
    expect(cluster.runUntil(() => cluster.height(0) >= 3, 10 * SECOND)).toBe(true);
    expect(toHex(cluster.disk(0).headers[3]?.proposer as Uint8Array)).toBe(
      toHex(cluster.disk(0).tip.validators[0]?.id as Uint8Array),
    );
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('stops while no side of a partition has a quorum, and goes on when it heals', () => {
    const cluster = toyCluster();
    cluster.start();
    cluster.run(3 * SECOND);
    cluster.partition([0, 1], [2, 3]);
    cluster.submit(0, transactionsOf('a', 3));
    cluster.run(500);
    const heights = [0, 1, 2, 3].map((node) => cluster.height(node));
    cluster.run(20 * SECOND);
    expect([0, 1, 2, 3].map((node) => cluster.height(node))).toEqual(heights);
    cluster.heal();
    const target = Math.max(...heights) + 3;
    expect(cluster.runUntil(() => cluster.allAt(target), 20 * SECOND)).toBe(true);
    expect(cluster.disk(3).headers.reduce((sum, { gasUsed }) => sum + gasUsed, 0)).toBe(3);
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('goes on with the larger side, which the smaller one joins again', () => {
    const cluster = toyCluster();
    cluster.start();
    cluster.run(2 * SECOND);
    cluster.partition([0, 1, 2], [3]);
    cluster.run(15 * SECOND);
    const [large, small] = [cluster.height(0), cluster.height(3)];
    expect(large - small).toBeGreaterThanOrEqual(5);
    cluster.heal();
    expect(cluster.runUntil(() => cluster.height(3) >= large + 2, 10 * SECOND)).toBe(true);
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('survives the crash of every node at any moment of a height, and no key forgets a vote', () => {
    const caught = new Set<number>();
    for (let crashMs = 0; crashMs <= 60; crashMs += 2) {
      const cluster = toyCluster({ seed: crashMs });
      cluster.start();
      cluster.runUntil(() => cluster.allAt(2), 10 * SECOND);
      cluster.submit(0, transactionsOf('a', 1));
      cluster.run(CONFIG.blockIntervalMs / 2 + crashMs); // height 3 begins and ends within these
      for (const node of [0, 1, 2, 3]) cluster.crash(node);
      caught.add(cluster.checkers.decidedHeight);
      cluster.run(15);
      cluster.start();
      const target = cluster.checkers.decidedHeight + 2;
      expect(cluster.runUntil(() => cluster.allAt(target), 20 * SECOND)).toBe(true);
      expect(cluster.checkers.violations).toEqual([]);
    }
    expect(caught).toEqual(new Set([2, 3])); // before the decision, and after it
  });

  it('lets a follower without a vote keep up, and pass on its clients', () => {
    const cluster = toyCluster({ observers: 1 });
    cluster.start();
    cluster.submit(4, transactionsOf('a', 2));
    expect(cluster.runUntil(() => cluster.allAt(4), 10 * SECOND)).toBe(true);
    expect(cluster.host(4).replica.signs).toBe(false);
    expect(cluster.disk(0).headers.reduce((sum, { gasUsed }) => sum + gasUsed, 0)).toBe(2);
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('never signs with a key whose signing state was lost, and still follows', () => {
    const cluster = toyCluster();
    cluster.start();
    cluster.run(3 * SECOND);
    cluster.crash(2);
    cluster.disk(2).signingRecord = null;
    cluster.restart(2);
    expect(cluster.host(2).signingRefused).toBe('signing-record.lost');
    const target = cluster.height(0) + 5;
    expect(cluster.runUntil(() => cluster.allAt(target), 30 * SECOND)).toBe(true);
    expect([cluster.host(2).replica.signs, cluster.host(1).replica.signs]).toEqual([false, true]);
    expect(cluster.disk(2).signingRecord).toBeNull();
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('lives with clocks that disagree by more than a proposal may be ahead', () => {
    const cluster = toyCluster({ skewMs: (node) => [0, 700, -700, 100][node] as number });
    cluster.start();
    expect(cluster.runUntil(() => cluster.allAt(12), 40 * SECOND)).toBe(true);
    expect(cluster.checkers.violations).toEqual([]);
  });

  it('gets every transaction into a block although messages are lost', () => {
    for (const seed of [1, 2, 3]) {
      const cluster = toyCluster({ seed, conditions: { delayMinMs: 1, delayMaxMs: 40, loss: 0.1 } });
      cluster.start();
      for (let i = 0; i < 10; i++) {
        cluster.submit(i % 4, transactionsOf(`sender ${i % 4}`, 2, 2 * Math.floor(i / 4)));
        cluster.run(300);
      }
      const held = () => cluster.disk(0).headers.reduce((sum, { gasUsed }) => sum + gasUsed, 0);
      expect(cluster.runUntil(() => held() === 20 && cluster.allAt(5), 120 * SECOND)).toBe(true);
      expect(cluster.checkers.violations).toEqual([]);
    }
  });

  it('runs the same way again from the same seed, and another way from another', () => {
    const hashesOf = (seed: number) => {
      const cluster = toyCluster({ seed, conditions: { delayMinMs: 1, delayMaxMs: 40, loss: 0.05 } });
      cluster.start();
      cluster.submit(1, transactionsOf('a', 10));
      cluster.run(4 * SECOND);
      return [toHex(cluster.disk(0).tip.hash), cluster.network.counts.sent];
    };
    expect(hashesOf(7)).toEqual(hashesOf(7));
    expect(hashesOf(7)).not.toEqual(hashesOf(8));
  });
});
