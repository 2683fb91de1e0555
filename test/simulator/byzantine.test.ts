import { describe, expect, it } from 'vitest';
import { equal, toHex } from '../../src/base/bytes.ts';
import { decodeCertificate } from '../../src/consensus/certificate.ts';
import { decodeEvidence } from '../../src/consensus/evidence.ts';
import type { BehaviourName } from '../../src/simulator/byzantine/names.ts';
import { TwinSplit } from '../../src/simulator/byzantine/twin.ts';
import { createCheckers } from '../../src/simulator/checkers/index.ts';
import type { Plan } from '../../src/simulator/plan.ts';
import { GENESIS_MS } from '../../src/simulator/town.ts';
import { all, effects, planWith, type Watched, watch } from './plan-support.ts';

const TRAITOR = 1;

/** A run with one traitor among four, judged by the independent checkers. */
function betrayedBy(behaviour: BehaviourName, overrides: Partial<Plan> = {}): Watched {
  const checkers = createCheckers({ promisesFinality: true });
  const plan = planWith({ heights: 16, byzantine: [{ node: TRAITOR, behaviour }], ...overrides });
  const watched = watch(plan, checkers.observe);
  checkers.finish();
  expect(checkers.violations).toEqual([]);
  expect([watched.outcome.stalled, watched.outcome.reason]).toEqual([false, null]);
  expect(watched.outcome.faults[behaviour]).toBe(1);
  return watched;
}

const validators = (watched: Watched) => all(watched, 'genesis')[0]?.validators ?? [];
const idOf = (watched: Watched, node: number): Uint8Array => validators(watched)[node]?.id ?? new Uint8Array(0);

/** The final blocks, as node 0 has them. */
const blocks = (watched: Watched) =>
  effects(watched, 'commit').flatMap(({ node, effect }) => (node === 0 ? [effect] : []));
const builtBy = (watched: Watched, node: number) =>
  blocks(watched).filter(({ block }) => equal(block.header.proposer, idOf(watched, node)));

/** Messages of the traitor that others took in. */
const heardFrom = (watched: Watched, node: number) =>
  all(watched, 'input').flatMap(({ node: by, input, atMs }) =>
    input.type === 'message' && by !== node && equal(input.from, idOf(watched, node))
      ? [{ by, sinceMs: atMs - GENESIS_MS, channel: input.channel, bytes: toHex(input.bytes) }]
      : [],
  );

const evidenceOf = (watched: Watched) =>
  blocks(watched).flatMap(({ block }) =>
    block.evidence.flatMap((bytes) => {
      const evidence = decodeEvidence(bytes);
      return evidence.ok ? [evidence.value] : [];
    }),
  );

const blamed = (watched: Watched, code: string): number =>
  effects(watched, 'blame').filter(
    ({ node, effect }) => node !== TRAITOR && effect.code === code && equal(effect.peer, idOf(watched, TRAITOR)),
  ).length;

