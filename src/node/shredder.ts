import { cidText } from './cid.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import { allVersions, bytesOf, isShredded, recordIdOf } from './record-rows.ts';

const RECORD_PREFIX = 'record/';

/**
 * Erases what this hospital keeps of shredded records: envelopes, salts and ciphertexts of all versions, uploads of the same content among
 * them (PRIVACY.md, "A record", 8). A note is left once nothing is: without it the next start erases again, deleted rows whose bytes
 * a crash left on the disk included. Fragments stay: they serve a category and an epoch, and without an envelope open nothing (ADR 0019).
 */
export class Shredder {
  readonly #context: NodeContext;

  constructor(context: NodeContext) {
    this.#context = context;
  }

  /** Does nothing for a record that stands, and for one that is gone already. */
  async shred(record: string): Promise<void> {
    const { state, shelf, blobs } = this.#context;
    if (!isShredded(state, record) || (await this.#isGone(record))) return;
    for (const row of allVersions(state, record)) {
      await shelf.erase(bytesOf(row));
      await blobs.delete(cidText(row.cid));
    }
    await shelf.noteShredded(recordIdOf(record));
  }

  /** Looks at every record of the state. */
  async scan(): Promise<void> {
    const { chain } = this.#context;
    for (let after: string | null = null; ; ) {
      const keys: readonly string[] = await chain.stateKeys(RECORD_PREFIX, after, NODE_LIMITS.scanPageKeys);
      for (const key of keys) await this.shred(key.slice(RECORD_PREFIX.length));
      after = keys.at(-1) ?? null;
      if (after === null) return;
    }
  }

  /** A note may be older than an upload of the same content that came in while the block was committed. */
  async #isGone(record: string): Promise<boolean> {
    const { state, shelf, blobs } = this.#context;
    if (!(await shelf.isShredded(recordIdOf(record)))) return false;
    for (const { cid, envelopeHash } of allVersions(state, record))
      if ((await blobs.has(cidText(cid))) || (await shelf.has(envelopeHash)) || (await shelf.hasAny(cid))) return false;
    return true;
  }
}
