import { type Hash, type Height, height, type Round, round } from '../../src/base/brand.ts';
import { quorumOf } from '../../src/base/validators.ts';
import type { EngineConfig, EngineEffect, EngineInput } from '../../src/consensus/engine.ts';
import { type SimplexMessage, type SimplexState, simplex } from '../../src/consensus/simplex/index.ts';
import {
  CERTIFICATE_OF,
  decodeMessage,
  type Proposal,
  type ViewCertificate,
} from '../../src/consensus/simplex/messages.ts';
import { NO_BLOCK, type SignedVote, signedVoteOf, voteDigest, voteOf } from '../../src/consensus/vote.ts';
import { chainId, type Member, members, primitives, setOf, sha256 } from './fakes.ts';
import { GENESIS, type Toy, toyBytes } from './simplex-world.ts';

type Effect<Type extends EngineEffect['type']> = Extract<EngineEffect, { type: Type }>;

export const all = members(4);
export const set = setOf(all);
export const leaderAt = (view: number): Member => all[view % all.length] as Member;
export const others = (self: Member): readonly Member[] => all.filter((member) => member !== self);

export interface TestBlock {
  readonly height: Height;
  readonly parentHash: Hash;
  readonly block: Uint8Array;
  readonly hash: Hash;
}
export const child = (parent: { height: number; hash: Hash }, proposer = all[0] as Member, random = 1): TestBlock => {
  const toy: Toy = { height: parent.height + 1, parentHash: parent.hash, proposer: proposer.id, atMs: 0, random };
  const block = toyBytes(toy);
  return { height: height(toy.height), parentHash: parent.hash, block, hash: sha256(block) };
};
export const genesis = { height: 0, hash: GENESIS };

/** A vote as its signer would sign it. */
export function vote(
  member: Member,
  type: string,
  view: number,
  block: Pick<TestBlock, 'height' | 'hash'> | null,
  epoch = 1,
) {
  const at = block?.height ?? height(epoch);
  const ballot = {
    round: round(view),
    type,
    blockHash: block?.hash ?? NO_BLOCK,
    preparedRound: null,
    preparedHash: null,
  };
  const payload = voteOf({ chainId, engine: 'simplex' }, at, ballot);
  return signedVoteOf(payload, member.id, primitives.sign(voteDigest(primitives, payload), member.secret));
}
type VoteType = keyof typeof CERTIFICATE_OF;
export const says = (member: Member, type: VoteType, view: number, block: TestBlock | null = null): SimplexMessage => ({
  type,
  vote: vote(member, type, view, block),
});
export const proposal = (view: number, block: TestBlock, parentView: number | null = null): Proposal => ({
  type: 'proposal',
  vote: vote(leaderAt(view), 'proposal', view, block),
  parentView: parentView as Round | null,
  parentHash: block.parentHash,
  block: block.block,
});
export const proposedAgain = (view: number, block: TestBlock, parentView: number): Proposal => ({
  ...proposal(view, block, parentView),
  parentHash: block.hash,
  block: null,
});
export function certificate(
  type: VoteType,
  view: number,
  block: TestBlock | null = null,
  by: readonly Member[] = all.slice(0, quorumOf(all.length)),
): ViewCertificate {
  const votes: readonly SignedVote[] = by.map((member) => vote(member, type, view, block));
  const { height: at, blockHash } = votes[0] as SignedVote;
  const signatures = votes.map(({ validator, signature }) => ({ validator, signature }));
  return { type: CERTIFICATE_OF[type], view: round(view), height: at, blockHash, signatures };
}

/** One engine between the test's hands. Its signatures are answered at once unless the test holds them back. */
export class Solo {
  state: SimplexState;
  readonly effects: EngineEffect[] = [];
  readonly self: Member | null;
  private readonly signs: boolean;

