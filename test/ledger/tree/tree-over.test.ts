import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { treeOver } from '../../../src/ledger/tree/tree-over.ts';
import type { LeafNode, NodeKey } from '../../../src/ledger/tree/types.ts';

const hash = new Uint8Array(32) as Hash;
const leaf = (): LeafNode => ({ kind: 'leaf', hash, keyHash: hash, valueHash: hash });

describe('a tree over another', () => {
  it('answers what its block wrote, by path and version, and asks below for the rest, each time anew', () => {
    const [written, stored] = [leaf(), leaf()];
    const asked: NodeKey[] = [];
    let below: LeafNode | undefined = stored;
    const reader = {
      node: (key: NodeKey) => {
        asked.push(key);
        return below;
      },
    };
    const tree = treeOver(() => reader, {
      root: null,
      written: [{ key: { path: '01', version: 7 }, node: written }],
      stale: [],
    });
    expect(tree.node({ path: '01', version: 7 })).toBe(written);
    expect(asked).toEqual([]);
    for (const key of [
      { path: '01', version: 6 },
      { path: '1', version: 70 },
    ])
      expect(tree.node(key)).toBe(stored);
    expect(asked).toHaveLength(2);
    // Of its own version there is nothing below.
    expect(tree.node({ path: '0', version: 7 })).toBeUndefined();
    expect(asked).toHaveLength(2);
    below = undefined;
    expect(tree.node({ path: '01', version: 6 })).toBeUndefined();
  });
});
