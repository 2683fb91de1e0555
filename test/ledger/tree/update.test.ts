import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { concat, toHex } from '../../../src/base/bytes.ts';
import { encodeNode } from '../../../src/ledger/tree/encode-node.ts';
import { rootHashOf } from '../../../src/ledger/tree/hashing.ts';
import type { NodeKey, TreeChange, TreeUpdate } from '../../../src/ledger/tree/types.ts';
import { updateTree } from '../../../src/ledger/tree/update.ts';
import { keyOf, MemoryTree, primitives, sha256, storeKey } from './support.ts';

/** Written from the formulas alone, over bit strings: shares no line with the tree. */
function naiveRoot(entries: readonly { bits: string; leaf: Uint8Array }[]): Uint8Array {
  if (entries.length === 0) return new Uint8Array(32);
  if (entries.length === 1) return sha256((entries[0] as { leaf: Uint8Array }).leaf);
  const half = (bit: string) =>
    naiveRoot(entries.filter((e) => e.bits[0] === bit).map((e) => ({ bits: e.bits.slice(1), leaf: e.leaf })));
  return sha256(concat(half('0'), half('1')));
}

const bitsOf = (key: Hash): string => [...key].map((byte) => byte.toString(2).padStart(8, '0')).join('');

function naiveRootOf(state: ReadonlyMap<string, { keyHash: Hash; valueHash: Hash }>): string {
  const entries = [...state.values()].map(({ keyHash, valueHash }) => ({
    bits: bitsOf(keyHash),
    leaf: concat(Uint8Array.of(0), keyHash, valueHash),
  }));
  return toHex(naiveRoot(entries));
}

/** Keys that collide on purpose: few bits of few bytes, so that paths share long prefixes. */
const clusteredKey = fc
  .tuple(fc.constantFrom(0, 0x80), fc.constantFrom(0, 1), fc.constantFrom(0, 1, 2, 3))
  .map(([first, middle, last]) => {
    const key = new Uint8Array(32) as Hash;
    key[0] = first;
    key[1] = middle;
    key[2] = last;
    return key;
  });
const anyKey = fc.oneof(
  clusteredKey,
  fc.integer({ min: 0, max: 12 }).map((n) => keyOf(`key ${n}`)),
);
const change = fc.record({
  keyHash: anyKey,
  valueHash: fc.option(fc.integer({ min: 0, max: 2 }).map((n) => keyOf(`value ${n}`))),
});
const batch = fc.uniqueArray(change, { maxLength: 10, selector: (c) => toHex(c.keyHash) });

/** An update as text: comparing strings is far quicker than comparing byte arrays. */
const textOf = (update: TreeUpdate): string =>
  JSON.stringify([
    toHex(rootHashOf(update.root)),
    update.written.map(({ key, node }) => `${storeKey(key)} ${toHex(encodeNode(node))}`),
    update.stale.map(storeKey),
  ]);

describe('the state tree', () => {
  it('has the same root after any batches as the naive formula gives for the final map', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), (batches) => {
        const tree = new MemoryTree();
        const state = new Map<string, { keyHash: Hash; valueHash: Hash }>();
        batches.forEach((changes, i) => {
          tree.apply(updateTree(primitives, tree, tree.root, changes, i + 1));
          for (const { keyHash, valueHash } of changes)
            if (valueHash === null) state.delete(toHex(keyHash));
            else state.set(toHex(keyHash), { keyHash, valueHash });
          expect(toHex(rootHashOf(tree.root))).toBe(naiveRootOf(state));
        });
      }),
      { numRuns: 60 },
    );
  });

  it('does not depend on the order of the changes', () => {
    fc.assert(
      fc.property(batch, batch, (before, changes) => {
        const tree = new MemoryTree();
        tree.apply(updateTree(primitives, tree, null, before, 1));
        const forwards = updateTree(primitives, tree, tree.root, changes, 2);
        const backwards = updateTree(primitives, tree, tree.root, [...changes].reverse(), 2);
        expect(textOf(backwards)).toEqual(textOf(forwards));
      }),
    );
  });

  it('stores exactly the live nodes once stale ones are dropped, and reads the newest version from them', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 8 }), (batches) => {
        const tree = new MemoryTree();
        batches.forEach((changes, i) => {
          const update = updateTree(primitives, tree, tree.root, changes, i + 1);
          tree.apply(update);
          tree.drop(update.stale);
          expect([...tree.live()].sort()).toEqual([...tree.nodes.keys()].sort());
        });
      }),
      { numRuns: 60 },
    );
  });

  it('gives the new version to the changed path alone', () => {
    const tree = new MemoryTree();
    const all: TreeChange[] = Array.from({ length: 64 }, (_, i) => ({
      keyHash: keyOf(`k${i}`),
      valueHash: keyOf('a'),
    }));
    tree.apply(updateTree(primitives, tree, null, all, 1));
    const update = updateTree(primitives, tree, tree.root, [{ keyHash: keyOf('k7'), valueHash: keyOf('b') }], 2);
    const bits = bitsOf(keyOf('k7'));
    expect(update.written.length).toBeGreaterThan(1);
    for (const { key } of update.written) expect(bits.startsWith(key.path) && key.version === 2).toBe(true);
    const pathOf = (key: NodeKey) => key.path;
    expect(update.stale.map(pathOf).sort()).toEqual(update.written.map(({ key }) => pathOf(key)).sort());
  });

  it('writes nothing for the same value again or for deleting an absent key', () => {
    const tree = new MemoryTree();
    tree.apply(updateTree(primitives, tree, null, [{ keyHash: keyOf('a'), valueHash: keyOf('1') }], 1));
    const idle = [
      { keyHash: keyOf('a'), valueHash: keyOf('1') },
      { keyHash: keyOf('b'), valueHash: null },
    ];
    expect(updateTree(primitives, tree, tree.root, idle, 2)).toEqual({ root: tree.root, written: [], stale: [] });
  });

  it('collapses to a lone leaf on delete, and to the empty root at last', () => {
    const tree = new MemoryTree();
    const near = (last: number): Hash => new Uint8Array(32).fill(last, 31) as Hash;
    const set = [0, 1].map((n) => ({ keyHash: near(n), valueHash: keyOf('v') }));
    tree.apply(updateTree(primitives, tree, null, set, 1));
    expect(tree.live().size).toBe(256 + 2); // an inner node a shared bit, and both leaves
    tree.apply(updateTree(primitives, tree, tree.root, [{ keyHash: near(1), valueHash: null }], 2));
    expect([...tree.live()]).toEqual([storeKey({ path: '', version: 2 })]);
    tree.apply(updateTree(primitives, tree, tree.root, [{ keyHash: near(0), valueHash: null }], 3));
    expect(tree.root).toBeNull();
  });

  it('stops on a broken invariant: a key twice, a version twice, a missing node', () => {
    const tree = new MemoryTree();
    const set = (name: string): TreeChange => ({ keyHash: keyOf(name), valueHash: keyOf('v') });
    expect(() => updateTree(primitives, tree, null, [set('a'), set('a')], 1)).toThrow('a key changes once');
    tree.apply(updateTree(primitives, tree, null, [set('a')], 1));
    expect(() => updateTree(primitives, tree, tree.root, [set('b')], 1)).toThrow('a version is written once');
    tree.nodes.clear();
    expect(() => updateTree(primitives, tree, tree.root, [set('b')], 2)).toThrow('is whole');
  });
});
