import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { rootHashOf } from '../../../src/ledger/tree/hashing.ts';
import { updateTree } from '../../../src/ledger/tree/update.ts';
import { MemoryState } from '../../../src/protocol/offline/memory-state.ts';
import { hashOf, heightOf, primitives } from './chain.ts';

type Changes = ReadonlyMap<string, Uint8Array | null>;

function treeOf(state: MemoryState, height: number, changes: Changes) {
  const hashed = [...changes].map(([key, value]) => ({
    keyHash: hashOf(key),
    valueHash: value === null ? null : primitives.hash(value),
  }));
  return updateTree(primitives, state.tree, state.root, hashed, height);
}

describe('the state of a replayed chain', () => {
  it('is the newest: rows and nodes that were replaced are gone, and memory does not grow with the chain', () => {
    const state = new MemoryState();
    const written = new Map<string, { path: string; version: number }>();
    const stale = new Set<string>();
    for (let height = 0; height < 30; height++) {
      const changes: Changes = new Map<string, Uint8Array | null>([
        [`row ${height % 4}`, Uint8Array.of(height)],
        [`row ${(height + 1) % 4}`, height % 3 === 0 ? null : Uint8Array.of(height, 1)],
      ]);
      const tree = treeOf(state, height, changes);
      state.apply(heightOf(height), { changes, tree });
      for (const { key } of tree.written) written.set(`${key.version}/${key.path}`, key);
      for (const key of tree.stale) stale.add(`${key.version}/${key.path}`);
      expect(toHex(rootHashOf(state.root))).toBe(toHex(rootHashOf(tree.root)));
      for (const [key, value] of changes) expect(state.get(key)).toEqual(value ?? undefined);
    }
    expect(state.height).toBe(29);
    expect(stale.size).toBeGreaterThan(30);
    for (const [name, key] of written) expect(state.tree.node(key) === undefined, name).toBe(stale.has(name));
  });
});
