import type { StateRows } from '../ledger/can/state-rows.ts';
import type { StateReader } from '../ledger/state/table.ts';
import type { NodeService } from './service.ts';

/** Keys below some prefixes, by prefix, as the node listed them. */
export type ListedKeys = ReadonlyMap<string, readonly string[]>;

/** The keys that one page looks through: at most `limit`, behind `after`. A node lists them in its own time, and reads at once. */
export async function listKeys(
  service: NodeService,
  prefixes: readonly string[],
  after: string | null,
  limit: number,
): Promise<ListedKeys> {
  const listed = new Map<string, readonly string[]>();
  const first = after === null ? 0 : prefixes.findIndex((prefix) => after.startsWith(prefix));
  let left = limit;
  for (const prefix of first < 0 ? [] : prefixes.slice(first)) {
    if (left === 0) break;
    const keys = await service.stateKeys(prefix, after?.startsWith(prefix) ? after : null, left);
    listed.set(prefix, keys);
    left -= keys.length;
  }
  return listed;
}

/** A state with these keys and no others. Rows that a block took away meanwhile are absent. */
export const listedState = (state: StateReader, listed: ListedKeys): StateRows => ({
  get: (key) => state.get(key),
  keys: (prefix, after, limit) =>
    (listed.get(prefix) ?? []).filter((key) => after === null || key > after).slice(0, limit),
});
