import { assert } from '../../base/assert.ts';
import type { Hash } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import type { BaseCode } from '../../base/codes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { TreeCode } from './codes.ts';
import { bitAt, emptyRoot, innerHash, leafHash, TREE_DEPTH_MAX } from './hashing.ts';
import type { ChildRef, StateProof, TreeReader, TreeRoot } from './types.ts';

/** The proof that a key is present with its value, or absent, under `root`. Refused where a node on the way was pruned. */
export function proveKey(reader: TreeReader, root: TreeRoot, keyHash: Hash): Result<StateProof, TreeCode> {
  const siblings: Hash[] = [];
  let ref: TreeRoot = root;
  let path = '';
  while (ref !== null) {
    const at: ChildRef = ref;
    const node = reader.node({ path, version: at.version });
    if (node === undefined) return refuse('state.pruned', { version: at.version });
    if (node.kind === 'leaf') return ok({ siblings, leaf: { keyHash: node.keyHash, valueHash: node.valueHash } });
    assert(path.length < TREE_DEPTH_MAX, 'an inner node stands above bit 256');
    const bit = bitAt(keyHash, path.length);
    siblings.push((bit === 0 ? node.right : node.left)?.hash ?? emptyRoot);
    ref = bit === 0 ? node.left : node.right;
    path += bit;
  }
  return ok({ siblings, leaf: null });
}

export type Proven = { readonly present: Hash } | { readonly absent: true };

/** What a proof says of `keyHash` under `rootHash`: the hash of its value, or that it is absent. */
export function verifyStateProof(
  primitives: Primitives,
  rootHash: Hash,
  keyHash: Hash,
  proof: StateProof,
): Result<Proven, TreeCode> {
  const { siblings, leaf } = proof;
  if (siblings.length > TREE_DEPTH_MAX) return refuse('state-proof.too-long', { siblings: siblings.length });
  // A leaf of another key shows absence only where this key would stand: it shares every bit above.
  if (leaf !== null && !sharesBits(leaf.keyHash, keyHash, siblings.length)) return refuse('state-proof.wrong-path');

  let hash = leaf === null ? emptyRoot : leafHash(primitives, leaf.keyHash, leaf.valueHash);
  for (let depth = siblings.length - 1; depth >= 0; depth--) {
    const sibling = siblings[depth] as Hash;
    hash = bitAt(keyHash, depth) === 0 ? innerHash(primitives, hash, sibling) : innerHash(primitives, sibling, hash);
  }
  if (!equal(hash, rootHash)) return refuse('state-proof.wrong-root');
  return ok(leaf !== null && equal(leaf.keyHash, keyHash) ? { present: leaf.valueHash } : { absent: true });
}

function sharesBits(a: Hash, b: Hash, bits: number): boolean {
  for (let depth = 0; depth < bits; depth++) if (bitAt(a, depth) !== bitAt(b, depth)) return false;
  return true;
}

export const stateProofShape: shape.Shape<StateProof> = shape.struct({
  siblings: shape.list(shape.hash, TREE_DEPTH_MAX),
  leaf: shape.nullable(shape.struct({ keyHash: shape.hash, valueHash: shape.hash })),
});

/** 256 siblings of 34 encoded bytes, a leaf, and the field names. */
export const STATE_PROOF_BYTES_MAX = 9_216;

export const encodeStateProof = (proof: StateProof): Uint8Array => encode(proof as unknown as Canonical);

export function decodeStateProof(bytes: Uint8Array): Result<StateProof, BaseCode> {
  const value = decode(bytes, STATE_PROOF_BYTES_MAX);
  return value.ok ? stateProofShape(value.value, '') : value;
}
