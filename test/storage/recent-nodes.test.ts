import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import type { LeafNode, NodeKey } from '../../src/ledger/tree/types.ts';
import { STORAGE_LIMITS } from '../../src/storage/limits.ts';
import { RecentNodes } from '../../src/storage/recent-nodes.ts';

const hash = new Uint8Array(32) as Hash;
const leaf = (): LeafNode => ({ kind: 'leaf', hash, keyHash: hash, valueHash: hash });
const at = (path: string, version: number): NodeKey => ({ path, version });

describe('recent nodes', () => {
  it('are read once; one that is not there is asked for again', () => {
    const nodes = new RecentNodes();
    const node = leaf();
    let reads = 0;
    const read = (answer: LeafNode | undefined) => () => {
      reads++;
      return answer;
    };
    for (let i = 0; i < 2; i++) expect(nodes.get(at('0', 1), read(node))).toBe(node);
    for (let i = 0; i < 2; i++) expect(nodes.get(at('1', 1), read(undefined))).toBeUndefined();
    expect(reads).toBe(3);
  });

  it('are named by path and version: neither alone', () => {
    const nodes = new RecentNodes();
    const [a, b, older] = [leaf(), leaf(), leaf()];
    nodes.advance({
      root: null,
      written: [
        { key: at('0', 11), node: a },
        { key: at('01', 11), node: b },
      ],
      stale: [],
    });
    const never = () => {
      throw new Error('read from the disk');
    };
    expect(nodes.get(at('0', 11), never)).toBe(a);
    expect(nodes.get(at('01', 11), never)).toBe(b);
    // An older version is read from the disk, and does not take the newer one's place.
    for (let i = 0; i < 2; i++) expect(nodes.get(at('0', 1), () => older)).toBe(older);
    expect(nodes.get(at('0', 11), never)).toBe(a);
  });

  it('leave with the block that replaces or drops them', () => {
    const nodes = new RecentNodes();
    const [replaced, dropped, next] = [leaf(), leaf(), leaf()];
    nodes.advance({
      root: null,
      written: [
        { key: at('0', 1), node: replaced },
        { key: at('1', 1), node: dropped },
      ],
      stale: [],
    });
    nodes.advance({ root: null, written: [{ key: at('0', 2), node: next }], stale: [at('0', 1), at('1', 1)] });
    let reads = 0;
    const read = () => {
      reads++;
      return undefined;
    };
    expect([nodes.get(at('0', 2), read), nodes.get(at('0', 1), read), nodes.get(at('1', 1), read)]).toEqual([
      next,
      undefined,
      undefined,
    ]);
    expect(reads).toBe(2);
  });

  it('forget the oldest above their limit', () => {
    const nodes = new RecentNodes();
    const { recentNodesMax } = STORAGE_LIMITS;
    for (let i = 0; i <= recentNodesMax; i++) nodes.get(at(i.toString(2), 1), leaf);
    let reads = 0;
    const read = () => {
      reads++;
      return leaf();
    };
    nodes.get(at(recentNodesMax.toString(2), 1), read);
    expect(reads).toBe(0);
    nodes.get(at('0', 1), read);
    expect(reads).toBe(1);
  });
});
