import { setTimeout as pause } from 'node:timers/promises';
import type { Hash } from '../../base/brand.ts';
import type { Canonical } from '../../base/canonical.ts';
import type { ApiClient } from '../../client/api.ts';
import { createApiClient } from '../../client/api-client.ts';
import { ApiError, ClientError } from '../../client/errors.ts';
import type { Wallet } from '../../client/wallet.ts';
import { type SignedTransaction, signTransaction, TRANSACTION_VERSION } from '../../ledger/transaction.ts';
import type { Surroundings } from '../people.ts';
import type { Journal } from './journal.ts';
import type { Random } from './random.ts';

/** A hospital that does not answer by then is asked no longer: another one is. */
const REQUEST_TIMEOUT_MS = 2_000;
const POLL_MS = 200;
/** No receipt for so long: the same bytes are handed in again, at any hospital. */
const RESUBMIT_MS = 4_000;
/** Long enough for an outage, short enough that some transactions of a bad moment do expire. */
const VALIDITY_HEIGHTS = 80;
const GAS_LIMIT = 600_000;
const CATEGORY = 'chaos';

/** What asking one hospital came to; `silent` where it did not answer, or not with anything that helps. */
type Answer<T> = { readonly said: T } | { readonly refused: string } | 'silent';
const isSaid = <T>(answer: Answer<T>): answer is { readonly said: T } => typeof answer === 'object' && 'said' in answer;
const isRefused = (answer: Answer<unknown>, code: string): boolean =>
  typeof answer === 'object' && 'refused' in answer && answer.refused === code;

/**
 * A patient whose device publishes one delegating key after another, each only valid on top of the one before: a transaction
 * that is lost, doubled or out of order shows. Like any device it knows nothing of which hospital is up.
 */
export class Sender {
  readonly #around: Surroundings;
  readonly #wallet: Wallet;
  readonly #journal: Journal;
  readonly #random: Random;
  readonly #clients = new Map<string, ApiClient>();
  #nonce: number;
  #epoch = 0;
  /** The highest block this device has heard of. */
  #height = 0;

  /** `nonce`: the next one of an account that is enrolled and admitted. */
  constructor(around: Surroundings, person: { wallet: Wallet; nonce: number }, journal: Journal, random: Random) {
    this.#around = around;
    this.#wallet = person.wallet;
    this.#nonce = person.nonce;
    this.#journal = journal;
    this.#random = random;
  }

  /** Sends until `isOver`, then waits for what is under way. Gives up at `deadlineMs` (of `performance.now`). */
  async run(isOver: () => boolean, deadlineMs: () => number): Promise<void> {
    while (!isOver() && !this.#journal.isFull) {
      const status = await this.#ask((api) => api.status());
      if (isSaid(status)) {
        this.#height = Math.max(this.#height, status.said.height);
        await this.#deliver(this.#sign(), deadlineMs);
      } else await pause(POLL_MS);
    }
  }

  /** Until it is final, or can be so no more. */
  async #deliver({ id, bytes, transaction }: SignedTransaction, deadlineMs: () => number): Promise<void> {
    this.#journal.submitted(id, transaction.validUntilHeight);
    for (let attempt = 0; performance.now() < deadlineMs(); attempt++) {
      if (attempt > 0) this.#journal.counts.resubmitted++;
      const hospital = this.#anyHospital();
      const handed = await this.#ask((api) => api.submit(bytes), hospital);
      if (isSaid(handed)) this.#journal.accepted(id);
      if (isRefused(handed, 'transaction.expired')) {
        // Its chain has passed the last height that could hold this one: if it knows no receipt, nobody ever will.
        const found = await this.#look(id, hospital);
        if (found === 'nothing') this.#journal.expired(id);
        if (found !== 'silent') return;
      } else if (await this.#isFinalWithin(id, handed === 'silent' ? POLL_MS : RESUBMIT_MS)) return;
    }
  }

  async #isFinalWithin(id: Hash, forMs: number): Promise<boolean> {
    const untilMs = performance.now() + forMs;
    do {
      await pause(POLL_MS);
      if ((await this.#look(id, this.#anyHospital())) === 'final') return true;
    } while (performance.now() < untilMs);
    return false;
  }

  /** What a hospital knows of the transaction. The first receipt moves this device on to the next one. */
  async #look(id: Hash, hospital: number): Promise<'final' | 'nothing' | 'silent'> {
    const found = await this.#ask((api) => api.receipt(id), hospital);
    if (!isSaid(found)) return 'silent';
    if (found.said === undefined) return 'nothing';
    const { height, receipt } = found.said;
    this.#journal.acknowledged(id, height, receipt.outcome);
    this.#height = Math.max(this.#height, height);
    this.#nonce++;
    if (receipt.outcome === 'applied') this.#epoch++;
    return 'final';
  }

  #sign(): SignedTransaction {
    const { device, trust } = this.#around;
    const payload: Readonly<Record<string, Canonical>> = {
      category: this.#wallet.categoryOf(CATEGORY),
      epoch: this.#epoch,
      publicKey: this.#wallet.delegatingKey(CATEGORY, this.#epoch).publicKey,
      label: 'N',
    };
    const transaction = {
      version: TRANSACTION_VERSION,
      chainId: trust.chainId,
      publicKey: this.#wallet.account.publicKey,
      nonce: this.#nonce,
      validUntilHeight: this.#height + VALIDITY_HEIGHTS,
      gasLimit: GAS_LIMIT,
      kind: 'publishDelegatingKey',
      payload,
    };
    return signTransaction(device.primitives, transaction, this.#wallet.account.secretKey);
  }

  async #ask<T>(question: (api: ApiClient) => Promise<T>, hospital = this.#anyHospital()): Promise<Answer<T>> {
    try {
      return { said: await question(this.#clientAt(this.#around.consortium.api(hospital))) };
    } catch (error) {
      if (error instanceof ApiError) return { refused: error.code };
      if (error instanceof ClientError) return 'silent';
      throw error;
    }
  }

  #anyHospital(): number {
    return this.#random.pick(this.#around.consortium.hospitals).number;
  }

  #clientAt(baseUrl: string): ApiClient {
    const { device, trust } = this.#around;
    const { account } = this.#wallet;
    const options = { baseUrl, chainId: trust.chainId, device, account, timeoutMs: REQUEST_TIMEOUT_MS };
    const client = this.#clients.get(baseUrl) ?? createApiClient(options);
    this.#clients.set(baseUrl, client);
    return client;
  }
}
