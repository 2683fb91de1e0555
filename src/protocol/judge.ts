import type { Address, Hash } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import type { EngineEffect } from '../consensus/engine.ts';
import { decodeBlock } from '../ledger/block.ts';
import type { Tip } from '../ledger/chain.ts';
import { type Header, headerHash } from '../ledger/header.ts';
import type { ReplicaConfig } from './io.ts';
import type { ExecutedBlock, Ledger } from './ledger.ts';
import { PROTOCOL_LIMITS } from './limits.ts';
import { clockVerdict } from './pace.ts';
import type { Turn } from './turn.ts';

export type JudgeEffect = Extract<EngineEffect, { type: 'judge' }>;

interface Waiting {
  readonly effect: JudgeEffect;
  readonly sender: Address | null;
}

/**
 * Judges proposals of one height: that the bytes are the block they claim to be, that a fresh one names its leader and keeps
 * to the clock, and every rule of the ledger. What was executed is kept: a commit need not execute it again.
 */
export class ProposalJudge {
  readonly #ledger: Ledger;
  readonly #config: Pick<ReplicaConfig, 'clockAheadMaxMs' | 'clockBehindMaxMs'>;
  readonly #executed = new Map<string, { readonly bytes: Uint8Array; readonly block: ExecutedBlock }>();
  readonly #waiting = new Map<string, Waiting>();
  #waits = 0;
  #tip: Tip | null = null;

  constructor(ledger: Ledger, config: ReplicaConfig) {
    this.#ledger = ledger;
    this.#config = config;
  }

  begin(tip: Tip): void {
    this.#tip = tip;
    this.#executed.clear();
    this.#waiting.clear();
  }

  /** The verdict, or `waiting`: then a timer is set whose end makes it `ripe`. */
  judge(turn: Turn, effect: JudgeEffect, sender: Address | null): boolean | 'waiting' {
    const refused = (code: string): false => {
      if (sender !== null) turn.effects.push({ type: 'blame', peer: sender, code });
      return false;
    };
    const { blockHash, block: bytes, fresh, leader } = effect;
    const block = decodeBlock(bytes);
    if (!block.ok) return refused('peer.bad-proposal');
    const { header } = block.value;
    if (!equal(headerHash(this.#ledger.primitives, header), blockHash)) return refused('peer.bad-proposal');
    if (fresh && !equal(header.proposer, leader)) return refused('peer.bad-proposal');
    if (fresh) {
      const clock = this.#clock(turn, header, { effect, sender });
      if (clock !== 'judge') return clock === 'refuse' ? false : 'waiting';
    }
    if (this.executed(blockHash, bytes) !== undefined) return true;
    const judged = this.#ledger.judge(this.#tip as Tip, bytes);
    if (!judged.ok) return refused(judged.rejection.code);
    this.remember(judged.value, bytes);
    return true;
  }

  /** The verdict on the proposal whose wait the timer `id` ended; null where none is due. */
  ripe(turn: Turn, id: string): { readonly blockHash: Hash; readonly valid: boolean } | null {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return null;
    this.#waiting.delete(id);
    const valid = this.judge(turn, waiting.effect, waiting.sender);
    return valid === 'waiting' ? null : { blockHash: waiting.effect.blockHash, valid };
  }

  remember(block: ExecutedBlock, bytes: Uint8Array): void {
    const [oldest] = this.#executed.keys();
    if (this.#executed.size >= PROTOCOL_LIMITS.executionsMax && oldest !== undefined) this.#executed.delete(oldest);
    this.#executed.set(toHex(block.hash), { bytes, block });
  }

  executed(hash: Hash, bytes: Uint8Array): ExecutedBlock | undefined {
    const known = this.#executed.get(toHex(hash));
    return known !== undefined && equal(known.bytes, bytes) ? known.block : undefined;
  }

  #clock(turn: Turn, header: Header, waiting: Waiting): 'judge' | 'refuse' | 'wait' {
    const verdict = clockVerdict(this.#config, header, turn.nowMs);
    if (typeof verdict === 'string') return verdict;
    if (this.#waiting.size >= PROTOCOL_LIMITS.waitingProposalsMax) return 'refuse';
    const id = `clock:${++this.#waits}`;
    this.#waiting.set(id, waiting);
    turn.effects.push({ type: 'setTimer', id, delayMs: Math.min(verdict.wait, PROTOCOL_LIMITS.clockWaitMaxMs) });
    return 'wait';
  }
}
