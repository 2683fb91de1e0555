import { assert, unreachable } from '../base/assert.ts';
import type { Address, Hash, Height } from '../base/brand.ts';
import type { Result } from '../base/result.ts';
import { encodeCertificate } from '../consensus/certificate.ts';
import type { Certificate, Engine } from '../consensus/engine.ts';
import type { StateView, Tip } from '../ledger/chain.ts';
import type { ProtocolCode } from './codes.ts';
import { ConsensusDesk } from './consensus-desk.ts';
import type { Channel, ReplicaConfig, ReplicaEffect, ReplicaInput } from './io.ts';
import type { ExecutedBlock, Ledger } from './ledger.ts';
import type { Mempool } from './mempool.ts';
import { dueAtMs } from './pace.ts';
import { type Recovery, recoverSigning } from './recovery.ts';
import { Sync } from './sync.ts';
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
  /** The newest durable block. */
  readonly tip: Tip;
  /** The stored signing record, or null where there is none. */
  readonly signingRecord: Uint8Array | null;
  /** The record's sequence noted with the tip; 0 at genesis. */
  readonly signingSequenceAtTip: number;
}

/** The pure node: consensus, mempool, sync and ledger joined. Every host (node, simulator, browser) drives it the same way. */
export interface Replica {
  /** Takes one input and answers the effects that the host must run, in order. */
  step(input: ReplicaInput): readonly ReplicaEffect[];
  /** The newest block that the host has made durable. */
  readonly tip: Tip;
  readonly pool: Pick<Mempool, 'size' | 'bytes' | 'has'>;
  /** Whether this node may vote at the height under way. */
  readonly signs: boolean;
  readonly halted: boolean;
}

export const createReplica = <State, Message>(options: ReplicaOptions<State, Message>): Replica =>
  new ReplicaCore(options);

const DUE_TIMER = 'due';
const SYNC_TIMER = 'sync';

class ReplicaCore<State, Message> implements Replica {
  readonly #ledger: Ledger;
  readonly #config: ReplicaConfig;
  readonly #consensus: ConsensusDesk<State, Message>;
  readonly #transactions: TransactionDesk;
  readonly #sync: Sync;
  /** Why the key must not sign; null where it may, or where there is none. */
  readonly #signingRefusal: ProtocolCode | null;
  #tip: Tip;
  /** Handed to the host, not yet durable. Nothing builds on it. */
  #committing: ExecutedBlock | null = null;
  /** When the height under way is due, as the timer knows it; null once the engine was told. */
  #dueAtMs: number | null = null;
  #halted = false;

  constructor(options: ReplicaOptions<State, Message>) {
    const { ledger, engine, config, self, tip } = options;
    const recovery = recoveryOf(options);
    this.#ledger = ledger;
    this.#config = config;
    this.#tip = tip;
    this.#signingRefusal = recovery === null || recovery.ok ? null : recovery.rejection.code;
    this.#sync = new Sync(config.sync);
    this.#transactions = new TransactionDesk(ledger, config);
    const desk = {
      ledger,
      engine,
      config,
      self,
      recovery: recovery?.ok ? recovery.value : null,
      candidates: (limits: { transactionsMax: number; bytesMax: number }) => this.#transactions.pool.select(limits),
      decided: (turn: Turn, block: Uint8Array, certificate: Certificate) => this.#decided(turn, block, certificate),
      behind: (from: Address, height: Height) => this.#sync.reached(from, (height - 1) as Height),
    };
    this.#consensus = new ConsensusDesk(desk, tip);
  }

  get tip(): Tip {
    return this.#tip;
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
        if (this.#signingRefusal !== null) turn.effects.push({ type: 'signingRefused', code: this.#signingRefusal });
        this.#beginHeight(turn);
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
        this.#sync.reported(input.peer, input.height);
        break;
      default:
        unreachable(input);
    }
  }

  #message(turn: Turn, from: Address, channel: Channel, bytes: Uint8Array): void {
    if (channel === 'consensus') this.#consensus.message(turn, from, bytes);
    else turn.effects.push(...this.#transactions.receive(this.#tip, from, bytes));
  }

