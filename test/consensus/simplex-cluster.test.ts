import { describe, expect, it } from 'vitest';
import type { Round } from '../../src/base/brand.ts';
import { equal, toHex } from '../../src/base/bytes.ts';
import { PATH_HEADERS_MAX } from '../../src/consensus/certificate.ts';
import { decodeEvidence, evidenceId, verifyEvidence } from '../../src/consensus/evidence.ts';
import { simplex } from '../../src/consensus/simplex/index.ts';
import { SIMPLEX_LIMITS } from '../../src/consensus/simplex/limits.ts';
import { decodeMessage, encodeMessage, type SimplexMessage } from '../../src/consensus/simplex/messages.ts';
import { notarisedBy, VIEWS_PER_HEIGHT } from '../../src/consensus/simplex/views.ts';
import { chainId, type Member, primitives, setOf, sha256 } from './fakes.ts';
import { type ClusterOptions, type Host, SimplexCluster } from './simplex-cluster.ts';
import { vote } from './simplex-solo.ts';
import { type Faults, QUIET, toyBytes } from './simplex-world.ts';

const STORM: Faults = { drop: 0.15, duplicate: 0.1, latencyMaxMs: 80, crash: 0.004 };
const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const lowest = (cluster: SimplexCluster) => Math.min(...cluster.heights());
const highest = (cluster: SimplexCluster) => Math.max(...cluster.heights());
const rulesSeen = new Set<string>();

/** Ends every fault and expects each host that is up three heights beyond the best of them. */
function expectProgress(cluster: SimplexCluster, withinMs = 5_000, up: readonly Host[] = cluster.hosts): void {
  cluster.faults = QUIET;
  cluster.link = () => true;
  for (const host of up) cluster.boot(host);
  const goal = highest(cluster) + 3;
  const reached = cluster.run(cluster.nowMs + withinMs, () => up.every((host) => host.disk.chain.length >= goal));
  expect({ reached, heights: cluster.heights() }).toMatchObject({ reached: true });
  for (const rule of cluster.rules) rulesSeen.add(rule);
}

/** What no run may show: forks, double votes, unproved commits, asks that no host could answer, memory without bounds. */
function expectSound(cluster: SimplexCluster, seed: number): void {
  expect({ seed, violations: cluster.violations }).toEqual({ seed, violations: [] });
  for (const { state } of cluster.hosts) {
    expect(state.views.size).toBeLessThanOrEqual(SIMPLEX_LIMITS.viewsBehindMax + SIMPLEX_LIMITS.viewsAheadMax);
    expect(state.blocks.size).toBeLessThanOrEqual(SIMPLEX_LIMITS.blocksMax);
  }
}

const read = (bytes: Uint8Array): SimplexMessage => {
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.rejection.code);
  return message.value;
};

describe('a quiet cluster', () => {
  for (const n of [1, 2, 3, 4, 7])
    it(`notarises and finalises one block a view with ${n} validators`, () => {
      const cluster = new SimplexCluster({ n, seed: n });
      expect(cluster.run(2_000, () => lowest(cluster) >= 8)).toBe(true);
      expectSound(cluster, n);
      expect(cluster.evidence).toEqual([]);
      for (const { disk } of cluster.hosts)
        disk.chain.forEach(({ certificate }, i) => {
          expect(certificate).toMatchObject({ round: i, height: i + 1 });
        });
    });

  it('needs no sync, and shows no peer as behind', () => {
    const cluster = new SimplexCluster({ n: 4, seed: 9 });
    const told: string[] = [];
    cluster.observe = (host, _input, effects) => {
      for (const { type } of effects) if (type === 'behind' || type === 'send') told.push(`${host.name} ${type}`);
    };
    cluster.run(390);
    expect(lowest(cluster)).toBeGreaterThan(8);
    expect(told).toEqual([]);
  });

  it('works on the next height while the last one waits for finality or for the disk', () => {
    const cluster = new SimplexCluster({ n: 4, seed: 3, intervalMs: 1, diskMs: 60 });
    let ahead = 0;
    cluster.observe = (host) => {
      ahead = Math.max(ahead, (simplex.head(host.state)?.height ?? 0) - host.disk.chain.length);
    };
    cluster.run(500);
    expect(ahead).toBeGreaterThan(2);
    expect(ahead).toBeLessThanOrEqual(SIMPLEX_LIMITS.blocksMax);
    expect(lowest(cluster)).toBeGreaterThan(5);
    expectSound(cluster, 3);
  });
});

