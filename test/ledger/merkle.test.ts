import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { concat, toHex, u64be } from '../../src/base/bytes.ts';
import { listRoot, proveItem, verifyItem } from '../../src/ledger/merkle.ts';
import { keyOf, primitives, sha256 } from './tree/support.ts';

const items = (count: number, salt = ''): Hash[] => Array.from({ length: count }, (_, i) => keyOf(`item ${salt}${i}`));

/** Top-down over the largest power of two below the count: carrying odd nodes up gives the same tree (RFC 6962). */
function naiveTop(list: readonly Hash[]): Uint8Array {
  if (list.length === 0) return new Uint8Array(32);
  if (list.length === 1) return sha256(concat(Uint8Array.of(0), list[0] as Hash));
  let split = 1;
  while (split * 2 < list.length) split *= 2;
  return sha256(concat(naiveTop(list.slice(0, split)), naiveTop(list.slice(split))));
}

describe('a list root', () => {
  it('is that of the recursive definition, for every count to 70', () => {
    for (let count = 0; count <= 70; count++) {
      const list = items(count);
      const expected = sha256(concat(Uint8Array.of(2), u64be(count), naiveTop(list)));
      expect(toHex(listRoot(primitives, list))).toBe(toHex(expected));
    }
  });

  it('differs when an item is changed, swapped, added, dropped or repeated', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (count, at) => {
        const list = items(count);
        const i = at % count;
        const variants = [
          list.with(i, keyOf('other')),
          [...list, keyOf('more')],
          list.toSpliced(i, 1),
          [...list, list[count - 1] as Hash],
          ...(count > 1 ? [list.with(i, list[(i + 1) % count] as Hash).with((i + 1) % count, list[i] as Hash)] : []),
        ];
        const root = toHex(listRoot(primitives, list));
        for (const variant of variants) expect(toHex(listRoot(primitives, variant))).not.toBe(root);
      }),
    );
  });
});

describe('a proof of an item', () => {
  it('holds for every item of every list to 40, for its own place and count alone', () => {
    for (let count = 1; count <= 40; count++) {
      const list = items(count);
      const root = listRoot(primitives, list);
      list.forEach((item, index) => {
        const proof = proveItem(primitives, list, index);
        expect(verifyItem(primitives, root, item, proof)).toBe(true);
        for (const wrong of [-1, 1]) {
          expect(verifyItem(primitives, root, item, { ...proof, count: count + wrong })).toBe(false);
          expect(verifyItem(primitives, root, item, { ...proof, index: index + wrong })).toBe(false);
        }
        expect(verifyItem(primitives, root, keyOf('other'), proof)).toBe(false);
        expect(verifyItem(primitives, root, item, { ...proof, siblings: [...proof.siblings, item] })).toBe(false);
        if (proof.siblings.length > 0)
          expect(verifyItem(primitives, root, item, { ...proof, siblings: proof.siblings.slice(1) })).toBe(false);
      });
    }
  });

  it('is refused for an index or a count that is no integer', () => {
    const list = items(3);
    const proof = proveItem(primitives, list, 0);
    for (const index of [0.5, Number.NaN, -0.1, 2 ** 60])
      expect(verifyItem(primitives, listRoot(primitives, list), list[0] as Hash, { ...proof, index })).toBe(false);
  });
});
