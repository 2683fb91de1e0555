import { assert, unreachable } from '../base/assert.ts';
import type { Address, Hash, Height, Round, Signature } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import type { Certificate, Engine, EngineEffect, EngineInput, Vote } from '../consensus/engine.ts';
import type { Tip } from '../ledger/chain.ts';
import type { SignedTransaction } from '../ledger/transaction.ts';
import { EvidencePool } from './evidence-pool.ts';
import type { ReplicaConfig } from './io.ts';
import { type JudgeEffect, ProposalJudge } from './judge.ts';
import type { ExecutedBlock, Ledger } from './ledger.ts';
import { buildTimestampMs } from './pace.ts';
import { encodeSigningRecord, type Recovery, SIGNING_RECORD_VERSION } from './recovery.ts';
import type { Turn } from './turn.ts';

/** Room that a block keeps for its header, its evidence and the heads of its transactions. */
const BLOCK_OVERHEAD_BYTES = 131_072;
const CANDIDATES = {
  transactionsMax: LIMITS.blockTransactionsMax,
  bytesMax: LIMITS.blockBytesMax - BLOCK_OVERHEAD_BYTES,
};

export interface ConsensusDeskOptions<State, Message> {
  readonly ledger: Ledger;
  readonly engine: Engine<State, Message>;
  readonly config: ReplicaConfig;
  readonly self: Address | null;
  /** Null where this node must not sign. */
  readonly recovery: Recovery | null;
  readonly candidates: (limits: typeof CANDIDATES) => readonly SignedTransaction[];
  /** The engine decided the height: bytes and certificate of its block. */
  readonly decided: (turn: Turn, block: Uint8Array, certificate: Certificate) => void;
  /** A signed message shows that its sender has finished the height before `height`. */
  readonly behind: (from: Address, height: Height) => void;
}

/** The engine's host: answers its questions from the ledger, gives its timers names, and numbers its signing records. */
export class ConsensusDesk<State, Message> {
  readonly #options: ConsensusDeskOptions<State, Message>;
  readonly #judge: ProposalJudge;
  readonly #evidence: EvidencePool;
  readonly #timers = new Map<string, { readonly height: Height; readonly round: Round }>();
  #timersSet = 0;
  #sequence: number;
  #signs: boolean;
  #state: State;
  #tip: Tip;

  constructor(options: ConsensusDeskOptions<State, Message>, tip: Tip) {
    this.#options = options;
    this.#judge = new ProposalJudge(options.ledger, options.config);
    this.#evidence = new EvidencePool(options.ledger.primitives);
    this.#sequence = options.recovery?.sequence ?? 0;
    this.#signs = false;
    this.#state = this.#initial();
    this.#tip = tip;
  }

  get signingSequence(): number {
    return this.#sequence;
  }

  /** Whether this node may vote at the height under way. */
  get signs(): boolean {
    return this.#signs;
  }

  /** Begins the height above `tip`. Below the heights that the lost part of a signing record may cover, the node only follows. */
  start(turn: Turn, tip: Tip): void {
    const { recovery } = this.#options;
    const height = (tip.header.height + 1) as Height;
    this.#tip = tip;
    this.#judge.begin(tip);
    const signs = recovery !== null && height >= recovery.fromHeight;
    if (signs !== this.#signs) {
      this.#signs = signs;
      this.#state = this.#initial();
    }
    const restored = recovery?.restored?.height === height ? recovery.restored.state : null;
    this.#run(turn, { type: 'start', height, validators: tip.validators, restored });
  }

  due(turn: Turn): void {
    this.#run(turn, { type: 'due' });
  }

  message(turn: Turn, from: Address, bytes: Uint8Array): void {
    const message = this.#options.engine.decodeMessage(bytes);
    if (message.ok) this.#run(turn, { type: 'message', message: message.value });
    else turn.effects.push({ type: 'blame', peer: from, code: 'peer.malformed-message' });
  }

  signed(turn: Turn, payload: Vote, signature: Signature): void {
    this.#run(turn, { type: 'signed', payload, signature });
  }

  timer(turn: Turn, id: string): void {
    const round = this.#timers.get(id);
    const ripe = this.#judge.ripe(turn, id);
    this.#timers.delete(id);
    if (round !== undefined) this.#run(turn, { type: 'timeout', ...round });
    if (ripe !== null) this.#run(turn, { type: 'judged', ...ripe });
  }

