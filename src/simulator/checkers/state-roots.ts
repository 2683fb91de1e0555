import { toHex } from '../../base/bytes.ts';
import type { CheckerOf } from './checker.ts';

const EMPTY = '00'.repeat(32);

/** Every node that executes a block ends in the state that its header names. */
export const stateRoots: CheckerOf = (_world, report) => ({
  commit({ node, height, block, effect }) {
    const { root } = effect.execution.tree;
    const mine = root === null ? EMPTY : toHex(root.hash);
    const named = toHex(block.header.stateRoot);
    if (mine !== named) report(`node ${node} is in state ${mine} after height ${height}, whose header names ${named}`);
  },
});
