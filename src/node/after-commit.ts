import { decode } from '../base/canonical.ts';
import { LIMITS } from '../base/limits.ts';
import { recordShape } from '../ledger/state/tables.ts';
import { Serial } from '../storage/serial.ts';
import { cidBytes } from './cid.ts';
import type { CommitEffect } from './effect-runner.ts';
import { NODE_LIMITS } from './limits.ts';
import type { NodeContext } from './node-context.ts';
import type { Replicator } from './replicator.ts';

const RECORD_PREFIX = 'record/';

/**
 * What follows from a final block beyond the chain's own rows, block by block, off the path of consensus. A crash between a commit and this
 * loses nothing: the next start looks at every record and fragment again before it takes up the first new block.
 */
export class AfterCommit {
  readonly #context: NodeContext;
  readonly #replicator: Replicator;
  readonly #failed: (error: unknown) => void;
  readonly #tasks = new Serial();
  #waiting = 0;
  #stopped = false;

  constructor(context: NodeContext, replicator: Replicator, failed: (error: unknown) => void) {
    this.#context = context;
    this.#replicator = replicator;
    this.#failed = failed;
  }

  /** Blocks whose consequences are still to come. */
  get waiting(): number {
    return this.#waiting;
  }

  start(): void {
    this.#run(async () => {
      await this.#replicator.scan();
      await this.#context.keeper.sweep();
    });
  }

  committed(effect: CommitEffect): void {
    const { height } = effect;
    const { changes } = effect.execution;
    this.#run(async () => {
      await this.#registered(changes, height);
      await this.#context.keeper.committed(changes, height);
      await this.#expire(height);
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

  /** Records that this block registered or amended; other changes of a record leave its bytes as they are. */
  async #registered(changes: CommitEffect['execution']['changes'], height: number): Promise<void> {
    for (const [key, value] of changes) {
      if (!key.startsWith(RECORD_PREFIX) || value === null) continue;
      const decoded = decode(value, LIMITS.blockBytesMax);
      const row = decoded.ok ? recordShape(decoded.value, '') : decoded;
      if (row.ok && row.value.registeredHeight === height) await this.#replicator.registered(row.value);
    }
  }

  async #expire(height: CommitEffect['height']): Promise<void> {
    const { blobs, shelf, keeper, parameters } = this.#context;
    for (const cid of await blobs.expire(height)) {
      const bytes = cidBytes(cid);
      if (bytes !== undefined) await shelf.uploadExpired(bytes);
    }
    await keeper.expire(height, parameters().uploadExpiryHeights);
  }
}