  constructor(self: Member | null, options: { config?: Partial<EngineConfig>; signs?: boolean } = {}) {
    this.self = self;
    this.signs = options.signs ?? true;
    this.state = simplex.initial({
      chainId,
      self: self?.id ?? null,
      primitives,
      roundTimeoutMs: 100,
      roundTimeoutCapMs: 800,
      confirmationDepth: 8,
      ...options.config,
    });
  }

  /** The effects of this input, and of the signatures it asks for. */
  feed(input: EngineInput<SimplexMessage>): readonly EngineEffect[] {
    const { state, effects } = simplex.step(this.state, input);
    this.state = state;
    this.effects.push(...effects);
    if (!this.signs) return effects;
    return effects.flatMap((effect) => (effect.type === 'sign' ? [effect, ...this.sign(effect)] : [effect]));
  }

  sign({ payload }: Effect<'sign'>): readonly EngineEffect[] {
    const { secret } = this.self as Member;
    return this.feed({ type: 'signed', payload, signature: primitives.sign(voteDigest(primitives, payload), secret) });
  }

  start = (change: Partial<Extract<EngineInput<SimplexMessage>, { type: 'start' }>> = {}) =>
    this.feed({
      type: 'start',
      height: height(1),
      parentHash: GENESIS,
      parentRound: null,
      validators: set,
      epoch: height(1),
      restored: null,
      ...change,
    });
  /** The host says that a child of `block` is due. */
  due = (parentHash: Hash = GENESIS) => this.feed({ type: 'due', parentHash });
  hear = (from: Member, ...messages: readonly SimplexMessage[]): readonly EngineEffect[] =>
    messages.flatMap((message) => this.feed({ type: 'message', from: from.id, message }));
  /** Each message from whoever signed it; certificates from the first member. */
  hearAll = (...messages: readonly SimplexMessage[]): readonly EngineEffect[] =>
    messages.flatMap((message) => {
      const from = 'vote' in message ? message.vote.validator : (all[0] as Member).id;
      return this.feed({ type: 'message', from, message });
    });
  judged = ({ hash }: TestBlock, valid = true, changesSet = false) =>
    this.feed({ type: 'judged', blockHash: hash, valid, changesSet });
  timeout = (view = this.state.view as number, at = 1) =>
    this.feed({ type: 'timeout', height: height(at), round: round(view) });
  repeat = () => this.feed({ type: 'timeout', height: height(0), round: round(this.state.repeats) });

  /** What this node had signed, as "type view". */
  signed = (): readonly string[] => this.of('sign').map(({ payload }) => `${payload.type} ${payload.round}`);
  of = <Type extends EngineEffect['type']>(type: Type): readonly Effect<Type>[] => only(this.effects, type);
  lastPersisted = (): Uint8Array => this.of('persist').at(-1)?.signingState as Uint8Array;
}

export const only = <Type extends EngineEffect['type']>(effects: readonly EngineEffect[], type: Type) =>
  effects.filter((effect): effect is Effect<Type> => effect.type === type);
export const types = (effects: readonly EngineEffect[]): readonly string[] => effects.map(({ type }) => type);
/** What was sent or broadcast, decoded. */
export const messagesIn = (effects: readonly EngineEffect[]): readonly SimplexMessage[] =>
  effects.flatMap((effect) => {
    if (effect.type !== 'send' && effect.type !== 'broadcast') return [];
    const message = decodeMessage(effect.message);
    if (!message.ok) throw new Error(message.rejection.code);
    return [message.value];
  });
export const said = (effects: readonly EngineEffect[]): readonly string[] =>
  messagesIn(effects).map(({ type }) => type);

/** A node in view 1 that holds the block which view 0 notarised. */
export function afterNotarisation(self: Member, block = child(genesis)): Solo {
  const solo = new Solo(self);
  solo.start();
  solo.due();
  solo.hear(leaderAt(0), proposal(0, block));
  solo.judged(block);
  solo.hearAll(...others(self).map((member) => says(member, 'notarise', 0, block)));
  return solo;
}
