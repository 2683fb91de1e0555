import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeNode, encodeNode } from '../../../src/ledger/tree/encode-node.ts';
import { updateTree } from '../../../src/ledger/tree/update.ts';
import { keyOf, MemoryTree, primitives } from './support.ts';

function someNodes(): MemoryTree {
  const tree = new MemoryTree();
  const changes = Array.from({ length: 50 }, (_, i) => ({ keyHash: keyOf(`k${i}`), valueHash: keyOf('v') }));
  tree.apply(updateTree(primitives, tree, null, changes, 7));
  return tree;
}

describe('a stored node', () => {
  it('is read back as it was, its hash computed again', () => {
    for (const node of someNodes().nodes.values())
      expect(decodeNode(primitives, encodeNode(node))).toEqual({ ok: true, value: node });
  });

  it('never reads as itself once a byte of a hash is changed', () => {
    for (const node of someNodes().nodes.values()) {
      const bytes = encodeNode(node);
      bytes[5] = (bytes[5] as number) ^ 1;
      const read = decodeNode(primitives, bytes);
      expect(read.ok && read.value.hash).not.toEqual(node.hash);
    }
  });

  it('refuses bytes that are no node', () => {
    const whole = [...someNodes().nodes.values()].map(encodeNode);
    for (const bytes of whole) {
      expect(decodeNode(primitives, bytes.slice(0, -1)).ok).toBe(false);
      expect(decodeNode(primitives, Uint8Array.of(...bytes, 0)).ok).toBe(false);
    }
    const version = new Uint8Array(41).fill(0xff);
    version[0] = 1;
    expect(decodeNode(primitives, version)).toMatchObject({ rejection: { code: 'state-node.malformed' } });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => {
        const read = decodeNode(primitives, bytes);
        if (read.ok) expect(encodeNode(read.value)).toEqual(bytes);
      }),
    );
  });
});
