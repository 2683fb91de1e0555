import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { quorumOf } from '../../src/base/validators.ts';
import type { CliqueMessage } from '../../src/consensus/clique/messages.ts';
import type { EngineName } from '../../src/consensus/engine.ts';
import { engineOf } from '../../src/consensus/engines.ts';
import type { QbftMessage } from '../../src/consensus/qbft/messages.ts';
import { checkProposal, checkRoundChange } from '../../src/consensus/qbft/rules.ts';
import type { SimplexMessage } from '../../src/consensus/simplex/messages.ts';
import type { BehaviourName } from '../../src/simulator/byzantine/names.ts';
import { createCheckers } from '../../src/simulator/checkers/index.ts';
import type { Plan } from '../../src/simulator/plan.ts';
import { all, effects, planWith, type Watched, watch } from './plan-support.ts';

const TRAITOR = 1;

/** A run with one forger among four; the checkers, which know nothing of forgers, must find nothing. */
function betrayedBy(behaviour: BehaviourName, engine: EngineName, overrides: Partial<Plan> = {}): Watched {
  // What clique promises nothing of is measured, and so not told here.
  const checkers = createCheckers({ promisesFinality: engine !== 'clique' });
  const plan = planWith({ engine, heights: 24, byzantine: [{ node: TRAITOR, behaviour }], ...overrides });
  const watched = watch(plan, checkers.observe);
  checkers.finish();
  expect(checkers.violations).toEqual([]);
  expect([watched.outcome.stalled, watched.outcome.reason]).toEqual([false, null]);
  return watched;
}

const setOf = (watched: Watched) => all(watched, 'genesis')[0]?.validators ?? [];
const idOf = (watched: Watched): string => toHex(setOf(watched)[TRAITOR]?.id ?? new Uint8Array(0));

/** What honest nodes heard the traitor say, each word once, and who heard it. */
function said<Message>(watched: Watched, engine: EngineName): readonly { message: Message; hearers: Set<number> }[] {
  const words = new Map<string, Set<number>>();
  for (const { node, input } of all(watched, 'input')) {
    if (input.type !== 'message' || input.channel !== 'consensus' || node === TRAITOR) continue;
    if (toHex(input.from) !== idOf(watched)) continue;
    const bytes = toHex(input.bytes);
    words.set(bytes, (words.get(bytes) ?? new Set()).add(node));
  }
  return [...words].flatMap(([bytes, hearers]) => {
    const message = engineOf(engine).decodeMessage(fromHex(bytes) ?? new Uint8Array(0));
    return message.ok ? [{ message: message.value as Message, hearers }] : [];
  });
}

const finalBlocks = (watched: Watched): ReadonlySet<string> =>
  new Set(effects(watched, 'commit').flatMap(({ node, effect }) => (node === 0 ? [toHex(effect.hash)] : [])));

describe('qbft, against one who forges', () => {
  it('takes no block from a leader whose justification does not hold', () => {
    const watched = betrayedBy('forging-leader', 'qbft');
    const set = setOf(watched);
    const forged = said<QbftMessage>(watched, 'qbft').flatMap(({ message }) =>
      message.type === 'proposal' && message.vote.round > 0 ? [message] : [],
    );
    expect(forged.length).toBeGreaterThan(10);
    const final = finalBlocks(watched);
    const unjustified = forged.filter((proposal) => !checkProposal({ set, height: proposal.vote.height }, proposal).ok);
    expect(unjustified.length).toBeGreaterThan(10);
    expect(unjustified.filter(({ vote }) => final.has(toHex(vote.blockHash)))).toEqual([]);
  });

  it('believes no round change that shows too little, and goes on past one who says another thing to each', () => {
    const watched = betrayedBy('lying-voter', 'qbft');
    const set = setOf(watched);
    const changes = said<QbftMessage>(watched, 'qbft').flatMap(({ message, hearers }) =>
      message.type === 'round-change' ? [{ message, hearers }] : [],
    );
    const lies = changes.filter(({ message }) => !checkRoundChange({ set, height: message.vote.height }, message).ok);
    expect(lies.length).toBeGreaterThan(3);
    const final = finalBlocks(watched);
    for (const { message } of lies)
      expect(final.has(toHex(message.vote.preparedHash ?? new Uint8Array(0)))).toBe(false);
  });

  it('goes on where one prepares with some and commits with few', () => {
    const watched = betrayedBy('half-hearted', 'qbft');
    const hearersOf = (type: string) =>
      said<QbftMessage>(watched, 'qbft').flatMap(({ message, hearers }) =>
        message.type === type ? [hearers.size] : [],
      );
    const mean = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length);
    expect(hearersOf('prepare').length).toBeGreaterThan(hearersOf('commit').length);
    expect(mean(hearersOf('prepare'))).toBeLessThan(3);
  });

  it('loses no lock in an ambush, where heights take many rounds', () => {
    const links = { from: null, to: null };
    const faults = [{ kind: 'loss', atMs: 1_000, untilMs: 12_000, links, share: 0.3 }] as const;
    const watched = betrayedBy('lying-voter', 'qbft', { faults });
    const rounds = effects(watched, 'sign').map(({ effect }) => effect.payload.round);
    expect(Math.max(...rounds)).toBeGreaterThan(1);
  });
});

describe('simplex, against one who forges', () => {
  it('takes no block whose parent no ladder leads to', () => {
    const watched = betrayedBy('forging-leader', 'simplex');
    const signed = new Set(
      effects(watched, 'sign').flatMap(({ node, effect }) =>
        node === TRAITOR && effect.payload.type === 'proposal' ? [toHex(effect.payload.blockHash)] : [],
      ),
    );
    const forged = said<SimplexMessage>(watched, 'simplex').flatMap(({ message }) =>
      message.type === 'proposal' && !signed.has(toHex(message.vote.blockHash)) ? [toHex(message.vote.blockHash)] : [],
    );
    expect(forged.length).toBeGreaterThan(0);
    expect(forged.some((hash) => finalBlocks(watched).has(hash))).toBe(false);
  });

  it('believes no certificate that one made alone', () => {
    const watched = betrayedBy('lying-voter', 'simplex');
    const certificates = said<SimplexMessage>(watched, 'simplex').flatMap(({ message }) =>
      'signatures' in message ? [message] : [],
    );
    expect(certificates.some(({ signatures }) => signatures.length < quorumOf(4))).toBe(true);
    expect(new Set(certificates.map(({ type }) => type)).size).toBe(3);
  });
});

describe('clique, against one who forges', () => {
  it('takes no block out of its limit or at another difficulty', () => {
    const watched = betrayedBy('forging-leader', 'clique');
    const heights = said<CliqueMessage>(watched, 'clique').flatMap(({ message }) =>
      message.type === 'block' ? [message.seal.height] : [],
    );
    // More seals than a limit of three consecutive blocks would let one make.
    expect(heights.length).toBeGreaterThan(8);
  });

  it('goes on past one who says that its blocks and its head stand elsewhere', () => {
    const watched = betrayedBy('lying-voter', 'clique', { heights: 40 });
    const heads = said<CliqueMessage>(watched, 'clique').flatMap(({ message }) =>
      message.type === 'head' ? [message.seal.height] : [],
    );
    expect(Math.max(...heads)).toBeGreaterThan(400);
  });
});
