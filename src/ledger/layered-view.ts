import type { StateView } from './chain.ts';
import { treeOver } from './tree/tree-over.ts';
import type { TreeUpdate } from './tree/types.ts';

/**
 * The state after a block that is not durable yet: its changes over the state below. `below` is asked anew at each read, so that
 * the layers beneath may become durable, one after the other, while this one is in use.
 */
export function layeredView(
  below: () => StateView,
  height: StateView['height'],
  changes: ReadonlyMap<string, Uint8Array | null>,
  tree: TreeUpdate,
): StateView {
  return {
    height,
    root: tree.root,
    tree: treeOver(() => below().tree, tree),
    get: (key) => {
      const change = changes.get(key);
      return change === undefined ? below().get(key) : (change ?? undefined);
    },
  };
}