  #timer(turn: Turn, id: string): void {
    if (id === BATCH_TIMER) turn.effects.push(...this.#transactions.flush(turn.nowMs));
    else if (id === RESEND_TIMER) turn.effects.push(...this.#transactions.resend(turn.nowMs));
    else if (id === DUE_TIMER) this.#dueAtMs = this.#dueAtMs === null ? null : Number.POSITIVE_INFINITY;
    else if (id !== SYNC_TIMER) this.#consensus.timer(turn, id);
  }

  /** After every input: blocks at hand are committed, the height is begun when due, and missing blocks are asked for. */
  #follow(turn: Turn): void {
    this.#commitSynced(turn);
    if (this.#halted) return;
    this.#pace(turn);
    turn.effects.push(...syncEffects(this.#sync.plan(this.#tip.header.height, turn.nowMs)));
  }

  #beginHeight(turn: Turn): void {
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    this.#consensus.start(turn, this.#tip);
  }

  /** Tells the engine that the block is due, or sets the timer for it. A transaction that arrives makes it due earlier. */
  #pace(turn: Turn): void {
    if (this.#committing !== null || this.#dueAtMs === null) return;
    const atMs = dueAtMs(this.#config, this.#tip.header, this.pool.hasReady());
    if (atMs <= turn.nowMs) {
      this.#dueAtMs = null;
      this.#consensus.due(turn);
    } else if (atMs < this.#dueAtMs) {
      this.#dueAtMs = atMs;
      turn.effects.push({ type: 'setTimer', id: DUE_TIMER, delayMs: atMs - turn.nowMs });
    }
  }

  /** The engine's decision. A block that sync brought at the same moment was decided by the same quorum rule. */
  #decided(turn: Turn, bytes: Uint8Array, certificate: Certificate): void {
    if (this.#committing !== null || certificate.height !== this.#tip.header.height + 1) return;
    const known = this.#consensus.executed(certificate.blockHash, bytes);
    if (known !== undefined) {
      this.#commit(turn, known, bytes, encodeCertificate(certificate));
      return;
    }
    const judged = this.#ledger.judge(this.#tip, bytes);
    if (judged.ok) this.#commit(turn, judged.value, bytes, encodeCertificate(certificate));
    else this.#halt(turn, 'replica.diverged', judged.rejection.code);
  }

  /** Commits the next block of a range, one at a time: each is judged on the durable state of the one before. */
  #commitSynced(turn: Turn): void {
    while (this.#committing === null) {
      const pending = this.#sync.take(this.#tip.header.height);
      if (pending === undefined) return;
      const verdict = verifySynced(this.#ledger, this.#tip, pending);
      if (verdict.type === 'valid') {
        this.#commit(turn, verdict.executed, pending.block, pending.certificate);
      } else if (verdict.type === 'blame') {
        turn.effects.push(...syncEffects(this.#sync.reject(pending.peer, verdict.code, turn.nowMs)));
      } else {
        this.#halt(turn, verdict.code, verdict.detail);
        return;
      }
    }
  }

  #commit(turn: Turn, executed: ExecutedBlock, bytes: Uint8Array, certificate: Uint8Array): void {
    this.#committing = executed;
    const { height } = executed.block.header;
    const signingSequence = this.#consensus.signingSequence;
    turn.effects.push({ type: 'commit', ...executed, height, bytes, certificate, signingSequence });
  }

  #committed(turn: Turn, height: Height, view: StateView): void {
    const committing = this.#committing;
    assert(committing !== null && committing.block.header.height === height, 'the host commits what it was told to');
    const { block, hash, execution } = committing;
    this.#committing = null;
    this.#tip = { header: block.header, hash, view, validators: execution.nextValidators };
    this.#consensus.settle(committing);
    turn.effects.push(...this.#transactions.settle(this.#tip, committing));
    turn.effects.push({ type: 'announce', bytes: encodeStatus({ height, hash: hash as Hash }) });
    // While final blocks are at hand there is nothing to vote on. A peer's mere claim of more never keeps us from voting.
    this.#commitSynced(turn);
    if (this.#committing === null && !this.#halted) this.#beginHeight(turn);
  }

  #halt(turn: Turn, code: ProtocolCode, detail: string): void {
    this.#halted = true;
    turn.effects.push({ type: 'halt', code, detail });
  }
}

function recoveryOf<State, Message>(options: ReplicaOptions<State, Message>): Result<Recovery, ProtocolCode> | null {
  const { self, ledger, engine, tip, signingRecord, signingSequenceAtTip } = options;
  if (self === null) return null;
  const signer = { chainId: ledger.chainId, engine: engine.name, validator: self };
  return recoverSigning(signer, signingRecord, tip.header.height, signingSequenceAtTip);
}

const syncEffects = (effects: ReturnType<Sync['plan']>): readonly ReplicaEffect[] =>
  effects.map((effect) =>
    effect.type === 'wake' ? { type: 'setTimer', id: SYNC_TIMER, delayMs: effect.delayMs } : effect,
  );
