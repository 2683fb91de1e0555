import { assert, unreachable } from '../base/assert.ts';
import type { Address, Hash, Height, PublicKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { decodeCertificate, encodeCertificate } from '../consensus/certificate.ts';
import type { Certificate, Engine, Head } from '../consensus/engine.ts';
import type { SignedVote } from '../consensus/vote.ts';
import { decodeHeaderOf } from '../ledger/block.ts';
import type { StateView, Tip } from '../ledger/chain.ts';
import type { Header } from '../ledger/header.ts';
import { ConsensusDesk, type Decision, type EngineObservation } from './consensus-desk.ts';
import { DueClock } from './due-clock.ts';
import type { Channel, ReplicaConfig, ReplicaEffect, ReplicaInput } from './io.ts';
import type { ExecutedBlock, Ledger } from './ledger.ts';
import type { Mempool } from './mempool.ts';
import { dueAtMs, type Pace, paceOf } from './pace.ts';
import { Rejoin } from './rejoin.ts';
import { refusalEffects, SigningGuard } from './signing-guard.ts';
import { type PendingBlock, Sync } from './sync.ts';
import { BATCH_TIMER, RESEND_TIMER, TransactionDesk } from './transaction-desk.ts';
import type { Turn } from './turn.ts';
import { verifySynced } from './verify-synced.ts';
import { encodeStatus } from './wire.ts';

export interface ReplicaOptions<State, Message> {
  readonly ledger: Ledger;
  readonly engine: Engine<State, Message>;
  readonly config: ReplicaConfig;
  /** This hospital's id where it holds a validator key, else null: it follows. */
  readonly self: Address | null;
  /** That key's public half: this node votes while the set names it. */
  readonly validatorKey: PublicKey | null;
  /** The newest durable block. */
  readonly tip: Tip;
  /** Headers of the stored blocks below it, the newest first: as many of the last `buildersMax` as are there. */
  readonly headersBelow?: readonly Header[];
  /** The certificate stored with it; null at genesis. */
  readonly tipProof: Certificate | null;
  /** The stored signing record, or null where there is none. */
  readonly signingRecord: Uint8Array | null;
  /** The record's sequence noted with the tip; 0 at genesis. */
  readonly signingSequenceAtTip: number;
  /** Sees every step of the engine. It must change nothing. */
  readonly observe?: (step: EngineObservation) => void;
}

/** The pure node: consensus, mempool, sync and ledger joined. Every host (node, simulator, browser) drives it the same way. */
export interface Replica {
  /** Takes one input and answers the effects that the host must run, in order. */
  step(input: ReplicaInput): readonly ReplicaEffect[];
  /** The newest block that the host has made durable. */
  readonly tip: Tip;
  /** The newest block that the engine holds valid. Above the tip it is not final. */
  readonly head: Head | null;
  /** The blocks above the tip up to the head, lowest first. None of them is final. */
  readonly unfinal: readonly ExecutedBlock[];
  readonly pool: Pick<Mempool, 'size' | 'bytes' | 'has'>;
  /** Whether this node may vote at the height under way. */
  readonly signs: boolean;
  readonly halted: boolean;
  /** What this hospital voted last, as far as it was heard here: for the answer to its `requestStatus`. */
  newestVotesOf(hospital: Address): readonly SignedVote[];
}

export const createReplica = <State, Message>(options: ReplicaOptions<State, Message>): Replica =>
  new ReplicaCore(options);

const DUE_TIMER = 'due';
const SYNC_TIMER = 'sync';
const REJOIN_TIMER = 'rejoin';

class ReplicaCore<State, Message> implements Replica {
  readonly #ledger: Ledger;
  readonly #config: ReplicaConfig;
  readonly #guard: SigningGuard;
  readonly #consensus: ConsensusDesk<State, Message>;
  readonly #transactions: TransactionDesk;
  readonly #sync: Sync;
  readonly #depth: boolean;
  readonly #self: Address | null;
  readonly #rejoin = new Rejoin();
  readonly #due = new DueClock(DUE_TIMER, ({ header }) => dueAtMs(this.#pace, header, this.pool.hasReady()));
  #tip: Tip;
  #pace: Pace;
  #tipProof: Certificate | null;
  /** Handed to the host, not yet durable. */
  #committing: { readonly executed: ExecutedBlock; readonly proof: Certificate } | null = null;
  /** What the engine decided meanwhile. */
  #decisions: Decision[] = [];
  #halted = false;

  constructor(options: ReplicaOptions<State, Message>) {
    const { engine, config, self, validatorKey, tip, tipProof, observe } = options;
    const ledger = this.#knowing(options.ledger);
    this.#ledger = ledger;
    this.#config = config;
    this.#self = self;
    this.#depth = engine.finality === 'depth';
    this.#tip = tip;
    this.#pace = this.#paceAt(tip);
    this.#tipProof = tipProof;
    this.#guard = new SigningGuard({
      chainId: ledger.chainId,
      primitives: ledger.primitives,
      engine,
      self,
      validatorKey,
      stored: options.signingRecord,
      sequenceAtTip: options.signingSequenceAtTip,
    });
    this.#sync = new Sync(config.sync);
    this.#transactions = new TransactionDesk(ledger, config);
    const desk = {
      ledger,
      engine,
      pace: () => this.#pace,
      self,
      guard: this.#guard,
      headersBelow: options.headersBelow ?? [],
      candidates: (limits: { transactionsMax: number; bytesMax: number }, taken: ReadonlySet<string>) =>
        this.#transactions.pool.select(limits, taken),
      decided: (turn: Turn, decision: Decision) => this.#decided(turn, decision),
      behind: (from: Address, height: Height) => this.#sync.reached(from, (height - 1) as Height),
      mayVote: (at: Tip) => self !== null && this.#rejoin.check(at.validators, self, this.#reached(at)),
      asksDue: (parent: Tip) => this.#due.ask(parent),
      halt: (turn: Turn, code: string, detail: string) => this.#halt(turn, code, detail),
      observe: observe ?? null,
    };
    this.#consensus = new ConsensusDesk(desk, tip);
  }

  get tip(): Tip {
    return this.#tip;
  }

  get head(): Head | null {
    return this.#consensus.head;
  }

  get unfinal(): readonly ExecutedBlock[] {
    return this.#consensus.unfinal;
  }

  get pool(): Mempool {
    return this.#transactions.pool;
  }

  get signs(): boolean {
    return this.#consensus.signs;
  }

  get halted(): boolean {
    return this.#halted;
  }

  newestVotesOf(hospital: Address): readonly SignedVote[] {
    return this.#consensus.newestVotesOf(hospital);
  }

  step(input: ReplicaInput): readonly ReplicaEffect[] {
    if (this.#halted) return [];
    const from = input.type === 'message' ? input.from : null;
    const turn: Turn = { nowMs: input.nowMs, effects: [], from };
    this.#take(turn, input);
    if (!this.#halted) this.#follow(turn);
    return turn.effects;
  }

  #take(turn: Turn, input: ReplicaInput): void {
    switch (input.type) {
      case 'started':
        if (this.#guard.refusal !== null) turn.effects.push(...refusalEffects(this.#guard.refusal));
        this.#beginHeight(turn);
        this.#askHeights(turn);
        break;
      case 'message':
        this.#message(turn, input.from, input.channel, input.bytes);
        break;
      case 'verified':
        this.#transactions.receiveVerified(this.#tip, input.transactions);
        break;
      case 'submit': {
        const { results, effects } = this.#transactions.submit(this.#tip, input.transactions, turn.nowMs);
        turn.effects.push({ type: 'submitted', ticket: input.ticket, results }, ...effects);
        break;
      }
      case 'timer':
        this.#timer(turn, input.id);
        break;
      case 'signed':
        this.#consensus.signed(turn, input.payload, input.signature);
        break;
      case 'committed':
        this.#committed(turn, input.height, input.view);
        break;
      case 'blocksAnswered':
        turn.effects.push(...syncEffects(this.#sync.answered(input.request, input.bytes, turn.nowMs)));
        break;
      case 'requestFailed':
        this.#sync.failed(input.request, turn.nowMs);
        break;
      case 'peerConnected':
        this.#sync.connected(input.peer);
        turn.effects.push({ type: 'requestStatus', peer: input.peer });
        break;
      case 'peerDisconnected':
        this.#sync.disconnected(input.peer);
        break;
      case 'peerHeight':
        this.#noteForgottenVotes(turn, input.votes ?? []);
        this.#sync.reported(input.peer, input.height);
        this.#rejoin.reported(input.peer, input.height);
        this.#beginToVote(turn);
        break;
      default:
        unreachable(input);
    }
  }

  #message(turn: Turn, from: Address, channel: Channel, bytes: Uint8Array): void {
    if (channel === 'consensus') {
      this.#consensus.message(turn, from, bytes);
      if (this.#depth) this.#beginToVote(turn);
    } else turn.effects.push(...this.#transactions.receive(this.#tip, from, bytes));
  }

  #timer(turn: Turn, id: string): void {
    if (id === BATCH_TIMER) turn.effects.push(...this.#transactions.flush(turn.nowMs));
    else if (id === RESEND_TIMER) turn.effects.push(...this.#transactions.resend(turn.nowMs));
    else if (id === REJOIN_TIMER) this.#askHeights(turn);
    else if (id === DUE_TIMER) this.#due.timerEnded();
    else if (id !== SYNC_TIMER) this.#consensus.timer(turn, id);
  }

  /** After every input: blocks at hand are committed, the engine is told what is due, and missing blocks are asked for. */
  #follow(turn: Turn): void {
    this.#commitNext(turn);
    if (!this.#halted) this.#tellDue(turn);
    if (this.#halted) return;
    turn.effects.push(...syncEffects(this.#sync.plan(this.#tip.header.height, turn.nowMs)));
  }

  /** Until enough of the others have said how far they are. An answer may be lost. */
  #askHeights(turn: Turn): void {
    const missing = this.#self === null ? [] : this.#rejoin.missing(this.#tip.validators, this.#self);
    if (missing.length === 0) return;
    for (const peer of missing) turn.effects.push({ type: 'requestStatus', peer });
    turn.effects.push({ type: 'setTimer', id: REJOIN_TIMER, delayMs: this.#config.sync.graceMs });
  }

  /** The height is begun again where a report, or a block that is not durable yet, lets the node vote at last. */
  #beginToVote(turn: Turn): void {
    if (this.#consensus.mayBegin && this.#committing === null) this.#beginHeight(turn);
  }

  #beginHeight(turn: Turn): void {
    this.#consensus.start(turn, this.#tipProof);
  }

  /** Tells the engine that a block is due, or sets the timer for it. A transaction that arrives makes it due earlier. */
  #tellDue(turn: Turn): void {
    const { effects, nowMs } = turn;
    for (let parent = this.#due.take(nowMs, effects); parent !== null; parent = this.#due.take(nowMs, effects))
      this.#consensus.due(turn, parent);
  }

  /** The engine's decision: one may follow another before the first is durable. */
  #decided(turn: Turn, decision: Decision): void {
    this.#decisions.push(decision);
    if (this.#committing === null) this.#commitNext(turn);
  }

  /** Commits the next final block, one at a time: each stands on the durable state of the one before. */
  #commitNext(turn: Turn): void {
    if (this.#committing !== null || this.#halted) return;
    for (let next = this.#decisions.shift(); next !== undefined; next = this.#decisions.shift()) {
      // Sync may have brought the same block meanwhile, by the same quorum rule.
      if (!equal(next.executed.block.header.parentHash, this.#tip.hash)) continue;
      this.#commit(turn, next.executed, next.bytes, encodeCertificate(next.certificate), next.certificate);
      return;
    }
    this.#commitSynced(turn);
  }

  #commitSynced(turn: Turn): void {
    while (this.#committing === null && !this.#halted) {
      if (this.#depth && this.#sync.hasPending()) this.#offerAnswer(turn);
      const pending = this.#sync.take(this.#tip.header.height);
      if (pending === undefined) return;
      this.#verifySynced(turn, pending);
    }
  }

  /** Without finality a whole answer goes to the engine: its fork choice decides. One that leads nowhere is not asked for again at once. */
  #offerAnswer(turn: Turn): void {
    const before = this.#consensus.head?.height ?? 0;
    let from: Address | null = null;
    for (let next = this.#sync.take(0 as Height); next !== undefined; next = this.#sync.take(0 as Height)) {
      from = next.peer;
      this.#offerSynced(turn, next);
    }
    if (from !== null && (this.#consensus.head?.height ?? 0) <= before) this.#sync.unhelpful(from, turn.nowMs);
  }

  #verifySynced(turn: Turn, pending: PendingBlock): void {
    const verdict = verifySynced(this.#ledger, this.#tip, pending);
    if (verdict.type === 'valid') {
      this.#noteOwnVotes(turn, verdict.certificate);
      this.#commit(turn, verdict.executed, pending.block, pending.certificate, verdict.certificate);
    } else if (verdict.type === 'blame')
      turn.effects.push(...syncEffects(this.#sync.reject(pending.peer, verdict.code, turn.nowMs)));
    else this.#halt(turn, verdict.code, verdict.detail);
  }

  #noteOwnVotes(turn: Turn, certificate: Certificate): void {
    if (this.#guard.isOutdatedBy(certificate, this.#tip.validators)) this.#silence(turn);
  }

  #noteForgottenVotes(turn: Turn, votes: readonly SignedVote[]): void {
    if (!this.#guard.hasForgotten(votes, this.#tip.validators)) return;
    this.#silence(turn);
    if (this.#committing === null) this.#beginHeight(turn);
  }

  #silence(turn: Turn): void {
    this.#guard.silence();
    turn.effects.push(...refusalEffects('signing-record.outdated'));
  }

  #offerSynced(turn: Turn, { peer, block, certificate }: PendingBlock): void {
    const header = decodeHeaderOf(block);
    const proof = decodeCertificate(certificate);
    if (!header.ok || !proof.ok) {
      turn.effects.push(...syncEffects(this.#sync.reject(peer, 'sync.bad-body', turn.nowMs)));
      return;
    }
    this.#noteOwnVotes(turn, proof.value);
    this.#consensus.synced(turn, peer, header.value.parentHash, block, proof.value);
  }

  #commit(turn: Turn, executed: ExecutedBlock, bytes: Uint8Array, certificate: Uint8Array, proof: Certificate): void {
    this.#committing = { executed, proof };
    const { height } = executed.block.header;
    const signingSequence = this.#guard.sequence;
    turn.effects.push({ type: 'commit', ...executed, height, bytes, certificate, signingSequence });
  }

  #committed(turn: Turn, height: Height, view: StateView): void {
    const committing = this.#committing;
    assert(committing?.executed.block.header.height === height, 'the host commits what it was told to');
    const { block, hash, execution } = committing.executed;
    this.#committing = null;
    this.#tipProof = committing.proof;
    const { nextValidators: validators, nextValidatorsSince: validatorsSince } = execution;
    this.#tip = { header: block.header, hash, view, validators, validatorsSince };
    this.#pace = this.#paceAt(this.#tip);
    this.#consensus.settle(committing.executed);
    turn.effects.push(...this.#transactions.settle(this.#tip, committing.executed));
    turn.effects.push({ type: 'announce', bytes: encodeStatus({ height, hash: hash as Hash }) });
    this.#consensus.advance(this.#tip);
    // While final blocks are at hand there is nothing to vote on. A peer's mere claim of more never keeps us from voting.
    this.#commitNext(turn);
    if (this.#committing === null && !this.#halted) this.#beginHeight(turn);
  }

  /** What a validator that rejoins has: without finality blocks that are not durable yet count, or none might ever become so (CLIQUE-9). */
  #reached({ header }: Tip): Height {
    return this.#depth ? (Math.max(header.height, this.head?.height ?? 0) as Height) : header.height;
  }

  /** The chain's own, where the ledger knows it, from the next block on. */
  #paceAt(tip: Tip): Pace {
    return this.#ledger.pace?.(tip) ?? paceOf(this.#config);
  }

  /** What waits in the pool was verified when it came: a block that holds it need not verify it again. */
  #knowing(ledger: Ledger): Ledger {
    return {
      ...ledger,
      judge: (tip, bytes) => ledger.judge(tip, bytes, (leaf) => this.#transactions.pool.byLeaf(leaf)),
    };
  }

  #halt(turn: Turn, code: string, detail: string): void {
    this.#halted = true;
    turn.effects.push({ type: 'halt', code, detail });
  }
}

const syncEffects = (effects: ReturnType<Sync['plan']>): readonly ReplicaEffect[] =>
  effects.map((effect) =>
    effect.type === 'wake' ? { type: 'setTimer', id: SYNC_TIMER, delayMs: effect.delayMs } : effect,
  );
