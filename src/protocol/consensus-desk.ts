import { assert, unreachable } from '../base/assert.ts';
import type { Address, Hash, Height, Round, Signature } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import type { BuiltBlock, Certificate, Engine, EngineEffect, EngineInput, Head, Vote } from '../consensus/engine.ts';
import type { SignedVote } from '../consensus/vote.ts';
import type { Tip } from '../ledger/chain.ts';
import type { Header } from '../ledger/header.ts';
import type { SignedTransaction } from '../ledger/transaction.ts';
import { builtBlocks, withTip } from './built-blocks.ts';
import { EvidencePool } from './evidence-pool.ts';
import { changesSet, type JudgeEffect, ProposalJudge } from './judge.ts';
import type { ExecutedBlock, Ledger } from './ledger.ts';
import { buildTimestampMs, type Pace, sameForEngine } from './pace.ts';
import type { SigningGuard } from './signing-guard.ts';
import type { Turn } from './turn.ts';
import { UnfinalBlocks } from './unfinal-blocks.ts';

/** Room that a block keeps for its header, its evidence and the heads of its transactions. */
const BLOCK_OVERHEAD_BYTES = 131_072;
const CANDIDATES = {
  transactionsMax: LIMITS.blockTransactionsMax,
  bytesMax: LIMITS.blockBytesMax - BLOCK_OVERHEAD_BYTES,
};

/** The engine committed this block; what executing it gave, and the certificate with its path of headers. */
export interface Decision {
  readonly executed: ExecutedBlock;
  readonly bytes: Uint8Array;
  readonly certificate: Certificate;
}

/** One step of the engine, for those who watch: tests, traces, learners. */
export interface EngineObservation {
  readonly input: string;
  readonly effects: readonly EngineEffect[];
  readonly rules: readonly string[];
}

export interface ConsensusDeskOptions<State, Message> {
  readonly ledger: Ledger;
  readonly engine: Engine<State, Message>;
  /** As the tip's state has it: governance may change it with any block. */
  readonly pace: () => Pace;
  readonly self: Address | null;
  /** What this node signs votes with: it votes only while the set names it. */
  readonly guard: SigningGuard;
  /** Headers of the durable blocks below the tip, the newest first. */
  readonly headersBelow: readonly Header[];
  readonly candidates: (limits: typeof CANDIDATES, taken: ReadonlySet<string>) => readonly SignedTransaction[];
  readonly decided: (turn: Turn, decision: Decision) => void;
  /** A signed message shows that its sender has finished the height before `height`. */
  readonly behind: (from: Address, height: Height) => void;
  /** Whether this node knows how far the others are (rejoin.ts). */
  readonly mayVote: (tip: Tip) => boolean;
  /** The engine asks when a child of this block is due. */
  readonly asksDue: (parent: Tip) => void;
  readonly halt: (turn: Turn, code: string, detail: string) => void;
  readonly observe: ((step: EngineObservation) => void) | null;
}

/** The engine's host: answers its questions from the ledger, gives its timers names, and numbers its signing records. */
export class ConsensusDesk<State, Message> {
  readonly #options: ConsensusDeskOptions<State, Message>;
  readonly #unfinal: UnfinalBlocks;
  readonly #judge: ProposalJudge;
  readonly #evidence: EvidencePool;
  readonly #timers = new Map<string, { readonly height: Height; readonly round: Round }>();
  #timersSet = 0;
  #fresh = true;
  /** What the engine was begun with. */
  #pace: Pace;
  #signs = false;
  #state: State;
  #tip: Tip;
  /** Durable blocks, the tip first: whoever restarts must know who built lately (CLIQUE-5). */
  #built: readonly BuiltBlock[];

  constructor(options: ConsensusDeskOptions<State, Message>, tip: Tip) {
    const { ledger, pace, engine } = options;
    this.#options = options;
    this.#unfinal = new UnfinalBlocks(tip);
    this.#judge = new ProposalJudge({ ledger, pace, finality: engine.finality, unfinal: this.#unfinal });
    this.#evidence = new EvidencePool(ledger.primitives);
    this.#pace = pace();
    this.#state = this.#initial();
    this.#tip = tip;
    this.#built = builtBlocks(tip, options.headersBelow);
  }