describe('a storm of drops, delays, repeats and crashes', () => {
  const runs: readonly (readonly [string, number, Partial<ClusterOptions>, Faults])[] = [
    ['4 validators and an observer', 14, { n: 4, observers: 1 }, STORM],
    ['7 validators', 3, { n: 7 }, STORM],
    ['slow disks', 4, { n: 4, diskMs: 150 }, { ...STORM, latencyMaxMs: 30 }],
    ['a third of all messages lost', 12, { n: 4 }, { ...QUIET, drop: 0.3, latencyMaxMs: 20 }],
  ];
  for (const [name, count, options, faults] of runs)
    it(`never forks or double-signs, and ends in progress: ${name}, ${count} seeds`, () => {
      let crashes = 0;
      let decided = 0;
      for (const seed of seeds(count)) {
        const cluster = new SimplexCluster({ n: 4, ...options, seed, faults });
        cluster.run(900);
        crashes += cluster.hosts.reduce((sum, host) => sum + host.life, 0);
        decided += highest(cluster);
        expectProgress(cluster);
        expectSound(cluster, seed);
        expect(cluster.evidence).toEqual([]);
      }
      // The storm must be one, and it must leave room for decisions: else the claims above are empty.
      if (faults.crash > 0) expect(crashes).toBeGreaterThan(count / 2);
      expect(decided).toBeGreaterThan(count);
    });

  it('goes on while one validator is down and three in ten messages are lost', () => {
    for (const seed of seeds(8)) {
      const cluster = new SimplexCluster({ n: 4, seed, faults: { ...QUIET, drop: 0.3, latencyMaxMs: 10 } });
      cluster.crash(cluster.hosts[seed % 4] as Host);
      const up = () => cluster.hosts.filter((host) => host.alive);
      expect(cluster.run(20_000, () => up().every((host) => host.disk.chain.length >= 4))).toBe(true);
      expectSound(cluster, seed);
    }
  });

  it('goes on after a partition without a quorum on either side', () => {
    for (const seed of seeds(5)) {
      const cluster = new SimplexCluster({ n: 4, seed });
      cluster.run(80 + seed * 3);
      const left = new Set(cluster.hosts.slice(0, 2));
      cluster.link = (from, to) => left.has(from) === left.has(to);
      cluster.run(500);
      const stalled = highest(cluster);
      cluster.run(2_500);
      expect(highest(cluster)).toBe(stalled);
      expectProgress(cluster, 3_000);
      expectSound(cluster, seed);
    }
  });
});

describe('a crash of all validators at once', () => {
  it('at any step of a view loses nothing that was final, and the chain goes on, whoever stays down', () => {
    let steps = 0;
    for (let step = 1; step <= 110; step += 3) {
      const cluster = new SimplexCluster({ n: 4, seed: 1, diskMs: step % 2 === 1 ? 4 : 60 });
      let count = 0;
      cluster.observe = () => {
        count++;
      };
      // One view takes about 80 steps; the first is well under way here.
      cluster.run(2_000, () => count >= 90 + step);
      for (const host of cluster.hosts) cluster.crash(host);
      cluster.run(cluster.nowMs + 20);
      const down = step % 5;
      const up = cluster.hosts.filter((_host, i) => i + 1 !== down);
      expectProgress(cluster, 4_000, up);
      expectSound(cluster, step);
      expect(cluster.evidence).toEqual([]);
      steps += count;
    }
    expect(steps).toBeGreaterThan(37 * 90);
  });

  it('with a notarised block that only the crashed held ends its view without it', () => {
    const cluster = new SimplexCluster({ n: 4, seed: 2 });
    const [leader, ...up] = cluster.hosts as [Host, Host, Host, Host];
    const last = up[2];
    // Notarise votes reach the last alone, and it gets no block.
    cluster.tamper = (_from, to, bytes) => {
      const { type } = read(bytes);
      if (type === 'notarise') return to === last ? [bytes] : [];
      return to === last || type === 'notarisation' ? [] : [bytes];
    };
    expect(cluster.run(80, () => last.state.view === 1)).toBe(true);
    for (const host of cluster.hosts) if (host !== last) cluster.crash(host);
    cluster.tamper = (_from, _to, bytes) => [bytes];
    const notarised = notarisedBy(last.state.views.get(0));
    expect(notarised).not.toBeNull();
    const ends: unknown[] = [];
    cluster.observe = ({ state }) => {
      if (state.views.get(0)?.nullification) ends.push(state.view);
    };
    // The leader stays down, so the last must help to end a view that it left.
    expectProgress(cluster, 4_000, up);
    expect(ends.length).toBeGreaterThan(0);
    expect(leader.alive).toBe(false);
    expect(last.disk.chain[0]?.hash).not.toEqual(notarised?.blockHash);
    expectSound(cluster, 2);
  });

  it('after the finalise votes left keeps the block that they name', () => {
    const cluster = new SimplexCluster({ n: 4, seed: 11, diskMs: 500 });
    const finalised = new Set<string>();
    cluster.observe = (_host, _input, effects) => {
      for (const effect of effects)
        if (effect.type === 'sign' && effect.payload.type === 'finalise')
          finalised.add(toHex(effect.payload.blockHash));
    };
    // Nobody hears of a finalise vote: no block is committed anywhere, and no disk holds one.
    cluster.tamper = (_from, _to, bytes) => (read(bytes).type.startsWith('finalis') ? [] : [bytes]);
    cluster.run(60, () => cluster.hosts.every(({ state }) => state.own.finalised !== null));
    for (const host of cluster.hosts) cluster.crash(host);
    cluster.tamper = (_from, _to, bytes) => [bytes];
    expect(highest(cluster)).toBe(0);
    const [first] = finalised;
    expectProgress(cluster, 4_000);
    expect(toHex((cluster.hosts[0] as Host).disk.chain[0]?.hash as Uint8Array)).toBe(first);
    expectSound(cluster, 11);
  });
});

