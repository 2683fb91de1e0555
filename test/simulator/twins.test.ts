import { describe, expect, it } from 'vitest';
import { equal, toHex } from '../../src/base/bytes.ts';
import { leaderOf } from '../../src/base/validators.ts';
import type { Engine, EngineEffect, EngineInput } from '../../src/consensus/engine.ts';
import { type AnyEngine, engineOf } from '../../src/consensus/engines.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { simulatedPrimitives } from '../../src/simulator/primitives.ts';
import { runTwins, sampled } from '../../src/simulator/twins/batch.ts';
import { INSTANCES, SCENARIOS, SPLITS, scenarioAt } from '../../src/simulator/twins/scenario.ts';

const primitives = simulatedPrimitives(noblePrimitives);

describe('the scenarios of twins', () => {
  it('are 16^4 splits × 4 leader offsets, each of them once', () => {
    expect([SPLITS, SCENARIOS]).toEqual([16, 262_144]);
    const first = new Set<string>();
    for (let index = 0; index < 4 * SPLITS ** 2; index++) {
      const { leaderOffset, sides } = scenarioAt(index);
      expect(sides.every((side) => side.length === INSTANCES && side[0] === 0)).toBe(true);
      first.add(`${leaderOffset} ${sides.join(' ')}`);
    }
    expect(first.size).toBe(4 * SPLITS ** 2);
    expect(scenarioAt(SCENARIOS - 1)).toMatchObject({ leaderOffset: 3, sides: Array(4).fill([0, 1, 1, 1, 1]) });
  });

  it('are sampled all over, with every leader, and none twice', () => {
    const sample = Array.from({ length: 2_048 }, (_, i) => sampled(i));
    expect(new Set(sample).size).toBe(2_048);
    for (let round = 0; round < 4; round++)
      expect(new Set(sample.map((index) => String(scenarioAt(index).sides[round]))).size).toBe(SPLITS);
    expect(new Set(sample.map((index) => scenarioAt(index).leaderOffset)).size).toBe(4);
  });
});

describe('a validator that runs twice', () => {
  it.each(['qbft', 'simplex'] as const)('breaks neither agreement nor progress of %s', (name) => {
    const tally = runTwins(engineOf(name), primitives, { first: 0, count: 150, indexOf: sampled });
    expect(tally).toMatchObject({ run: 150, violations: 0, stalled: 0, failures: [] });
    expect(tally.messages).toBeGreaterThan(150 * 20);
  });

  it('breaks an engine that believes the first proposal it sees', () => {
    const tally = runTwins(credulous as unknown as AnyEngine, primitives, { first: 0, count: 64, indexOf: sampled });
    expect(tally.violations).toBeGreaterThan(0);
  });
});

interface CredulousState {
  readonly start: Extract<EngineInput<Uint8Array>, { type: 'start' }> | null;
  readonly self: Uint8Array | null;
}

/** Commits whatever comes first. A leader with two copies has two first blocks. */
const credulous: Engine<CredulousState, Uint8Array> = {
  name: 'qbft',
  finality: 'certificate',
  rules: [],
  initial: ({ self }) => ({ start: null, self }),
  decodeMessage: (bytes) => ({ ok: true, value: bytes }),
  head: () => null,
  permits: () => true,
  newestVotes: () => [],
  forgets: () => false,
  step(state, input) {
    const effects: EngineEffect[] = [];
    const start = input.type === 'start' ? input : state.start;
    const commit = (block: Uint8Array): void => {
      if (start === null) return;
      const blockHash = primitives.hash(block);
      const round = 0 as never;
      const certificate = { engine: 'qbft' as const, height: start.height, round, blockHash, signatures: [], path: [] };
      effects.push({ type: 'commit', height: start.height, blockHash, block, certificate });
    };
    if (input.type === 'start') effects.push({ type: 'pace', parentHash: input.parentHash });
    if (input.type === 'due' && start !== null) {
      const leads = equal(leaderOf(start.validators, start.height, 0 as never).id, state.self as Uint8Array);
      if (leads) effects.push({ type: 'build', height: start.height, round: 0 as never, parentHash: input.parentHash });
    }
    if (input.type === 'built') {
      effects.push({ type: 'broadcast', message: input.block });
      commit(input.block);
    }
    if (input.type === 'message' && start !== null && toHex(input.message).startsWith(toHex(start.parentHash)))
      commit(input.message);
    return { state: { ...state, start }, effects, rules: [] };
  },
};
