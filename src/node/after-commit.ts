import { decode } from '../base/canonical.ts';
import { LIMITS } from '../base/limits.ts';
import { recordShape } from '../ledger/state/tables.ts';
import { Serial } from '../storage/serial.ts';
import { cidBytes } from './cid.ts';
import type { CommitEffect } from './effect-runner.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import type { OracleDesk } from './oracle-desk.ts';
import type { Replicator } from './replicator.ts';
import type { Shredder } from './shredder.ts';

const RECORD_PREFIX = 'record/';

/**
 * What follows from a final block beyond the chain's own rows, block by block, off the path of consensus. A crash between a commit and this
 * loses nothing: the next start looks at every record and fragment again before it takes up the first new block.
 */
export class AfterCommit {
  readonly #context: NodeContext;
  readonly #replicator: Replicator;
  readonly #shredder: Shredder;
  readonly #oracle: OracleDesk;
  readonly #failed: (error: unknown) => void;
  readonly #tasks = new Serial();
  #waiting = 0;
  #stopped = false;

  constructor(parts: {
    context: NodeContext;
    replicator: Replicator;
    shredder: Shredder;
    oracle: OracleDesk;
    failed: (error: unknown) => void;
  }) {
    this.#context = parts.context;
    this.#replicator = parts.replicator;
    this.#shredder = parts.shredder;
    this.#oracle = parts.oracle;
    this.#failed = parts.failed;
  }

  /** Blocks whose consequences are still to come. */
  get waiting(): number {
    return this.#waiting;
  }

  start(): void {
    this.#run(async () => {
      await this.#shredder.scan();
      await this.#replicator.scan();
      await this.#context.keeper.sweep();
      await this.#context.guardians.sweep();
      await this.#oracle.scan();
    });
  }

  committed(effect: CommitEffect): void {
    const { height } = effect;
    const { changes } = effect.execution;
    this.#run(async () => {
      await this.#records(changes);
      await this.#context.keeper.committed(changes, height);
      await this.#context.guardians.committed(changes);
      await this.#expire(height);
      await this.#oracle.committed(changes);
      this.#replicator.wake();
    });
  }

  /** Resolves once there is room for the next block: a node that only catches up must not outrun this. */
  async room(): Promise<void> {
    if (this.#waiting >= NODE_LIMITS.afterCommitBlocksMax) await this.#tasks.run(async () => {});
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#tasks.run(async () => {});
  }

  #run(task: () => Promise<void>): void {
    this.#waiting++;
    this.#tasks
      .run(() => (this.#stopped ? Promise.resolve() : task()))
      .catch((error) => {
        if (!this.#stopped) this.#failed(error);
      })
      .finally(() => this.#waiting--);
  }

  /** Records that this block registered, amended, rewrapped or shredded; after other changes of a record there is nothing to do for it. */
  async #records(changes: CommitEffect['execution']['changes']): Promise<void> {
    for (const [key, value] of changes) {
      if (!key.startsWith(RECORD_PREFIX) || value === null) continue;
      const decoded = decode(value, LIMITS.blockBytesMax);
      const row = decoded.ok ? recordShape(decoded.value, '') : decoded;
      if (!row.ok) continue;
      const record = key.slice(RECORD_PREFIX.length);
      if (row.value.status === 'shredded') await this.#shredder.shred(record);
      else await this.#replicator.registered({ record, version: row.value.version });
    }
  }

  async #expire(height: CommitEffect['height']): Promise<void> {
    const { blobs, shelf, keeper, guardians, parameters } = this.#context;
    for (const cid of await blobs.expire(height)) {
      const bytes = cidBytes(cid);
      if (bytes !== undefined) await shelf.uploadExpired(bytes);
    }
    await keeper.expire(height, parameters().uploadExpiryHeights);
    await guardians.expire(height, parameters().uploadExpiryHeights);
  }
}
