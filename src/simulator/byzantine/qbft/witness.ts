import type { Height, Round } from '../../../base/brand.ts';
import { toHex } from '../../../base/bytes.ts';
import { quorumOf, type ValidatorSet } from '../../../base/validators.ts';
import type { EngineEffect, EngineInput } from '../../../consensus/engine.ts';
import type { AnyEngine } from '../../../consensus/engines.ts';
import type { QbftMessage, RoundChange } from '../../../consensus/qbft/messages.ts';
import type { Prepared } from '../../../consensus/signing-state.ts';
import type { SignedVote } from '../../../consensus/vote.ts';

/** Everything that a member of the set heard and said at the present height: what a forger works with. */
export class QbftWitness {
  height = 0 as Height;
  set: ValidatorSet = [];
  /** By hexadecimal hash. */
  readonly blocks = new Map<string, Uint8Array>();
  readonly #prepares = new Map<string, Map<string, SignedVote>>();
  readonly #changes = new Map<Round, Map<string, RoundChange>>();
  /** Round changes of earlier heights: well signed, and of no worth. */
  readonly stale: SignedVote[] = [];
  readonly #engine: AnyEngine;

  constructor(engine: AnyEngine) {
    this.#engine = engine;
  }

  get quorum(): number {
    return quorumOf(this.set.length);
  }

  /** Notes one step; true where it began another height. */
  observe(input: EngineInput<unknown>, effects: readonly EngineEffect[]): boolean {
    const begins = input.type === 'start' && input.height > this.height;
    if (begins) this.#begin(input.height, input.validators);
    if (input.type === 'message') this.#hear(input.message as QbftMessage);
    for (const effect of effects) {
      const own = effect.type === 'broadcast' ? this.#engine.decodeMessage(effect.message) : null;
      if (own?.ok) this.#hear(own.value as QbftMessage);
    }
    return begins;
  }

  changesTo(round: Round): readonly RoundChange[] {
    return [...(this.#changes.get(round)?.values() ?? [])];
  }

  /** Blocks that a quorum prepared here, the lowest round first. */
  prepared(): readonly Prepared[] {
    return [...this.#prepares.values()]
      .flatMap((votes): Prepared[] => {
        const prepares = [...votes.values()];
        const [first] = prepares;
        const block = first === undefined ? undefined : this.blocks.get(toHex(first.blockHash));
        if (first === undefined || block === undefined || prepares.length < this.quorum) return [];
        const { round, blockHash } = first;
        return [{ round, blockHash, block, prepares: prepares.slice(0, this.quorum) }];
      })
      .sort((a, b) => a.round - b.round);
  }

  #begin(height: Height, set: ValidatorSet): void {
    for (const changes of this.#changes.values())
      this.stale.splice(0, this.stale.length, ...[...changes.values()].map(({ vote }) => vote));
    this.height = height;
    this.set = set;
    this.blocks.clear();
    this.#prepares.clear();
    this.#changes.clear();
  }

  #hear(message: QbftMessage): void {
    const { vote } = message;
    if (vote.height !== this.height) return;
    if (message.type === 'proposal') this.blocks.set(toHex(vote.blockHash), message.block);
    if (message.type === 'prepare') this.#notePrepare(vote);
    if (message.type === 'round-change') {
      const { block } = message;
      if (block !== null && vote.preparedHash !== null) this.blocks.set(toHex(vote.preparedHash), block);
      for (const prepare of message.prepares) this.#notePrepare(prepare);
      const changes = this.#changes.get(vote.round) ?? new Map<string, RoundChange>();
      this.#changes.set(vote.round, changes.set(toHex(vote.validator), message));
    }
  }

  #notePrepare(vote: SignedVote): void {
    const key = `${vote.round} ${toHex(vote.blockHash)}`;
    const votes = this.#prepares.get(key) ?? new Map<string, SignedVote>();
    this.#prepares.set(key, votes.set(toHex(vote.validator), vote));
  }
}
