import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '../client/api.ts';
import { ApiError, ClientError } from '../client/errors.ts';
import type { LoadPlan, Pace } from './load-plan.ts';
import type { RunLedger } from './run-ledger.ts';
import type { SignedLoad } from './sign-load.ts';

/** Requests under way at one hospital. An open schedule needs more: it does not wait for answers. */
const LANES = { closed: 2, open: 8 } as const;
/** Between two tries to hand in what a hospital has no room for. */
const LATER_MS = 50;
const ROOM_POLL_MS = 2;
/** Refusals that a client answers by waiting. */
const LATER = new Set([
  'mempool.full',
  'mempool.sender-quota',
  'mempool.nonce-too-far',
  'node.overloaded',
  'api-limit.rate',
]);
/** Refusals of a transaction that was handed in twice, because the first answer was lost. */
const ALREADY = new Set(['mempool.duplicate', 'transaction.nonce-used']);

/** What is still to be handed in at one hospital. */
interface Queue {
  /** Where to look for the next of this hospital's transactions. */
  next: number;
  /** Refused for now. */
  readonly again: number[];
  batches: number;
  /** Handed in, and not final yet. */
  inFlight: number;
}

/** Hands in a signed load at every hospital, at the plan's pace, until it is told to stop or nothing is left. */
export class HandIn {
  readonly refused = new Map<string, number>();
  readonly #plan: LoadPlan;
  readonly #load: SignedLoad;
  readonly #ledger: RunLedger;
  readonly #nowMs: () => number;
  readonly #queues: readonly Queue[];
  #stopped = false;
  #abandoned = false;
  #exhausted = false;

  constructor(plan: LoadPlan, load: SignedLoad, ledger: RunLedger, nowMs: () => number) {
    this.#plan = plan;
    this.#load = load;
    this.#ledger = ledger;
    this.#nowMs = nowMs;
    this.#queues = plan.apis.map(() => ({ next: 0, again: [], batches: 0, inFlight: 0 }));
  }

  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** Nothing new is handed in; what a hospital had no room for still is. */
  stop(): void {
    this.#stopped = true;
  }

  /** Not even that. */
  abandon(): void {
    this.#stopped = true;
    this.#abandoned = true;
  }

  /** These are final: there is room for as many more. */
  settled(positions: readonly number[]): void {
    for (const position of positions) this.#queue(this.#load.hospitalOf(position)).inFlight--;
  }

  /** Resolves when the last answer is in. */
  async run(clients: readonly ApiClient[], startMs: number): Promise<void> {
    const lanes = LANES[this.#plan.pace.kind];
    await Promise.all(
      clients.flatMap((client, hospital) => Array.from({ length: lanes }, () => this.#lane(client, hospital, startMs))),
    );
  }

  #queue(hospital: number): Queue {
    return this.#queues[hospital] as Queue;
  }

  async #lane(client: ApiClient, hospital: number, startMs: number): Promise<void> {
    const { pace } = this.#plan;
    const queue = this.#queue(hospital);
    while (!this.#abandoned && (!this.#stopped || queue.again.length > 0)) {
      if (queue.again.length > 0) {
        await pause(LATER_MS);
        await this.#submit(client, hospital, queue.again.splice(0, this.#plan.batch));
        continue;
      }
      if (pace.kind === 'closed' && !this.#hasRoom(hospital, pace, startMs)) {
        await pause(ROOM_POLL_MS);
        continue;
      }
      const batch = this.#take(hospital);
      if (batch.length === 0) return;
      const dueMs = pace.kind === 'open' ? startMs + this.#offsetMs(hospital, queue.batches++, pace.perSecond) : 0;
      const waitMs = dueMs - this.#nowMs();
      if (waitMs > 0) await pause(waitMs);
      if (this.#stopped) return;
      const atMs = pace.kind === 'open' ? dueMs : this.#nowMs();
      for (const position of batch) this.#ledger.submittedAt(position, atMs);
      await this.#submit(client, hospital, batch);
    }
  }

  /** Fewer are in flight at first: what is handed in at one moment lies in one block, and comes back at one moment. */
  #hasRoom(hospital: number, { inFlight }: Extract<Pace, { kind: 'closed' }>, startMs: number): boolean {
    const { batch, apis, rampMs } = this.#plan;
    const filled = rampMs === 0 ? 1 : Math.min(1, (this.#nowMs() - startMs) / rampMs);
    return this.#queue(hospital).inFlight + batch <= Math.max(batch, (filled * inFlight) / apis.length);
  }

  /** Batches of all hospitals follow each other at equal distances. */
  #offsetMs(hospital: number, batch: number, perSecond: number): number {
    const { apis, batch: size } = this.#plan;
    return ((batch * apis.length + hospital) * size * 1_000) / perSecond;
  }

  /** The next transactions of this hospital's senders. */
  #take(hospital: number): number[] {
    const queue = this.#queue(hospital);
    const batch: number[] = [];
    while (batch.length < this.#plan.batch && queue.next < this.#load.bytes.length) {
      const position = queue.next++;
      if (this.#load.hospitalOf(position) === hospital) batch.push(position);
    }
    queue.inFlight += batch.length;
    if (batch.length < this.#plan.batch) this.#exhausted = true;
    return batch;
  }

  async #submit(client: ApiClient, hospital: number, batch: readonly number[]): Promise<void> {
    const queue = this.#queue(hospital);
    try {
      const answers = await client.submitBatch(batch.map((position) => this.#load.bytes[position] as Uint8Array));
      for (const [i, position] of batch.entries()) {
        const answer = answers[i];
        if (answer === undefined) continue;
        const code = answer.ok ? null : answer.rejection.code;
        if (code !== null) this.#refusal(code);
        if (code === null || ALREADY.has(code)) this.#ledger.acceptedAt(position);
        else if (LATER.has(code)) queue.again.push(position);
        else queue.inFlight--;
      }
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof ClientError)) throw error;
      // The whole request failed: some of it may have been taken, which handing it in again will tell.
      this.#refusal(error.code);
      queue.again.push(...batch);
    }
  }

  #refusal(code: string): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }
}
