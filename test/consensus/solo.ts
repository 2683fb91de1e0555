import { type Hash, type Height, height, type Round, round } from '../../src/base/brand.ts';
import { leaderOf, quorumOf, type ValidatorSet } from '../../src/base/validators.ts';
import type { EngineConfig, EngineEffect, EngineInput } from '../../src/consensus/engine.ts';
import { type QbftMessage, type QbftState, qbft } from '../../src/consensus/qbft/index.ts';
import type { Proposal, RoundChange } from '../../src/consensus/qbft/messages.ts';
import { voteDigest } from '../../src/consensus/vote.ts';
import { chainId, type Member, members, primitives, setOf, sha256, signed, toyBlock } from './fakes.ts';

type Effect<Type extends EngineEffect['type']> = Extract<EngineEffect, { type: Type }>;

export const all = members(4);
export const set = setOf(all);
export const H1 = height(1);
/** The leader of a round of height 1. */
export const leader = (at: number): Member => memberAt(leaderOf(set, H1, round(at)).id);
export const memberAt = (id: Uint8Array): Member => all.find((member) => member.id.join() === id.join()) as Member;
export const others = (self: Member): readonly Member[] => all.filter((member) => member !== self);

export interface Toy {
  readonly block: Uint8Array;
  readonly hash: Hash;
}
export const toy = (proposer: Member, random = 1, at = 1): Toy => {
  const block = toyBlock({ height: at, proposer: proposer.id, random });
  return { block, hash: sha256(block) };
};

/** The parent of height `at`, as far as these tests need one. */
export const parentOf = (at: Height): Hash => sha256(Uint8Array.of(at));

export const startOf = (
  at: Height = H1,
  validators: ValidatorSet = set,
  restored: Uint8Array | null = null,
): Extract<EngineInput<QbftMessage>, { type: 'start' }> => ({
  type: 'start',
  height: at,
  parentHash: parentOf(at),
  parentRound: at === 1 ? null : round(0),
  validators,
  epoch: H1,
  restored,
});

/** One engine between the test's hands. Its signatures are answered at once unless the test holds them back. */
export class Solo {
  state: QbftState;
  readonly self: Member;
  readonly effects: EngineEffect[] = [];
  /** Every numbered rule that took effect. */
  readonly rules = new Set<string>();
  private readonly signs: boolean;

  constructor(self: Member, options: { config?: Partial<EngineConfig>; signs?: boolean } = {}) {
    this.self = self;
    this.signs = options.signs ?? true;
    this.state = qbft.initial({
      chainId,
      self: self.id,
      primitives,
      roundTimeoutMs: 100,
      roundTimeoutCapMs: 800,
      confirmationDepth: 6,
      ...options.config,
    });
  }

  /** The effects of this input, and of the signatures it asks for. */
  feed(input: EngineInput<QbftMessage>): readonly EngineEffect[] {
    const { state, effects, rules } = qbft.step(this.state, input);
    this.state = state;
    for (const rule of rules) this.rules.add(rule);
    this.effects.push(...effects);
    if (!this.signs) return effects;
    return effects.flatMap((effect) => (effect.type === 'sign' ? [effect, ...this.sign(effect)] : [effect]));
  }

  sign({ payload }: Effect<'sign'>): readonly EngineEffect[] {
    const signature = primitives.sign(voteDigest(primitives, payload), this.self.secret);
    return this.feed({ type: 'signed', payload, signature });
  }

  /** The effects of `start`, but for the `pace` that always ends them. */
  start = (restored: Uint8Array | null = null, at: Height = H1, validators: ValidatorSet = set) =>
    this.feed(startOf(at, validators, restored)).filter(({ type }) => type !== 'pace');
  due = () => this.feed({ type: 'due', parentHash: this.state.parentHash });
  hear = (...messages: readonly QbftMessage[]): readonly EngineEffect[] =>
    messages.flatMap((message) => this.feed({ type: 'message', from: message.vote.validator, message }));
  judged = (blockHash: Hash, valid: boolean) => this.feed({ type: 'judged', blockHash, valid, changesSet: false });
  built = ({ block, hash }: Toy, at = 0) =>
    this.feed({
      type: 'built',
      round: round(at),
      parentHash: this.state.parentHash,
      blockHash: hash,
      block,
      changesSet: false,
    });
  timeout = (at: number) => this.feed({ type: 'timeout', height: this.state.height, round: round(at) as Round });

  /** What this node had signed, as "type round". */
  signed = (): readonly string[] => this.of('sign').map(({ payload }) => `${payload.type} ${payload.round}`);
  of = <Type extends EngineEffect['type']>(type: Type): readonly Effect<Type>[] =>
    this.effects.filter((effect): effect is Effect<Type> => effect.type === type);
  lastPersisted = (): Uint8Array => this.of('persist').at(-1)?.signingState as Uint8Array;
}

export const only = <Type extends EngineEffect['type']>(effects: readonly EngineEffect[], type: Type) =>
  effects.filter((effect): effect is Effect<Type> => effect.type === type);
export const types = (effects: readonly EngineEffect[]): readonly string[] => effects.map(({ type }) => type);

export const proposal = (from: Member, { block, hash }: Toy, at = 0, parts: Partial<Proposal> = {}): Proposal => ({
  type: 'proposal',
  vote: signed(from, 'proposal', { at, hash }),
  block,
  roundChanges: [],
  prepares: [],
  ...parts,
});
export const prepare = (from: Member, hash: Hash, at = 0): QbftMessage => ({
  type: 'prepare',
  vote: signed(from, 'prepare', { at, hash }),
});
export const commit = (from: Member, hash: Hash, at = 0): QbftMessage => ({
  type: 'commit',
  vote: signed(from, 'commit', { at, hash }),
});
/** A round change; with `last`, one whose sender prepared that block in round `inRound`. */
export function roundChange(from: Member, at: number, last?: Toy, inRound = 0): RoundChange {
  if (last === undefined)
    return { type: 'round-change', vote: signed(from, 'round-change', { at }), block: null, prepares: [] };
  const vote = signed(from, 'round-change', { at, prepared: { round: inRound, hash: last.hash } });
  return { type: 'round-change', vote, block: last.block, prepares: preparesOf(last.hash, inRound) };
}
export const preparesOf = (hash: Hash, at: number) =>
  all.slice(0, quorumOf(all.length)).map((member) => signed(member, 'prepare', { at, hash }));

export const block = toy(leader(0));
export const rival = toy(leader(0), 2);
/** A member that leads none of the rounds 0 to 2. */
export const follower = leader(3);

/** A follower of height 1 that holds the leader's valid block. */
export function afterProposal(self = follower, options: ConstructorParameters<typeof Solo>[1] = {}): Solo {
  const solo = new Solo(self, options);
  solo.start();
  solo.due();
  solo.hear(proposal(leader(0), block));
  solo.judged(block.hash, true);
  return solo;
}
/** … and has prepared it. */
export function afterPrepares(self = follower): Solo {
  const solo = afterProposal(self);
  solo.hear(...others(self).map((member) => prepare(member, block.hash)));
  return solo;
}
