import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { rootHashOf } from '../../../src/ledger/tree/hashing.ts';
import { decodeStateProof, encodeStateProof, proveKey, verifyStateProof } from '../../../src/ledger/tree/prove.ts';
import type { StateProof } from '../../../src/ledger/tree/types.ts';
import { updateTree } from '../../../src/ledger/tree/update.ts';
import { keyOf, MemoryTree, primitives } from './support.ts';

function treeOf(count: number): MemoryTree {
  const tree = new MemoryTree();
  const changes = Array.from({ length: count }, (_, i) => ({ keyHash: keyOf(`k${i}`), valueHash: keyOf(`v${i}`) }));
  tree.apply(updateTree(primitives, tree, null, changes, 1));
  return tree;
}

function prove(tree: MemoryTree, keyHash: Hash): StateProof {
  const proof = proveKey(tree, tree.root, keyHash);
  if (!proof.ok) throw new Error(proof.rejection.code);
  return proof.value;
}

const verify = (tree: MemoryTree, keyHash: Hash, proof: StateProof) =>
  verifyStateProof(primitives, rootHashOf(tree.root), keyHash, proof);

describe('a state proof', () => {
  it('shows every key of the tree present with its value, and every other absent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), (count) => {
        const tree = treeOf(count);
        for (let i = 0; i < count + 20; i++) {
          const proof = prove(tree, keyOf(`k${i}`));
          const expected = i < count ? { present: keyOf(`v${i}`) } : { absent: true };
          expect(verify(tree, keyOf(`k${i}`), proof)).toEqual({ ok: true, value: expected });
        }
      }),
      { numRuns: 20 },
    );
  });

  it('takes both forms of absence: an empty subtree, and the leaf of another key', () => {
    const tree = treeOf(40);
    const forms = new Set<string>();
    for (let i = 40; i < 200; i++) forms.add(prove(tree, keyOf(`k${i}`)).leaf === null ? 'empty' : 'other leaf');
    expect(forms).toEqual(new Set(['empty', 'other leaf']));
  });

  it('fails when any part is changed', () => {
    const tree = treeOf(30);
    const mutation = fc.record({ key: fc.nat(59), part: fc.nat(4), at: fc.nat(), bit: fc.nat(255) });
    fc.assert(
      fc.property(mutation, ({ key, part, at, bit }) => {
        const keyHash = keyOf(`k${key}`);
        const proof = prove(tree, keyHash);
        const flip = (hash: Hash): Hash => {
          const copy = hash.slice() as Hash;
          copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
          return copy;
        };
        const which = at % proof.siblings.length;
        const mutants: StateProof[] = [
          { ...proof, siblings: proof.siblings.map((hash, i) => (i === which ? flip(hash) : hash)) },
          { ...proof, siblings: proof.siblings.slice(0, -1) },
          { ...proof, siblings: [...proof.siblings, new Uint8Array(32) as Hash] },
          { ...proof, leaf: proof.leaf === null ? { keyHash, valueHash: keyOf('v') } : null },
          {
            ...proof,
            leaf:
              proof.leaf === null
                ? { keyHash: flip(keyHash), valueHash: keyOf('v') }
                : { ...proof.leaf, valueHash: flip(proof.leaf.valueHash) },
          },
        ];
        expect(verify(tree, keyHash, mutants[part] as StateProof).ok).toBe(false);
      }),
    );
  });

  it('is refused when the other leaf could not stand on the path, and when it is longer than a key', () => {
    const tree = treeOf(30);
    const proof = prove(tree, keyOf('k3'));
    const elsewhere = Array.from({ length: 30 }, (_, i) => keyOf(`k${i}`)).find(
      (k) => ((k[0] as number) ^ (keyOf('k3')[0] as number)) & 0x80,
    ) as Hash;
    expect(verify(tree, elsewhere, proof)).toMatchObject({ rejection: { code: 'state-proof.wrong-path' } });
    const long = { siblings: Array.from({ length: 257 }, () => keyOf('x')), leaf: null };
    expect(verify(tree, keyOf('k3'), long)).toMatchObject({ rejection: { code: 'state-proof.too-long' } });
    expect(verifyStateProof(primitives, keyOf('root'), keyOf('k3'), proof)).toMatchObject({
      rejection: { code: 'state-proof.wrong-root' },
    });
  });

  it('answers "pruned" rather than guess when a node is gone', () => {
    const tree = treeOf(30);
    const root = tree.root;
    tree.nodes.clear();
    expect(proveKey(tree, root, keyOf('k3'))).toMatchObject({ rejection: { code: 'state.pruned' } });
  });

  it('survives its encoding, which is the only one', () => {
    const tree = treeOf(30);
    for (const name of ['k3', 'k99']) {
      const proof = prove(tree, keyOf(name));
      const bytes = encodeStateProof(proof);
      const back = decodeStateProof(bytes);
      expect(back.ok && toHex(encodeStateProof(back.value))).toBe(toHex(bytes));
      for (let i = 0; i < bytes.length; i++) {
        const changed = bytes.slice();
        changed[i] = (changed[i] as number) ^ 1;
        const read = decodeStateProof(changed);
        if (read.ok) expect(verify(tree, keyOf(name), read.value).ok).toBe(false);
      }
    }
  });

  it('has room for the longest proof', () => {
    const hash = keyOf('x');
    const bytes = encodeStateProof({
      siblings: Array.from({ length: 256 }, () => hash),
      leaf: { keyHash: hash, valueHash: hash },
    });
    expect(decodeStateProof(bytes).ok).toBe(true);
  });
});
