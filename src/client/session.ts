import type { Hash } from '../base/brand.ts';
import type { Canonical } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { KindName, Payload } from '../ledger/families/payloads.ts';
import { type SignedTransaction, signTransaction, TRANSACTION_VERSION } from '../ledger/transaction.ts';
import type { ApiClient, ToldReceipt } from './api.ts';
import type { Device } from './device.ts';
import { ApiError, ClientError } from './errors.ts';
import { CLIENT_LIMITS } from './limits.ts';
import type { ChainTrust } from './trust.ts';
import type { Account } from './wallet.ts';

/** A transaction that a block holds, and what became of it there. */
export interface Sent {
  readonly id: Hash;
  readonly height: number;
  readonly receipt: ToldReceipt;
}

/** An account at one hospital's API. It sends its own transactions one after another, because each carries the next nonce. */
export interface Session {
  readonly device: Device;
  readonly trust: ChainTrust;
  readonly api: ApiClient;
  readonly account: Account;
  /** The newest block that a receipt of this session named: a proof of an older one hides what came of it. */
  seenHeight(): number;
  /**
   * Signs, submits and waits for the block. Denied and failed are answers, with a receipt. Throws `ApiError` where the hospital
   * refuses admission, `ClientError` where no receipt comes in time.
   */
  send<K extends KindName>(kind: K, payload: Payload<K>, options?: SendOptions): Promise<Sent>;
}

export interface SendOptions {
  readonly gasLimit?: number;
  readonly receiptTimeoutMs?: number;
  /** Asks for the receipt too: where the transaction retires the account key, this one sees nothing of it any more. */
  readonly alsoBy?: ApiClient;
}

export interface SessionOptions {
  readonly device: Device;
  readonly trust: ChainTrust;
  readonly api: ApiClient;
  readonly account: Account;
  readonly receiptTimeoutMs?: number;
  readonly receiptPollMs?: number;
}

const NONCE_GONE: ReadonlySet<string> = new Set(['transaction.nonce-used', 'mempool.nonce-taken']);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function createSession(options: SessionOptions): Session {
  const { device, trust, api, account } = options;
  let nextNonce: number | undefined;
  let seenHeight = 0;
  let last: Promise<unknown> = Promise.resolve();

  async function submit(kind: KindName, payload: object, gasLimit: number): Promise<Hash> {
    nextNonce ??= await api.nonce(account.id);
    const { height } = await api.status();
    const signed = sign(options, { kind, payload, gasLimit, nonce: nextNonce, height });
    try {
      const id = await api.submit(signed.bytes);
      nextNonce++;
      return id;
    } catch (error) {
      // Refused, or lost on the way: only the chain knows now which nonce is next.
      nextNonce = undefined;
      throw error;
    }
  }

  /**
   * Another device of the same account may have sent meanwhile, and a hospital's own node does: then the nonce is asked for again. Where the
   * other's waits for its block, this one waits a moment.
   */
  async function submitAnew(kind: KindName, payload: object, gasLimit: number): Promise<Hash> {
    for (let tries = 1; ; tries++) {
      try {
        return await submit(kind, payload, gasLimit);
      } catch (error) {
        if (!(error instanceof ApiError) || !NONCE_GONE.has(error.code) || tries >= CLIENT_LIMITS.nonceTriesMax)
          throw error;
        if (error.code === 'mempool.nonce-taken') await pause(options.receiptPollMs ?? CLIENT_LIMITS.receiptPollMs);
      }
    }
  }

  /** One at a time, whatever became of the one before. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  }

  return {
    device,
    trust,
    api,
    account,
    seenHeight: () => seenHeight,
    async send(kind, payload, { gasLimit = CLIENT_LIMITS.gasLimitDefault, receiptTimeoutMs, alsoBy } = {}) {
      const id = await inTurn(() => submitAnew(kind, payload, gasLimit));
      const timeoutMs = receiptTimeoutMs ?? options.receiptTimeoutMs ?? CLIENT_LIMITS.receiptTimeoutMs;
      const pollMs = options.receiptPollMs ?? CLIENT_LIMITS.receiptPollMs;
      const sent = await awaitReceipt(api, id, { timeoutMs, pollMs, alsoBy });
      seenHeight = Math.max(seenHeight, sent.height);
      return sent;
    },
  };
}

function sign(
  { device, trust, account }: SessionOptions,
  draft: { kind: KindName; payload: object; gasLimit: number; nonce: number; height: number },
): SignedTransaction {
  const { kind, payload, gasLimit, nonce, height } = draft;
  const transaction = {
    version: TRANSACTION_VERSION,
    chainId: trust.chainId,
    publicKey: account.publicKey,
    nonce,
    validUntilHeight: height + CLIENT_LIMITS.validityHeights,
    gasLimit,
    kind,
    payload: payload as Readonly<Record<string, Canonical>>,
  };
  return signTransaction(device.primitives, transaction, account.secretKey);
}

/** Asks until a block holds the transaction. `performance.now` does not jump with the wall clock. */
export async function awaitReceipt(
  api: ApiClient,
  id: Hash,
  {
    timeoutMs,
    pollMs,
    alsoBy,
  }: { readonly timeoutMs: number; readonly pollMs: number; readonly alsoBy?: ApiClient | undefined },
): Promise<Sent> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = (await api.receipt(id)) ?? (await alsoBy?.receipt(id));
    if (found !== undefined) return { id, height: found.height, receipt: found.receipt };
    if (performance.now() >= deadline) throw new ClientError('client-session.no-receipt');
    await pause(pollMs);
  }
}

/** A flow goes on with what was applied; for the rest it hands back the receipt's code. */
export function applied(sent: Sent): Result<Sent> {
  const { outcome, code } = sent.receipt;
  if (outcome === 'applied') return ok(sent);
  return refuse(code ?? outcome, { outcome, height: sent.height });
}

/** A refusal at the door, as a value for callers that expect one; anything else goes on being thrown. */
export async function refusedAtDoor<T>(work: Promise<T>): Promise<Result<T>> {
  try {
    return ok(await work);
  } catch (error) {
    if (error instanceof ApiError) return refuse(error.code, { ...error.detail, status: error.status });
    throw error;
  }
}
