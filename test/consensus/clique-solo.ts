import { type Hash, height, round } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import type { ValidatorSet } from '../../src/base/validators.ts';
import { type CliqueMessage, type CliqueState, clique } from '../../src/consensus/clique/index.ts';
import { type BlockMessage, decodeMessage } from '../../src/consensus/clique/messages.ts';
import { difficultyOf } from '../../src/consensus/clique/rules.ts';
import type { BuiltBlock, EngineConfig, EngineEffect, EngineInput } from '../../src/consensus/engine.ts';
import { type Ballot, type SignedVote, signedVoteOf, voteDigest, voteOf } from '../../src/consensus/vote.ts';
import { chainId, type Member, members, primitives, setOf, sha256 } from './fakes.ts';

type Effect<Type extends EngineEffect['type']> = Extract<EngineEffect, { type: Type }>;

export const all = members(4);
export const set = setOf(all);
export const GENESIS = sha256(utf8('genesis'));
export const memberAt = (i: number): Member => all[i] as Member;

/** A sealed toy block, its message and what a child needs of it. */
export interface Sealed {
  readonly hash: Hash;
  readonly height: number;
  readonly round: number;
  readonly seal: SignedVote;
  readonly message: BlockMessage;
}
export interface Parent {
  readonly hash: Hash;
  readonly height: number;
  readonly round: number;
}
export const genesis: Parent = { hash: GENESIS, height: 0, round: 0 };

export function signedBy(member: Member, at: number, ballot: Partial<Ballot> & Pick<Ballot, 'blockHash'>): SignedVote {
  const whole = { type: 'seal', round: round(0), preparedRound: null, preparedHash: null, ...ballot };
  const vote = voteOf({ chainId, engine: 'clique' }, height(at), whole);
  return signedVoteOf(vote, member.id, primitives.sign(voteDigest(primitives, vote), member.secret));
}

/** A child of `parent`, sealed by the member at `by` in validator order. `name` makes it unique. */
export function sealOn(parent: Parent, by: number, name = '', validators: ValidatorSet = set): Sealed {
  const member = all.find(({ id }) => toHex(id) === toHex(validators[by]?.id ?? GENESIS)) as Member;
  const at = parent.height + 1;
  const block = utf8(`${toHex(parent.hash)} ${by} ${name}`);
  const total = parent.round + difficultyOf(validators, at, toHex(member.id));
  const blockHash = sha256(block);
  const seal = signedBy(member, at, { blockHash, round: round(total) });
  const message = { type: 'block' as const, seal, parentHash: parent.hash, block, acks: [], synced: false };
  return { hash: blockHash, height: at, round: total, seal, message };
}

/** Children one after another, by these members. */
export function chainOn(parent: Parent, by: readonly number[], name = ''): readonly Sealed[] {
  const chain: Sealed[] = [];
  for (const i of by) chain.push(sealOn(chain.at(-1) ?? parent, i, name));
  return chain;
}

/** One engine between the test's hands. Judges whatever it asks as valid, and signs, unless told not to. */
export class CliqueSolo {
  state: CliqueState;
  readonly self: Member | null;
  readonly effects: EngineEffect[] = [];
  readonly rules = new Set<string>();
  verdict: 'valid' | 'changes-set' | 'invalid' | 'held' = 'valid';

  constructor(self: Member | null, config: Partial<EngineConfig> = {}) {
    this.self = self;
    const timeouts = { roundTimeoutMs: 100, roundTimeoutCapMs: 400, confirmationDepth: 3 };
    this.state = clique.initial({ chainId, self: self?.id ?? null, primitives, ...timeouts, ...config });
  }

  /** The effects of this input, and of the answers that it led to. */
  feed(input: EngineInput<CliqueMessage>): readonly EngineEffect[] {
    const { state, effects, rules } = clique.step(this.state, input);
    this.state = state;
    this.effects.push(...effects);
    for (const rule of rules) this.rules.add(rule);
    return [...effects, ...effects.flatMap((effect) => this.answer(effect))];
  }

  private answer(effect: EngineEffect): readonly EngineEffect[] {
    if (effect.type === 'sign' && this.self !== null) {
      const signature = primitives.sign(voteDigest(primitives, effect.payload), this.self.secret);
      return this.feed({ type: 'signed', payload: effect.payload, signature });
    }
    if (effect.type === 'judge' && this.verdict !== 'held') return this.judged(effect.blockHash, this.verdict);
    return [];
  }

  judged(blockHash: Hash, verdict: 'valid' | 'changes-set' | 'invalid'): readonly EngineEffect[] {
    return this.feed({
      type: 'judged',
      blockHash,
      valid: verdict !== 'invalid',
      changesSet: verdict === 'changes-set',
    });
  }

  start(
    tip: Parent = genesis,
    restored: Uint8Array | null = null,
    validators = set,
    epoch = 1,
    built?: readonly BuiltBlock[],
  ) {
    return this.feed({
      type: 'start',
      height: height(tip.height + 1),
      parentHash: tip.hash,
      parentRound: tip.height === 0 ? null : round(tip.round),
      validators,
      epoch: height(epoch),
      restored,
      ...(built !== undefined && { built }),
    });
  }

  hear(...sealed: readonly Sealed[]): readonly EngineEffect[] {
    return sealed.flatMap(({ message, seal }) => this.feed({ type: 'message', from: seal.validator, message }));
  }
  from(peer: Member, message: CliqueMessage): readonly EngineEffect[] {
    return this.feed({ type: 'message', from: peer.id, message });
  }
  due = (tip: Parent) => this.feed({ type: 'due', parentHash: tip.hash });
  tick = () => this.feed({ type: 'timeout', height: height(0), round: round(0) });
  headHash = () => toHex(clique.head(this.state)?.blockHash ?? GENESIS);

  /** Answers the build that was asked for. */
  built(parent: Parent, name = '', changesSet = false): readonly EngineEffect[] {
    const asked = this.of('build').at(-1) as Effect<'build'>;
    const block = utf8(`${toHex(parent.hash)} own ${name}`);
    const answer = { round: asked.round, parentHash: parent.hash, blockHash: sha256(block), block, changesSet };
    return this.feed({ type: 'built', ...answer });
  }

  of = <Type extends EngineEffect['type']>(type: Type): readonly Effect<Type>[] => only(this.effects, type);
  sent = (): readonly CliqueMessage[] =>
    this.effects.flatMap((effect) =>
      effect.type === 'send' || effect.type === 'broadcast' ? [read(effect.message)] : [],
    );
  lastPersisted = (): Uint8Array => this.of('persist').at(-1)?.signingState as Uint8Array;
}

export const only = <Type extends EngineEffect['type']>(effects: readonly EngineEffect[], type: Type) =>
  effects.filter((effect): effect is Effect<Type> => effect.type === type);
export const types = (effects: readonly EngineEffect[]): readonly string[] => effects.map(({ type }) => type);

function read(bytes: Uint8Array): CliqueMessage {
  const message = decodeMessage(bytes);
  if (!message.ok) throw new Error(message.rejection.code);
  return message.value;
}
