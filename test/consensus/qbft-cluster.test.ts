import { describe, expect, it } from 'vitest';
import { equal, toHex } from '../../src/base/bytes.ts';
import { decodeEvidence, type Evidence, evidenceId, verifyEvidence } from '../../src/consensus/evidence.ts';
import type { SignedVote } from '../../src/consensus/vote.ts';
import { Cluster, type ClusterOptions, type Faults, type Host, QUIET } from './cluster.ts';
import { chainId, primitives } from './fakes.ts';

const STORM: Faults = { drop: 0.15, duplicate: 0.1, latencyMaxMs: 80, crash: 0.003 };
const sameVote = (a: SignedVote, b: SignedVote) => equal(a.signature, b.signature);
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const lowest = (cluster: Cluster) => Math.min(...cluster.heights());
const highest = (cluster: Cluster) => Math.max(...cluster.heights());

/** Ends every fault and expects each host three heights beyond the best of them. */
function expectProgress(cluster: Cluster, withinMs = 8_000): void {
  cluster.faults = QUIET;
  cluster.link = () => true;
  for (const host of cluster.hosts) cluster.boot(host);
  const goal = highest(cluster) + 3;
  const reached = cluster.run(cluster.nowMs + withinMs, () => lowest(cluster) >= goal);
  expect({ reached, heights: cluster.heights() }).toMatchObject({ reached: true });
}

describe('a quiet cluster', () => {
  for (const n of [1, 2, 3, 4, 7])
    it(`decides height after height in round 0 with ${n} validators`, () => {
      const cluster = new Cluster({ n, seed: n });
      expect(cluster.run(2_000, () => lowest(cluster) >= 10)).toBe(true);
      expect(cluster.violations).toEqual([]);
      const rounds = cluster.hosts.flatMap((host) => host.disk.chain.map(({ certificate }) => certificate.round));
      expect(new Set(rounds)).toEqual(new Set([0]));
    });

  it('reports no evidence and no peer as behind while all are honest', () => {
    const cluster = new Cluster({ n: 4, seed: 9 });
    const behind: string[] = [];
    cluster.observe = (host, _input, effects) => {
      for (const effect of effects) if (effect.type === 'behind') behind.push(host.name);
    };
    cluster.run(2_000, () => lowest(cluster) >= 10);
    expect(cluster.evidence).toEqual([]);
    expect(behind).toEqual([]);
  });
});

describe('a storm of drops, delays, repeats and crashes', () => {
  for (const [n, count] of [
    [4, 12],
    [7, 4],
  ] as const)
    it(`never forks or double-signs, and ends in progress, with ${n} validators and ${count} seeds`, () => {
      let crashes = 0;
      let decided = 0;
      for (const seed of seeds(count)) {
        const cluster = new Cluster({ n, seed, faults: STORM });
        cluster.run(3_000);
        crashes += cluster.hosts.reduce((sum, host) => sum + host.life, 0);
        decided += highest(cluster);
        expectProgress(cluster);
        expect({ seed, violations: cluster.violations }).toEqual({ seed, violations: [] });
        expect(cluster.evidence).toEqual([]);
      }
      // The storm must be one, and it must leave room for decisions: else the claims above are empty.
      expect(crashes).toBeGreaterThan(count);
      expect(decided).toBeGreaterThan(count * 3);
    });

  it('goes on after a partition without a quorum on either side', () => {
    for (const seed of seeds(6)) {
      const cluster = new Cluster({ n: 4, seed });
      cluster.run(150);
      const left = new Set(cluster.hosts.slice(0, 2));
      cluster.link = (from, to) => left.has(from) === left.has(to);
      cluster.run(1_000);
      const stalled = highest(cluster);
      cluster.run(5_000);
      expect(highest(cluster)).toBe(stalled);
      expectProgress(cluster, 3_000);
      expect(cluster.violations).toEqual([]);
    }
  });

  it('goes on after all validators lose power at once, at any moment', () => {
    for (const seed of seeds(14)) {
      const cluster = new Cluster({ n: 4, seed, faults: { ...QUIET, drop: seed % 3 === 0 ? 0.2 : 0 } });
      cluster.run(40 + seed * 13);
      for (const host of cluster.hosts) cluster.crash(host);
      expectProgress(cluster, 4_000);
      expect(cluster.violations).toEqual([]);
    }
  });
});

