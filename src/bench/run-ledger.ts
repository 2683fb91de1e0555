import { toHex } from '../base/bytes.ts';
import type { Outcome, Receipt } from '../ledger/receipt.ts';
import type { RunBlock } from './load-plan.ts';
import type { SignedLoad } from './sign-load.ts';

interface OpenBlock {
  readonly announcedAtMs: (number | undefined)[];
  readonly positions: number[];
  readonly outcomes: Record<Outcome, number>;
  bytes: number;
  read: boolean;
}

/** Books of one run: when each transaction went in, in which block it came out, and when each hospital announced that block. */
export class RunLedger {
  readonly #load: SignedLoad;
  readonly #hospitals: number;
  readonly #submittedAtMs: Float64Array;
  readonly #state: Uint8Array;
  readonly #blocks = new Map<number, OpenBlock>();
  #accepted = 0;
  #submitted = 0;
  #final = 0;

  constructor(load: SignedLoad, hospitals: number) {
    this.#load = load;
    this.#hospitals = hospitals;
    this.#submittedAtMs = new Float64Array(load.bytes.length);
    this.#state = new Uint8Array(load.bytes.length);
  }

  get submitted(): number {
    return this.#submitted;
  }

  get accepted(): number {
    return this.#accepted;
  }

  /** Whether everything accepted is in a block, and every block that anybody announced was announced by all. */
  get isSettled(): boolean {
    return this.#accepted === this.#final && [...this.#blocks.values()].every(isWhole);
  }

  /** Blocks that every hospital has announced and that are read. */
  get wholeBlocks(): number {
    let count = 0;
    for (const block of this.#blocks.values()) if (isWhole(block)) count++;
    return count;
  }

  /** Those of them that hold any transaction of this run and were final at this moment or later. */
  loadedSince(atMs: number): number {
    let count = 0;
    for (const block of this.#blocks.values())
      if (isWhole(block) && block.positions.length > 0 && Math.max(...(block.announcedAtMs as number[])) >= atMs)
        count++;
    return count;
  }

  /** Handed in for the first time. Where a schedule says when, that is the time, however late we are. */
  submittedAt(position: number, atMs: number): void {
    this.#submitted++;
    this.#submittedAtMs[position] = atMs;
  }

  acceptedAt(position: number): void {
    if ((this.#state[position] as number) & ACCEPTED) return;
    this.#state[position] = (this.#state[position] as number) | ACCEPTED;
    this.#accepted++;
  }

  /** True where this was the last hospital to announce the height. */
  announced(hospital: number, height: number, atMs: number): boolean {
    const block = this.#block(height);
    block.announcedAtMs[hospital] ??= atMs;
    return isAnnounced(block);
  }

  /** True where nobody announced this height before. */
  isNew(height: number): boolean {
    return !this.#blocks.has(height);
  }

  /** The receipts of a block; answers the positions of this run's transactions in it. What a block holds was accepted. */
  contains(height: number, receipts: readonly Pick<Receipt, 'transactionId' | 'outcome'>[], bytes: number): number[] {
    const block = this.#block(height);
    if (block.read) return [];
    block.read = true;
    block.bytes = bytes;
    for (const { transactionId, outcome } of receipts) {
      const position = this.#load.positionOf.get(toHex(transactionId));
      if (position === undefined || (this.#state[position] as number) & FINAL) continue;
      this.acceptedAt(position);
      this.#state[position] = (this.#state[position] as number) | FINAL;
      this.#final++;
      block.outcomes[outcome]++;
      block.positions.push(position);
    }
    return block.positions;
  }

  /** Blocks that every hospital announced and whose receipts are known, by height. */
  blocks(): RunBlock[] {
    return [...this.#blocks]
      .filter(([, block]) => isWhole(block))
      .sort(([a], [b]) => a - b)
      .map(([height, { announcedAtMs, positions, outcomes, bytes }]) => ({
        height,
        announcedAtMs: announcedAtMs as number[],
        ...outcomes,
        bytes,
        latenciesMs: positions.map((position) => {
          const atMs = announcedAtMs[this.#load.hospitalOf(position)] as number;
          return atMs - (this.#submittedAtMs[position] as number);
        }),
      }));
  }

  #block(height: number): OpenBlock {
    const known = this.#blocks.get(height);
    if (known !== undefined) return known;
    const block: OpenBlock = {
      announcedAtMs: Array.from({ length: this.#hospitals }, () => undefined),
      positions: [],
      outcomes: { applied: 0, denied: 0, failed: 0 },
      bytes: 0,
      read: false,
    };
    this.#blocks.set(height, block);
    return block;
  }
}

const isAnnounced = ({ announcedAtMs }: OpenBlock): boolean => announcedAtMs.every((at) => at !== undefined);
const isWhole = (block: OpenBlock): boolean => block.read && isAnnounced(block);

/** Bits of a transaction's state. */
const ACCEPTED = 1;
const FINAL = 2;
