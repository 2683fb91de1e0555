import type { Address, Hash, Height } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { Engine, EngineEffect } from '../consensus/engine.ts';
import { decodeBlock } from '../ledger/block.ts';
import { type Header, headerHash } from '../ledger/header.ts';
import type { ExecutedBlock, Ledger } from './ledger.ts';
import { PROTOCOL_LIMITS } from './limits.ts';
import { clockVerdict, type Pace } from './pace.ts';
import type { Turn } from './turn.ts';
import type { UnfinalBlocks } from './unfinal-blocks.ts';

export type JudgeEffect = Extract<EngineEffect, { type: 'judge' }>;

interface Waiting {
  readonly effect: JudgeEffect;
  readonly sender: Address | null;
}

/** An answer to the engine's `judge`. */
export interface Verdict {
  readonly blockHash: Hash;
  readonly valid: boolean;
  readonly changesSet: boolean;
}

export interface JudgeOptions {
  readonly ledger: Ledger;
  readonly pace: () => Pick<Pace, 'clockAheadMaxMs' | 'clockBehindMaxMs'>;
  readonly finality: Engine<unknown, unknown>['finality'];
  readonly unfinal: UnfinalBlocks;
}

/**
 * Judges proposals: that the bytes are the block they claim to be, that a fresh one names its leader and keeps to the clock, and
 * every rule of the ledger. What was executed is kept: a commit need not execute it again.
 */
export class ProposalJudge {
  readonly #options: JudgeOptions;
  readonly #waiting = new Map<string, Waiting>();
  #waits = 0;

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** What waited for the clock at this height or below is of no use any more. */
  advance(tip: Height): void {
    for (const [id, { effect }] of this.#waiting) if (effect.height <= tip) this.#waiting.delete(id);
  }

  /** The verdict, or `waiting`: then a timer is set whose end makes it `ripe`. */
  judge(turn: Turn, effect: JudgeEffect, sender: Address | null): Verdict | 'waiting' {
    const { ledger, finality, unfinal } = this.#options;
    const { blockHash, parentHash, block: bytes, fresh, leader } = effect;
    const refused = (code: string | null): Verdict => {
      if (sender !== null && code !== null) turn.effects.push({ type: 'blame', peer: sender, code });
      return { blockHash, valid: false, changesSet: false };
    };
    const block = decodeBlock(bytes);
    if (!block.ok) return refused('peer.bad-proposal');
    const { header } = block.value;
    if (!equal(headerHash(ledger.primitives, header), blockHash)) return refused('peer.bad-proposal');
    // With finality by depth a seal is the builder's own, however old: there is no other proof of who built the block (CLIQUE-3).
    if ((fresh || finality === 'depth') && !equal(header.proposer, leader)) return refused('peer.bad-proposal');
    if (!equal(header.parentHash, parentHash)) return refused('peer.bad-proposal');
    if (fresh) {
      const clock = this.#clock(turn, header, { effect, sender });
      if (clock !== 'judge') return clock === 'refuse' ? refused(null) : 'waiting';
    }
    const known = unfinal.executed(blockHash, bytes);
    if (known !== undefined) return { blockHash, valid: true, changesSet: changesSet(known) };
    const parent = unfinal.tipAt(parentHash);
    if (parent === undefined) return refused(null); // left behind while it waited
    const judged = ledger.judge(parent, bytes);
    if (!judged.ok) return refused(judged.rejection.code);
    unfinal.remember(judged.value, bytes);
    return { blockHash, valid: true, changesSet: changesSet(judged.value) };
  }

  /** The verdict on the proposal whose wait the timer `id` ended; null where none is due. */
  ripe(turn: Turn, id: string): Verdict | null {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return null;
    this.#waiting.delete(id);
    const verdict = this.judge(turn, waiting.effect, waiting.sender);
    return verdict === 'waiting' ? null : verdict;
  }

  #clock(turn: Turn, header: Header, waiting: Waiting): 'judge' | 'refuse' | 'wait' {
    const verdict = clockVerdict(this.#options.pace(), header, turn.nowMs);
    if (typeof verdict === 'string') return verdict;
    if (this.#waiting.size >= PROTOCOL_LIMITS.waitingProposalsMax) return 'refuse';
    const id = `clock:${++this.#waits}`;
    this.#waiting.set(id, waiting);
    turn.effects.push({ type: 'setTimer', id, delayMs: Math.min(verdict.wait, PROTOCOL_LIMITS.clockWaitMaxMs) });
    return 'wait';
  }
}

/** Whether another validator set decides the heights after this block. */
export const changesSet = ({ block: { header } }: ExecutedBlock): boolean =>
  !equal(header.validatorsHash, header.nextValidatorsHash);
