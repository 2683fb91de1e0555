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

  it('lists its keys below a prefix, behind a key, as a search through all of them would', () => {
    const state = new MemoryState();
    const keys = ['a/1', 'a/12', 'a/2', 'a-b/1', 'b/1', 'b/3', 'bb/0'];
    const changes: Changes = new Map(keys.map((key) => [key, Uint8Array.of(1)] as const));
    state.apply(heightOf(0), { changes, tree: treeOf(state, 0, changes) });
    const sorted = keys.toSorted();
    for (const prefix of ['', 'a/', 'a', 'b/', 'c/', 'a/1'])
      for (const after of [null, ...sorted.filter((key) => key.startsWith(prefix)), `${prefix}0`])
        for (const limit of [0, 1, 2, 9]) {
          const expected = sorted.filter((key) => key.startsWith(prefix) && (after === null || key > after));
          expect(state.keys(prefix, after, limit)).toEqual(expected.slice(0, limit));
        }
    const gone: Changes = new Map([['a/12', null]]);
    state.apply(heightOf(1), { changes: gone, tree: treeOf(state, 1, gone) });
    expect(state.keys('a/', null, 9)).toEqual(['a/1', 'a/2']);
  });
});
