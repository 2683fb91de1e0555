import type { StateRows } from '../../../src/ledger/can/state-rows.ts';
import type { Town } from '../town.ts';

/** The state at a town's tip with its keys, from what its blocks changed. */
export function rowsOf(town: Town): StateRows {
  const rows = new Map<string, Uint8Array>();
  for (const { execution } of town.blocks)
    for (const [key, value] of execution.changes) {
      if (value === null) rows.delete(key);
      else rows.set(key, value);
    }
  const sorted = [...rows.keys()].sort();
  return {
    get: (key) => rows.get(key),
    keys: (prefix, after, limit) =>
      sorted.filter((key) => key.startsWith(prefix) && (after === null || key > after)).slice(0, limit),
  };
}