describe('a traitor among four stops nobody and turns nobody, and', () => {
  it('who is silent says nothing, and leads no block', () => {
    const watched = betrayedBy('silent');
    expect(heardFrom(watched, TRAITOR)).toEqual([]);
    expect(builtBy(watched, TRAITOR)).toEqual([]);
    expect(effects(watched, 'sign').some(({ node }) => node === TRAITOR)).toBe(true);
  });

  it('who censors leads blocks, none with a transaction, which others’ blocks hold', () => {
    const watched = betrayedBy('censor', { workload: { stories: 2, pauseMaxMs: 200, governance: [] } });
    const held = builtBy(watched, TRAITOR).map(({ block }) => block.transactions.length);
    expect([held.length > 0, Math.max(...held)]).toEqual([true, 0]);
    expect(watched.outcome.transactions.final).toBeGreaterThan(10);
  });

  it('who delays is heard late', () => {
    const watched = betrayedBy('delayer');
    const sentAtMs = new Map<string, number>();
    for (const { node, sinceMs, effect } of effects(watched, 'broadcast'))
      if (node === TRAITOR) sentAtMs.set(toHex(effect.bytes), sinceMs);
    const late = heardFrom(watched, TRAITOR).map(({ bytes, sinceMs }) => sinceMs - (sentAtMs.get(bytes) ?? sinceMs));
    expect(Math.max(...late)).toBeGreaterThan(2_000);
  });

  it('who selects speaks to some only', () => {
    const watched = betrayedBy('selective-sender');
    const hearers = new Map<string, Set<number>>();
    for (const { bytes, by } of heardFrom(watched, TRAITOR))
      hearers.set(bytes, (hearers.get(bytes) ?? new Set()).add(by));
    const sizes = new Set([...hearers.values()].map((set) => set.size));
    expect(sizes.has(1) || sizes.has(2)).toBe(true);
  });

  it('who signs two things in one place ends as evidence in a block', () => {
    const watched = betrayedBy('equivocator', { heights: 24 });
    const found = evidenceOf(watched);
    expect(found.length).toBeGreaterThan(0);
    for (const { first, second } of found) {
      expect(equal(first.validator, idOf(watched, TRAITOR))).toBe(true);
      expect(equal(first.blockHash, second.blockHash)).toBe(false);
    }
  });

  it('who sends garbage is blamed for it', () => {
    expect(blamed(betrayedBy('garbage'), 'peer.malformed-message')).toBeGreaterThan(10);
  });

  it('who lies about the chain leads nobody astray who asks for it', () => {
    const faults = [
      { kind: 'crash', node: 2, atMs: 2_000, untilMs: 7_000 },
      { kind: 'late-start', node: 4, from: 'genesis', atMs: 0, untilMs: 8_000 },
    ] as const;
    const watched = betrayedBy('lying-sync-peer', { followers: 1, faults });
    const claims = all(watched, 'input').flatMap(({ node, input }) =>
      node !== TRAITOR && input.type === 'peerHeight' && equal(input.peer, idOf(watched, TRAITOR))
        ? [input.height]
        : [],
    );
    expect(Math.max(...claims)).toBeGreaterThan(1_000_000);
    const asked = effects(watched, 'requestBlocks').filter(({ effect }) => equal(effect.peer, idOf(watched, TRAITOR)));
    expect(asked.length).toBeGreaterThan(0);
  });

  it('who lies about the time has blocks accepted only near the judges’ clocks', () => {
    const watched = betrayedBy('time-liar', { heights: 24 });
    const off = effects(watched, 'commit').flatMap(({ node, sinceMs, effect }) =>
      node === 0 ? [effect.block.header.timestampMs - GENESIS_MS - sinceMs] : [],
    );
    expect(Math.max(...off)).toBeLessThanOrEqual(500);
  });

  it('whose key was replaced goes on voting with it, and nobody counts that', () => {
    const governance = [{ change: 'rotate', node: TRAITOR, atMs: 500 }] as const;
    const watched = betrayedBy('stale-set-signer', {
      heights: 24,
      workload: { stories: 1, pauseMaxMs: 500, governance },
    });
    const changed = blocks(watched).find(({ execution }) => execution.nextValidatorsSince > 1);
    const from = changed?.execution.nextValidatorsSince ?? Number.POSITIVE_INFINITY;
    const stale = effects(watched, 'sign').filter(
      ({ node, effect }) => node === TRAITOR && effect.payload.height >= from,
    );
    expect(stale.length).toBeGreaterThan(5);
    for (const { height, certificate } of blocks(watched)) {
      const read = decodeCertificate(certificate);
      const signers = read.ok ? read.value.signatures.map(({ validator }) => toHex(validator)) : [];
      if (height >= from) expect(signers).not.toContain(toHex(idOf(watched, TRAITOR)));
    }
  });

  it('who is two with one key contradicts itself only by what each does not hear', () => {
    const watched = betrayedBy('twin', { heights: 24 });
    const starts = all(watched, 'started').filter(({ node }) => node === TRAITOR);
    expect(starts.map(({ honest }) => honest)).toEqual([false, false]);
  });
});

describe('the split of twins', () => {
  it('gives each peer to one, to the other or to both, and changes with time', () => {
    const split = new TwinSplit(9, 10);
    const seen = new Set<string>();
    for (let sinceMs = 0; sinceMs < 60_000; sinceMs += 1_000)
      for (let peer = 0; peer < 10; peer++) {
        const joined = [0, 1].map((which) => split.joins(which, peer, sinceMs));
        expect(joined).toContain(true);
        seen.add(joined.join());
      }
    expect(seen.size).toBe(3);
  });
});
