import type { ChainStore } from '../storage/chain-store.ts';
import { NODE_LIMITS } from './limits.ts';

/**
 * The keys of the newest state, sorted, in memory: LevelDB lists keys only asynchronously, and `NodeService.stateKeys` answers at once. State keys
 * are ASCII (ledger/state/tables.ts), so the order of their characters is that of their bytes.
 */
export class StateKeyIndex {
  readonly #keys: string[] = [];

  static async over(chain: ChainStore): Promise<StateKeyIndex> {
    const index = new StateKeyIndex();
    for (let after: string | null = null; ; ) {
      const page = await chain.stateKeys('', after, NODE_LIMITS.scanPageKeys);
      index.#keys.push(...page);
      after = page.at(-1) ?? null;
      if (after === null) return index;
    }
  }

  apply(changes: ReadonlyMap<string, Uint8Array | null>): void {
    for (const [key, value] of changes) {
      const at = this.#position(key);
      const known = this.#keys[at] === key;
      if (value === null && known) this.#keys.splice(at, 1);
      else if (value !== null && !known) this.#keys.splice(at, 0, key);
    }
  }

  /** Keys that begin with `prefix`, above `after`. */
  list(prefix: string, after: string | null, limit: number): readonly string[] {
    const from = after === null || after < prefix ? this.#position(prefix) : this.#position(`${after}\0`);
    const found: string[] = [];
    for (let at = from; found.length < limit; at++) {
      const key = this.#keys[at];
      if (key === undefined || !key.startsWith(prefix)) break;
      found.push(key);
    }
    return found;
  }

  /** Where `key` stands or would stand. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
