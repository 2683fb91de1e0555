import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { listRoot } from '../../../src/ledger/merkle.ts';
import { rootHashOf } from '../../../src/ledger/tree/hashing.ts';
import type { TreeChange } from '../../../src/ledger/tree/types.ts';
import { updateTree } from '../../../src/ledger/tree/update.ts';
import { keyOf, MemoryTree, primitives } from './support.ts';

const page = readFileSync(new URL('../../../docs/specification/state-tree.md', import.meta.url), 'utf8');
const [statePart, listPart] = page.split('## List root') as [string, string];
const rows = (part: string) =>
  [...part.matchAll(/^\| (\d+) \| `([0-9a-f]{64})` \|$/gm)].map((m) => [Number(m[1]), m[2]]);

const entry = (n: number): TreeChange => ({ keyHash: keyOf(`k${n}`), valueHash: keyOf(`v${n}`) });
const rootOf = (changes: readonly TreeChange[]) =>
  toHex(rootHashOf(updateTree(primitives, new MemoryTree(), null, changes, 1).root));

describe('the vectors of the specification page', () => {
  it('are six state roots and seven list roots', () => {
    expect([rows(statePart).length, rows(listPart).length]).toEqual([6, 7]);
  });

  it.each(rows(statePart))('give the state root of %i entries', (count, root) => {
    expect(rootOf(Array.from({ length: count as number }, (_, n) => entry(n)))).toBe(root);
  });

  it('give the root of two keys that part at the last bit', () => {
    const last = (bit: number) => new Uint8Array(32).fill(bit, 31) as Hash;
    const root = rootOf([0, 1].map((bit) => ({ ...entry(bit), keyHash: last(bit) })));
    expect(statePart).toContain(root);
  });

  it.each(rows(listPart))('give the list root of %i items', (count, root) => {
    expect(
      toHex(
        listRoot(
          primitives,
          Array.from({ length: count as number }, (_, n) => keyOf(`k${n}`)),
        ),
      ),
    ).toBe(root);
  });
});
