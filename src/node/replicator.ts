import { type RecordVersion, standingVersion } from '../ledger/record-version.ts';
import { records } from '../ledger/state/tables.ts';
import { cidText } from './cid.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import type { RecordFetcher } from './record-fetch.ts';
import { bytesOf, mayBeRewrapped } from './record-rows.ts';

/** Where records stand: the newest versions, then the earlier ones. */
const PREFIXES = ['record/', 'record-version/'] as const;

/**
 * Every hospital keeps every registered ciphertext and envelope. What is missing here is fetched in the background until it is there; what was missing
 * when the node stopped is found by the scan of its next start.
 */
export class Replicator {
  readonly #context: NodeContext;
  readonly #fetcher: RecordFetcher;
  readonly #failed: (error: unknown) => void;
  readonly #missing = new Map<string, RecordVersion>();
  #working: Promise<void> | null = null;
  #retry: NodeJS.Timeout | undefined;
  #retryMs: number = NODE_LIMITS.fetchRetryBaseMs;
  /** More was missing than may be remembered: the state is scanned again once there is room. */
  #overflowed = false;
  #stopped = false;

  /** `failed` hears of a disk that refused a write. */
  constructor(context: NodeContext, fetcher: RecordFetcher, failed: (error: unknown) => void) {
    this.#context = context;
    this.#fetcher = fetcher;
    this.#failed = failed;
  }

  /** Records known to be missing here. */
  get missing(): number {
    return this.#missing.size;
  }

  /** A version stands on chain: its upload expires no more, envelopes that it replaced go, and what is not here is fetched. */
  async registered(of: RecordVersion): Promise<void> {
    const { blobs, shelf, state } = this.#context;
    const row = standingVersion(state, of);
    if (row === undefined) return;
    const { cid } = row;
    const stored = await blobs.info(cidText(cid));
    if (stored !== undefined && stored.expiresAtHeight !== null) await blobs.markRegistered(stored.cid);
    await shelf.registered(bytesOf(row), ({ keyId }) => mayBeRewrapped(state, of, keyId.epoch));
    if (await this.#fetcher.isComplete(bytesOf(row))) return;
    if (this.#missing.size < NODE_LIMITS.missingRecordsMax) this.#missing.set(`${of.record}/${of.version}`, of);
    else this.#overflowed = true;
  }

  /** Looks at every record of the state. */
  async scan(): Promise<void> {
    const { chain, state } = this.#context;
    for (const prefix of PREFIXES)
      for (let after: string | null = null; !this.#stopped; ) {
        const keys: readonly string[] = await chain.stateKeys(prefix, after, NODE_LIMITS.scanPageKeys);
        for (const key of keys) {
          const [record = '', version] = key.slice(prefix.length).split('/');
          const newest = records.get(state, record)?.version ?? 0;
          await this.registered({ record, version: version === undefined ? newest : Number(version) });
        }
        after = keys.at(-1) ?? null;
        if (after === null) break;
      }
    this.wake();
  }

  /** Something new is missing, or a peer that may have it is there. */
  wake(): void {
    if (this.#stopped || this.#working !== null || this.#missing.size === 0) return;
    clearTimeout(this.#retry);
    this.#working = this.#work()
      .catch((error) => this.#failed(error))
      .finally(() => {
        this.#working = null;
        this.#later();
      });
  }

  /** A peer came: what failed for want of one is tried again at once. */
  peerConnected(): void {
    this.#retryMs = NODE_LIMITS.fetchRetryBaseMs;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#retry);
    await this.#working;
  }

  async #work(): Promise<void> {
    const round = this.#missing.entries();
    const lane = async (): Promise<void> => {
      for (const [key, missing] of round) {
        if (this.#stopped) return;
        // Shredded meanwhile: nothing of it is looked for any more.
        const stands = standingVersion(this.#context.state, missing) !== undefined;
        if (stands && !(await this.#fetcher.fetchRegistered(missing))) continue;
        this.#missing.delete(key);
        this.#retryMs = NODE_LIMITS.fetchRetryBaseMs;
      }
    };
    await Promise.all(Array.from({ length: NODE_LIMITS.fetchesAtOnce }, lane));
    if (this.#overflowed && this.#missing.size === 0 && !this.#stopped) {
      this.#overflowed = false;
      await this.scan();
    }
  }

  #later(): void {
    if (this.#stopped || this.#missing.size === 0) return;
    this.#retry = setTimeout(() => this.wake(), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, NODE_LIMITS.fetchRetryCapMs);
  }
}