describe('while no finalise vote arrives', () => {
  it('at most sixteen blocks wait, the last is proposed again, and one certificate finalises them all', () => {
    const cluster = new SimplexCluster({ n: 4, seed: 21, intervalMs: 1 });
    cluster.tamper = (_from, _to, bytes) => (read(bytes).type.startsWith('finalis') ? [] : [bytes]);
    let again = 0;
    cluster.observe = (_host, input) => {
      if (input.type === 'message' && input.message.type === 'proposal' && input.message.block === null) again++;
    };
    const heads = () => cluster.hosts.map(({ state }) => simplex.head(state)?.height ?? 0);
    cluster.run(500);
    expect(heads()).toEqual([16, 16, 16, 16]);
    expect(again).toBeGreaterThan(3);
    expect(highest(cluster)).toBe(0);
    cluster.tamper = (_from, _to, bytes) => [bytes];
    expectProgress(cluster);
    const [first] = (cluster.hosts[0] as Host).disk.chain;
    expect(first?.certificate.height).toBe(PATH_HEADERS_MAX);
    expectSound(cluster, 21);
  });
});

describe('a change of the set', () => {
  const changes = new Map([
    [3, [0, 1, 2]],
    [5, [1, 2, 3]],
    [6, [0, 1, 2, 3]],
  ]);

  it('is final before anything is built on it, and begins views of its own', () => {
    const cluster = new SimplexCluster({ n: 4, seed: 5, changes });
    expect(cluster.run(3_000, () => lowest(cluster) >= 9)).toBe(true);
    expectSound(cluster, 5);
    const rounds = (cluster.hosts[0] as Host).disk.chain.map(({ certificate }) => certificate.round as number);
    expect(rounds.slice(0, 8)).toEqual([
      0,
      1,
      2,
      3 * VIEWS_PER_HEIGHT,
      3 * VIEWS_PER_HEIGHT + 1,
      5 * VIEWS_PER_HEIGHT,
      6 * VIEWS_PER_HEIGHT,
      6 * VIEWS_PER_HEIGHT + 1,
    ]);
  });

  it('is proposed again in view after view until it is final', () => {
    const cluster = new SimplexCluster({ n: 4, seed: 6, changes });
    let again = 0;
    cluster.tamper = (_from, _to, bytes) => {
      const message = read(bytes);
      if (message.type === 'proposal' && message.block === null) again++;
      const height = 'vote' in message ? message.vote.height : 'height' in message ? message.height : 0;
      return message.type.startsWith('finalis') && height === 3 && cluster.nowMs < 400 ? [] : [bytes];
    };
    cluster.run(390);
    expect(highest(cluster)).toBe(2);
    expect(cluster.hosts.map(({ state }) => simplex.head(state)?.height)).toEqual([3, 3, 3, 3]);
    expect(again).toBeGreaterThan(0);
    expectProgress(cluster);
    expectSound(cluster, 6);
  });

  it('survives storms, slow disks and newcomers', () => {
    for (const seed of seeds(8)) {
      const cluster = new SimplexCluster({ n: 4, seed, changes, faults: STORM, diskMs: seed % 2 === 0 ? 4 : 100 });
      cluster.run(1_000);
      expectProgress(cluster);
      cluster.run(cluster.nowMs + 3_000, () => lowest(cluster) >= 8);
      expect(lowest(cluster)).toBeGreaterThanOrEqual(8);
      expectSound(cluster, seed);
    }
  });
});

