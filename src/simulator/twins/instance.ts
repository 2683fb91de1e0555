import { unreachable } from '../../base/assert.ts';
import type { Address, Hash, Height, Round, SecretKey } from '../../base/brand.ts';
import { concat, equal, toHex, u64be } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import type { Engine, EngineConfig, EngineEffect, EngineInput } from '../../consensus/engine.ts';
import { voteDigest } from '../../consensus/vote.ts';

export interface Decided {
  readonly height: Height;
  readonly hash: Hash;
  readonly round: Round;
}

/** What an instance sends: to everyone, or to the holders of one key. */
export interface Sent {
  readonly from: number;
  readonly to: Address | null;
  readonly bytes: Uint8Array;
}

export interface InstanceOptions<State, Message> {
  readonly number: number;
  readonly engine: Engine<State, Message>;
  readonly config: EngineConfig;
  readonly secretKey: SecretKey;
  readonly set: ValidatorSet;
  /** The final block that all begin on. */
  readonly genesis: Decided;
  readonly genesisRound: Round | null;
  readonly send: (sent: Sent) => void;
}

/** One engine with the smallest host there is: blocks that nothing is in, a disk that never fails, no clock but "now". */
export class Instance<State, Message> {
  readonly decided: Decided[] = [];
  readonly #options: InstanceOptions<State, Message>;
  #state: State;
  #tip: Decided;
  #tipRound: Round | null;
  #timers: { readonly height: Height; readonly round: Round }[] = [];
  #built = 0;
  /** One block is due in each step of time: else a side with a quorum would never rest. */
  #mayBeDue = true;
  #waits: Hash | null = null;
  /** Decisions become durable once the step that brought them is over. */
  #durable: Decided[] = [];

  constructor(options: InstanceOptions<State, Message>) {
    this.#options = options;
    this.#state = options.engine.initial(options.config);
    this.#tip = options.genesis;
    this.#tipRound = options.genesisRound;
  }

  get id(): Address {
    return this.#options.config.self as Address;
  }

  get height(): Height {
    return this.#tip.height;
  }

  start(): void {
    const { set } = this.#options;
    this.#run({
      type: 'start',
      height: (this.#tip.height + 1) as Height,
      parentHash: this.#tip.hash,
      parentRound: this.#tipRound,
      validators: set,
      epoch: (this.#options.genesis.height + 1) as Height,
      restored: null,
    });
  }

  receive(from: Address, message: Message): void {
    this.#run({ type: 'message', from, message });
  }

  /** What a peer has finished, as sync would bring it. */
  follow(decided: Decided): void {
    if (decided.height === this.#tip.height + 1) this.#finish(decided);
  }

  /** Time passes until every timer set so far has ended, and the next block is due. */
  passTime(): void {
    const timers = this.#timers;
    this.#timers = [];
    this.#mayBeDue = true;
    for (const timer of timers) this.#run({ type: 'timeout', ...timer });
    const parentHash = this.#waits;
    if (parentHash === null || !this.#mayBeDue) return;
    this.#waits = null;
    this.#mayBeDue = false;
    this.#run({ type: 'due', parentHash });
  }

  #run(first: EngineInput<Message>): void {
    const inputs = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      const { state, effects } = this.#options.engine.step(this.#state, input);
      this.#state = state;
      for (const effect of effects) this.#perform(effect, inputs);
    }
    for (let next = this.#durable.shift(); next !== undefined; next = this.#durable.shift()) this.#finish(next);
  }

  #finish(decided: Decided): void {
    if (decided.height !== this.#tip.height + 1) return;
    this.decided.push(decided);
    this.#tip = decided;
    this.#tipRound = decided.round;
    if (this.#durable.length === 0) this.start();
  }

  #perform(effect: EngineEffect, inputs: EngineInput<Message>[]): void {
    const { config, send, number } = this.#options;
    switch (effect.type) {
      case 'sign': {
        const digest = voteDigest(config.primitives, effect.payload);
        const signature = config.primitives.sign(digest, this.#options.secretKey);
        inputs.push({ type: 'signed', payload: effect.payload, signature });
        break;
      }
      case 'broadcast':
        send({ from: number, to: null, bytes: effect.message });
        break;
      case 'send':
        send({ from: number, to: effect.to, bytes: effect.message });
        break;
      case 'schedule':
        this.#timers.push({ height: effect.height, round: effect.round });
        break;
      case 'pace':
        this.#waits = this.#mayBeDue ? null : effect.parentHash;
        if (this.#mayBeDue) inputs.push({ type: 'due', parentHash: effect.parentHash });
        this.#mayBeDue = false;
        break;
      case 'build': {
        const { round, parentHash } = effect;
        const block = concat(parentHash, Uint8Array.of(number), u64be(round), u64be(this.#built++));
        inputs.push({
          type: 'built',
          round,
          parentHash,
          blockHash: hashOf(config.primitives, block),
          block,
          changesSet: false,
        });
        break;
      }
      case 'judge': {
        const { blockHash, block, parentHash } = effect;
        const valid =
          equal(hashOf(config.primitives, block), blockHash) && equal(block.subarray(0, parentHash.length), parentHash);
        inputs.push({ type: 'judged', blockHash, valid, changesSet: false });
        break;
      }
      case 'commit':
        this.#durable.push({ height: effect.height, hash: effect.blockHash, round: effect.certificate.round });
        break;
      case 'persist':
      case 'evidence':
      case 'behind':
      case 'halt':
        break;
      default:
        unreachable(effect);
    }
  }
}

const hashOf = (primitives: Primitives, block: Uint8Array): Hash => primitives.hash(block);

export const nameOf = ({ height, hash }: Decided): string => `${height} ${toHex(hash)}`;