describe('a crashed leader', () => {
  it('costs a round change, not the height', () => {
    const cluster = new Cluster({ n: 4, seed: 5 });
    cluster.crash(cluster.hosts[1] as Host); // leads height 1, round 0
    const others = () => cluster.hosts.filter((host) => host.alive);
    expect(cluster.run(2_000, () => others().every((host) => host.disk.chain.length >= 6))).toBe(true);
    const rounds = (others()[0] as Host).disk.chain.map(({ certificate }) => certificate.round);
    expect(rounds.slice(0, 6)).toEqual([1, 0, 0, 0, 1, 0]);
    expect(cluster.violations).toEqual([]);
  });

  it('catches up when it returns', () => {
    const cluster = new Cluster({ n: 4, seed: 6 });
    const late = cluster.hosts[2] as Host;
    cluster.crash(late);
    cluster.run(2_000);
    cluster.boot(late);
    expect(
      cluster.run(4_000, () => late.disk.chain.length >= highest(cluster) - 1 && late.disk.chain.length > 10),
    ).toBe(true);
    expect(cluster.violations).toEqual([]);
  });
});

describe('a validator set that changes', () => {
  /** Every two heights another member of the five stands aside, so the leaders change places. */
  const setAt: ClusterOptions['setAt'] = (all, height) =>
    all.filter((_, i) => i !== Math.floor(height / 2) % all.length);

  it('never stalls the next height, though messages that came early under the new set are lost', () => {
    let lost = 0;
    for (const seed of seeds(6)) {
      const cluster = new Cluster({ n: 5, seed, setAt, intervalMs: 0, faults: { ...QUIET, latencyMaxMs: 20 } });
      cluster.observe = (host, input) => {
        if (input.type !== 'message' || input.message.vote.height !== host.state.height + 1) return;
        if (![...host.state.nextHeight.values()].some(({ vote }) => sameVote(vote, input.message.vote))) lost++;
      };
      expect(cluster.run(6_000, () => lowest(cluster) >= 20)).toBe(true);
      expect(cluster.violations).toEqual([]);
      expect(cluster.evidence).toEqual([]);
    }
    // Messages must have been lost: else the claim is empty.
    expect(lost).toBeGreaterThan(5);
  });

  it('neither forks nor stalls through a storm', () => {
    for (const seed of seeds(2)) {
      const cluster = new Cluster({ n: 5, seed, setAt, faults: STORM });
      cluster.run(3_000);
      expectProgress(cluster);
      expect({ seed, violations: cluster.violations }).toEqual({ seed, violations: [] });
    }
  });
});

describe('a prepared block', () => {
  it('survives the round change when its commits are lost', () => {
    const cluster = new Cluster({ n: 4, seed: 11 });
    const prepared = new Set<string>();
    cluster.observe = (host, _input, effects) => {
      if (host.state.height !== 1 || host.state.round !== 0 || host.state.prepared === null) return;
      prepared.add(toHex(host.state.prepared.blockHash));
      // Round 0 ends here: from now on nothing passes before everyone has changed round.
      if (effects.length > 0) cluster.link = () => false;
    };
    cluster.run(60);
    expect(prepared.size).toBe(1);
    cluster.observe = () => {};
    expectProgress(cluster, 3_000);
    const first = (cluster.hosts[0] as Host).disk.chain[0];
    expect([...prepared]).toEqual([toHex(first?.certificate.blockHash as Uint8Array)]);
    expect(first?.certificate.round).toBeGreaterThan(0);
    expect(cluster.violations).toEqual([]);
  });
});

describe('a validator that runs twice under one key', () => {
  it('forks nobody, and leaves evidence that verifies', () => {
    let seen = 0;
    for (const seed of seeds(5)) {
      const cluster = new Cluster({ n: 4, seed, twins: true });
      const [twin, original] = cluster.hosts as [Host, Host];
      // Each half talks to one part of the network; both listen to all.
      cluster.link = (from, to) => {
        if (from === twin) return to === original || to === cluster.hosts[2] || to === cluster.hosts[3];
        return from !== original || to !== cluster.hosts[2];
      };
      cluster.run(1_500);
      cluster.link = () => true;
      cluster.run(cluster.nowMs + 3_000, () => lowest(cluster) >= 12);
      expect({ seed, violations: cluster.violations }).toEqual({ seed, violations: [] });
      expect(lowest(cluster)).toBeGreaterThanOrEqual(12);
      seen += cluster.evidence.length;
      const ids = new Set<string>();
      for (const bytes of cluster.evidence) {
        const evidence = decodeEvidence(bytes) as { ok: true; value: Evidence };
        expect(evidence.ok && verifyEvidence(primitives, chainId, cluster.setAt(1), evidence.value).ok).toBe(true);
        expect(equal(evidence.value.first.validator, twin.member.id)).toBe(true);
        ids.add(toHex(evidenceId(primitives, evidence.value)));
      }
      // At most every host reports an offence, and each of them once.
      expect(cluster.evidence.length).toBeLessThanOrEqual(ids.size * cluster.hosts.length);
    }
    expect(seen).toBeGreaterThan(5);
  });
});