  /** The block of this hash as it was executed while it was judged or built, if these are its bytes. */
  executed(hash: Hash, bytes: Uint8Array): ExecutedBlock | undefined {
    return this.#judge.executed(hash, bytes);
  }

  settle({ block }: ExecutedBlock): void {
    this.#evidence.settle(block.evidence);
  }

  /** Runs the engine until it asks nothing more. Its questions are answered after the effects of the step that asked. */
  #run(turn: Turn, first: EngineInput<Message>): void {
    const inputs = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      const { state, effects } = this.#options.engine.step(this.#state, input);
      this.#state = state;
      // Only in the step of its own message is a question surely about the bytes that this peer sent.
      const sender = input.type === 'message' ? turn.from : null;
      for (const effect of effects) this.#perform(turn, effect, sender, inputs);
    }
  }

  #perform(turn: Turn, effect: EngineEffect, sender: Address | null, inputs: EngineInput<Message>[]): void {
    switch (effect.type) {
      case 'persist':
        this.#persist(turn, effect.height, effect.signingState);
        break;
      case 'sign':
        turn.effects.push(effect);
        break;
      case 'broadcast':
        turn.effects.push({ type: 'broadcast', channel: 'consensus', bytes: effect.message });
        break;
      case 'send':
        turn.effects.push({ type: 'send', to: effect.to, channel: 'consensus', bytes: effect.message });
        break;
      case 'schedule':
        this.#schedule(turn, effect.height, effect.round, effect.delayMs);
        break;
      case 'build':
        inputs.push(this.#build(turn, effect.round));
        break;
      case 'judge':
        this.#ask(turn, effect, sender, inputs);
        break;
      case 'commit':
        this.#options.decided(turn, effect.block, effect.certificate);
        break;
      case 'evidence':
        this.#evidence.add(effect.evidence);
        break;
      case 'behind':
        this.#options.behind(effect.from, effect.height);
        break;
      default:
        unreachable(effect);
    }
  }

  #persist(turn: Turn, height: Height, state: Uint8Array): void {
    const { ledger, engine, self } = this.#options;
    assert(self !== null && this.#signs, 'only a validator that may sign has a signing state');
    const bytes = encodeSigningRecord({
      version: SIGNING_RECORD_VERSION,
      chainId: ledger.chainId,
      engine: engine.name,
      validator: self,
      sequence: ++this.#sequence,
      height,
      state,
    });
    turn.effects.push({ type: 'persistSigningState', bytes });
  }

  /** Every timer gets a name of its own: for the engine, a new one does not cancel older ones. */
  #schedule(turn: Turn, height: Height, round: Round, delayMs: number): void {
    const id = `round:${++this.#timersSet}`;
    this.#timers.set(id, { height, round });
    turn.effects.push({ type: 'setTimer', id, delayMs });
  }

  #build(turn: Turn, round: Round): EngineInput<Message> {
    const { ledger, self, candidates } = this.#options;
    assert(self !== null, 'only a validator leads');
    const evidence = this.#evidence.list();
    const built = ledger.build(this.#tip, {
      candidates: candidates(CANDIDATES),
      timestampMs: buildTimestampMs(this.#tip.header, turn.nowMs),
      proposer: self,
      evidence,
    });
    const taken = new Set(built.block.evidence.map(toHex));
    for (const bytes of evidence) if (!taken.has(toHex(bytes))) this.#evidence.drop(bytes);
    this.#judge.remember(built, built.bytes);
    return { type: 'built', round, blockHash: built.hash, block: built.bytes };
  }

  #ask(turn: Turn, effect: JudgeEffect, sender: Address | null, inputs: EngineInput<Message>[]): void {
    const { self } = this.#options;
    const leads = self !== null && equal(effect.leader, self);
    // Where we lead, the bytes came with a round change of anyone's.
    const valid = this.#judge.judge(turn, effect, leads ? null : sender);
    if (valid !== 'waiting') inputs.push({ type: 'judged', blockHash: effect.blockHash, valid });
  }

  #initial(): State {
    const { engine, ledger, config, self } = this.#options;
    return engine.initial({
      chainId: ledger.chainId,
      self: this.#signs ? self : null,
      primitives: ledger.primitives,
      roundTimeoutMs: config.roundTimeoutMs,
      roundTimeoutCapMs: config.roundTimeoutCapMs,
    });
  }
}
