import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Hash } from '../base/brand.ts';
import { type Result, refuse } from '../base/result.ts';
import type { EffectRunner } from './effect-runner.ts';
import { NODE_LIMITS } from './limits.ts';

/** Transactions that one step of the replica verifies: some tens of milliseconds, in which no vote is heard. */
const SLICE_TRANSACTIONS = 64;

/** Clients' transactions on their way through the replica: each call gets the answer to its own ticket. */
export class Submissions {
  readonly #runner: () => EffectRunner | null;
  readonly #waiting = new Map<number, (results: readonly Result<Hash>[]) => void>();
  readonly #counts = new Map<number, number>();
  #tickets = 0;

  /** `runner` answers null while the node does not run. */
  constructor(runner: () => EffectRunner | null) {
    this.#runner = runner;
  }

  /** A batch goes in by slices, between which peers are heard. */
  async submit(transactions: readonly Uint8Array[]): Promise<readonly Result<Hash>[]> {
    const answers: Promise<readonly Result<Hash>[]>[] = [];
    for (let from = 0; from < transactions.length; from += SLICE_TRANSACTIONS) {
      if (from > 0) await nextTurn();
      answers.push(this.#submitSlice(transactions.slice(from, from + SLICE_TRANSACTIONS)));
    }
    return (await Promise.all(answers)).flat();
  }

  #submitSlice(transactions: readonly Uint8Array[]): Promise<readonly Result<Hash>[]> {
    const runner = this.#runner();
    const refuseAll = (code: 'node.stopped' | 'node.overloaded') =>
      Promise.resolve(transactions.map(() => refuse(code)));
    if (runner === null) return refuseAll('node.stopped');
    if (runner.overloaded || this.#waiting.size >= NODE_LIMITS.submitsMax) return refuseAll('node.overloaded');
    const ticket = ++this.#tickets;
    return new Promise((resolve) => {
      this.#waiting.set(ticket, resolve);
      this.#counts.set(ticket, transactions.length);
      runner.input({ type: 'submit', ticket, transactions });
    });
  }

  answered(ticket: number, results: readonly Result<Hash>[]): void {
    this.#waiting.get(ticket)?.(results);
    this.#waiting.delete(ticket);
    this.#counts.delete(ticket);
  }

  /** The node stopped: nobody is left waiting. */
  close(): void {
    for (const [ticket, count] of [...this.#counts])
      this.answered(
        ticket,
        Array.from({ length: count }, () => refuse('node.stopped')),
      );
  }
}