  /** Whether this node may vote at the height under way. */
  get signs(): boolean {
    return this.#signs;
  }

  /** Whether this node follows and may vote from now on: the height is then begun again. */
  get mayBegin(): boolean {
    return !this.#signs && this.#maySign(this.#tip);
  }

  /** The newest block held valid, final or not. */
  get head(): Head | null {
    return this.#options.engine.head(this.#state);
  }

  /** `tip` is durable: what does not stand on it is void. */
  advance(tip: Tip): void {
    this.#tip = tip;
    this.#built = withTip(this.#built, tip);
    this.#unfinal.advance(tip);
    this.#judge.advance(tip.header.height);
  }

  newestVotesOf(hospital: Address): readonly SignedVote[] {
    return this.#options.engine.newestVotes(this.#state, hospital);
  }

  /** The blocks between the tip and the head, lowest first: not final, and any of them may be gone tomorrow. */
  get unfinal(): readonly ExecutedBlock[] {
    const { head } = this;
    return head === null ? [] : this.#unfinal.chainTo(head.blockHash);
  }

  /** Begins the height above the tip, or tells an engine that is ahead of it that its block is durable. */
  start(turn: Turn, proof: Certificate | null): void {
    const tip = this.#tip;
    const signs = this.#maySign(tip);
    const pace = this.#options.pace();
    if (signs !== this.#signs || !sameForEngine(pace, this.#pace)) {
      this.#signs = signs;
      this.#pace = pace;
      this.#state = this.#initial();
      this.#fresh = true;
    }
    const restored = this.#fresh && signs ? this.#options.guard.state : null;
    this.#fresh = false;
    this.#run(turn, {
      type: 'start',
      height: (tip.header.height + 1) as Height,
      parentHash: tip.hash,
      parentRound: proof?.round ?? null,
      descendant: proof !== null && proof.path.length > 0 ? proof : null,
      validators: tip.validators,
      epoch: tip.validatorsSince,
      built: this.#built,
      restored,
    });
  }

  due(turn: Turn, parentHash: Hash): void {
    this.#run(turn, { type: 'due', parentHash });
  }

  message(turn: Turn, from: Address, bytes: Uint8Array): void {
    const message = this.#options.engine.decodeMessage(bytes);
    if (message.ok) this.#run(turn, { type: 'message', from, message: message.value });
    else turn.effects.push({ type: 'blame', peer: from, code: 'peer.malformed-message' });
  }

  /** A synced block of an engine without finality: only its own fork choice can say what it is worth. */
  synced(turn: Turn, from: Address, parentHash: Hash, block: Uint8Array, certificate: Certificate): void {
    const message = this.#options.engine.fromSync?.({ parentHash, block, certificate });
    if (message != null) this.#run(turn, { type: 'message', from, message });
    else turn.effects.push({ type: 'blame', peer: from, code: 'sync.bad-certificate' });
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
    return this.#unfinal.executed(hash, bytes);
  }

  settle({ block }: ExecutedBlock): void {
    this.#evidence.settle(block.evidence);
  }

  /** Runs the engine until it asks nothing more. Its questions are answered after the effects of the step that asked. */
  #run(turn: Turn, first: EngineInput<Message>): void {
    const inputs = [first];
    for (let input = inputs.shift(); input !== undefined; input = inputs.shift()) {
      const { state, effects, rules } = this.#options.engine.step(this.#state, input);
      this.#state = state;
      this.#options.observe?.({ input: input.type, effects, rules });
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
      case 'pace':
        this.#askDue(effect.parentHash);
        break;
      case 'build':
        this.#build(turn, effect.round, effect.parentHash, inputs);
        break;
      case 'judge':
        this.#ask(turn, effect, sender, inputs);
        break;
      case 'commit':
        this.#decide(turn, effect);
        break;
      case 'evidence':
        this.#evidence.add(effect.evidence);
        break;
      case 'behind':
        this.#options.behind(effect.from, effect.height);
        break;
      case 'halt':
        this.#options.halt(turn, effect.code, '');
        break;
      default:
        unreachable(effect);
    }
  }

  #persist(turn: Turn, height: Height, state: Uint8Array): void {
    assert(this.#signs, 'only a validator that may sign has a signing state');
    const bytes = this.#options.guard.record(height, state);
    turn.effects.push({ type: 'persistSigningState', bytes });
  }

  /** Every timer gets a name of its own: for the engine, a new one does not cancel older ones. */
  #schedule(turn: Turn, height: Height, round: Round, delayMs: number): void {
    const id = `round:${++this.#timersSet}`;
    this.#timers.set(id, { height, round });
    turn.effects.push({ type: 'setTimer', id, delayMs });
  }

  #askDue(parentHash: Hash): void {
    const parent = this.#unfinal.tipAt(parentHash);
    // An engine that has not heard of the newest durable block yet may name one that this left behind: `start` is on its way.
    if (parent !== undefined) this.#options.asksDue(parent);
  }

  #build(turn: Turn, round: Round, parentHash: Hash, inputs: EngineInput<Message>[]): void {
    const { ledger, self, candidates } = this.#options;
    const parent = this.#unfinal.tipAt(parentHash);
    assert(self !== null, 'only a validator leads');
    if (parent === undefined) return; // left behind, as in `#askDue`
    const height = (parent.header.height + 1) as Height;
    const built = ledger.build(parent, {
      candidates: candidates(CANDIDATES, this.#unfinal.transactionsUpTo(parentHash)),
      timestampMs: buildTimestampMs(parent.header, turn.nowMs),
      proposer: self,
      evidence: this.#evidence.list(height),
    });
    // Above an unfinal block evidence may be left out because that one holds it: only the final state says that it is of no use.
    if (equal(parentHash, this.#tip.hash)) this.#evidence.refused(height, built.block.evidence);
    this.#unfinal.remember(built, built.bytes);
    inputs.push({
      type: 'built',
      round,
      parentHash,
      blockHash: built.hash,
      block: built.bytes,
      changesSet: changesSet(built),
    });
  }

  #ask(turn: Turn, effect: JudgeEffect, sender: Address | null, inputs: EngineInput<Message>[]): void {
    const { self } = this.#options;
    const leads = self !== null && equal(effect.leader, self);
    // Where we lead, the bytes came with a round change of anyone's.
    const verdict = this.#judge.judge(turn, effect, leads ? null : sender);
    if (verdict !== 'waiting') inputs.push({ type: 'judged', ...verdict });
  }

  /** The certificate may be a descendant's: the path of headers that leads to it makes it this block's (SIMPLEX-9). */
  #decide(turn: Turn, { blockHash, block: bytes, certificate }: Extract<EngineEffect, { type: 'commit' }>): void {
    const executed = this.#unfinal.executed(blockHash, bytes) ?? this.#executeNow(bytes);
    if (executed === undefined) return; // it does not stand on the tip: sync brings what is missing
    const path = this.#unfinal.headersBetween(blockHash, certificate.blockHash);
    this.#options.decided(turn, { executed, bytes, certificate: { ...certificate, path } });
  }

  /** A block that an engine knew from before a restart, or that was forgotten meanwhile. */
  #executeNow(bytes: Uint8Array): ExecutedBlock | undefined {
    const judged = this.#options.ledger.judge(this.#tip, bytes);
    if (!judged.ok) return undefined;
    this.#unfinal.remember(judged.value, bytes);
    return judged.value;
  }

  #maySign(tip: Tip): boolean {
    const { guard, mayVote } = this.#options;
    return guard.maySignIn(tip.validators) && mayVote(tip);
  }

  #initial(): State {
    const { engine, ledger, self } = this.#options;
    const { roundTimeoutMs, roundTimeoutCapMs, confirmationDepth } = this.#pace;
    return engine.initial({
      chainId: ledger.chainId,
      self: this.#signs ? self : null,
      primitives: ledger.primitives,
      roundTimeoutMs,
      roundTimeoutCapMs,
      confirmationDepth,
    });
  }
}