describe('a validator that was away', () => {
  it('catches up by sync and takes part again', () => {
    const cluster = new SimplexCluster({ n: 4, seed: 6 });
    const late = cluster.hosts[2] as Host;
    cluster.run(100);
    cluster.crash(late);
    cluster.run(1_500);
    expect(highest(cluster) - late.disk.chain.length).toBeGreaterThan(10);
    expectProgress(cluster);
    const signed: Round[] = [];
    cluster.observe = (host, _input, effects) => {
      for (const effect of effects) if (host === late && effect.type === 'sign') signed.push(effect.payload.round);
    };
    cluster.run(cluster.nowMs + 300);
    expect(signed.length).toBeGreaterThan(4);
    expectSound(cluster, 6);
  });
});

describe('a Byzantine validator', () => {
  /** Every piece of evidence verifies, blames this member alone, and no host reports an offence twice. */
  function expectEvidenceAgainst(cluster: SimplexCluster, { id }: Member, least: number): void {
    const ids = new Set<string>();
    for (const bytes of cluster.evidence) {
      const evidence = decodeEvidence(bytes);
      if (!evidence.ok) throw new Error(evidence.rejection.code);
      expect(verifyEvidence(primitives, chainId, setOf(cluster.all), evidence.value).ok).toBe(true);
      expect(equal(evidence.value.first.validator, id)).toBe(true);
      ids.add(toHex(evidenceId(primitives, evidence.value)));
    }
    expect(ids.size).toBeGreaterThanOrEqual(least);
    expect(cluster.evidence.length).toBeLessThanOrEqual(ids.size * cluster.hosts.length);
  }

  it('that proposes two blocks a view, and votes for everything, forks nobody and leaves evidence', () => {
    for (const seed of seeds(6)) {
      const cluster = new SimplexCluster({ n: 4, seed });
      const [liar] = cluster.hosts as [Host];
      const member = liar.member as Member;
      const rivals = new Map<number, { height: never; hash: never; block: Uint8Array }>();
      cluster.tamper = (from, to, bytes) => {
        if (from !== liar) return [bytes];
        const message = read(bytes);
        const fooled = cluster.hosts.indexOf(to) % 2 === 1;
        if (message.type === 'proposal' && message.block !== null) {
          const { round: view, height } = message.vote;
          const rival = rivals.get(view) ?? rivalOf(message.block, height);
          rivals.set(view, rival);
          const lie = { ...message, vote: vote(member, 'proposal', view, rival), block: rival.block };
          return fooled ? [encodeMessage(lie)] : [bytes];
        }
        if (message.type !== 'notarise' && message.type !== 'finalise') return [bytes];
        const { round: view } = message.vote;
        const rival = rivals.get(view);
        const lies = [encodeMessage({ type: 'nullify', vote: vote(member, 'nullify', view, null) })];
        if (rival !== undefined)
          lies.push(encodeMessage({ type: message.type, vote: vote(member, message.type, view, rival) }));
        return fooled ? [...lies, bytes] : [bytes, ...lies];
      };
      const rivalOf = (block: Uint8Array, height: number) => {
        const toy = { height, parentHash: parentOf(block), proposer: member.id, atMs: 1, random: 7 };
        const other = toyBytes(toy);
        return { height: height as never, hash: sha256(other) as never, block: other };
      };
      const parentOf = (block: Uint8Array) => {
        for (const { held } of cluster.hosts) {
          const toy = held.get(toHex(sha256(block)));
          if (toy !== undefined) return toy.parentHash;
        }
        return sha256(block);
      };
      const honest = cluster.hosts.slice(1);
      const reached = cluster.run(6_000, () => honest.every((host) => host.disk.chain.length >= 6));
      expect({ seed, reached }).toEqual({ seed, reached: true });
      expectSound(cluster, seed);
      expectEvidenceAgainst(cluster, member, 2);
    }
  });

  it('that runs twice under one key forks nobody', () => {
    let seen = 0;
    for (const seed of seeds(5)) {
      const cluster = new SimplexCluster({ n: 4, seed, twins: true });
      const [twin, original] = cluster.hosts as [Host, Host];
      // Each half talks to one part of the network; both listen to all.
      cluster.link = (from, to) => {
        if (from === twin) return to === original || to === cluster.hosts[2] || to === cluster.hosts[3];
        return from !== original || to !== cluster.hosts[2];
      };
      cluster.run(500);
      cluster.link = () => true;
      expect(cluster.run(cluster.nowMs + 4_000, () => lowest(cluster) >= 8)).toBe(true);
      expectSound(cluster, seed);
      expectEvidenceAgainst(cluster, twin.member as Member, 0);
      seen += cluster.evidence.length;
      for (const rule of cluster.rules) rulesSeen.add(rule);
    }
    expect(seen).toBeGreaterThan(5);
  });
});

describe('the rules', () => {
  it('are each reported by some step of these runs', () => {
    expect(simplex.rules.filter((rule) => !rulesSeen.has(rule))).toEqual([]);
  });
});
