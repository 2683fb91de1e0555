import type { Hash } from '../../base/brand.ts';
import { allocate, putU64be } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { TreeCode } from './codes.ts';
import { emptyRoot, innerHash, leafHash } from './hashing.ts';
import type { ChildRef, TreeNode } from './types.ts';

/**
 * A node as it is stored. The first byte says which parts follow; the hash is not stored but computed again on reading, so
 * that a damaged node cannot pass for the one its parent names.
 *
 *   leaf    0x00 ‖ keyHash ‖ valueHash                                   65 bytes
 *   inner   children (1 left, 2 right, 3 both) ‖ for each: hash ‖ u64be version     41 or 81 bytes
 */
const LEAF = 0;
const LEFT = 1;
const RIGHT = 2;
const CHILD_BYTES = 40;

export function encodeNode(node: TreeNode): Uint8Array {
  if (node.kind === 'leaf') {
    const bytes = allocate(65);
    bytes.set(node.keyHash, 1);
    bytes.set(node.valueHash, 33);
    return bytes;
  }
  const { left, right } = node;
  const bytes = allocate(1 + (left === null ? 0 : CHILD_BYTES) + (right === null ? 0 : CHILD_BYTES));
  bytes[0] = (left === null ? 0 : LEFT) | (right === null ? 0 : RIGHT);
  if (left !== null) putChild(bytes, 1, left);
  if (right !== null) putChild(bytes, bytes.length - CHILD_BYTES, right);
  return bytes;
}

function putChild(bytes: Uint8Array, at: number, { hash, version }: ChildRef): void {
  bytes.set(hash, at);
  putU64be(bytes, at + 32, version);
}

/** The node of stored bytes. The caller compares `hash` with the reference it followed. */
export function decodeNode(primitives: Primitives, bytes: Uint8Array): Result<TreeNode, TreeCode> {
  const form = bytes[0];
  if (form === LEAF && bytes.length === 65) {
    const keyHash = bytes.slice(1, 33) as Hash;
    const valueHash = bytes.slice(33) as Hash;
    return ok({ kind: 'leaf', hash: leafHash(primitives, keyHash, valueHash), keyHash, valueHash });
  }
  if (form !== LEFT && form !== RIGHT && form !== (LEFT | RIGHT)) return refuse('state-node.malformed');
  if (bytes.length !== 1 + CHILD_BYTES * (form === (LEFT | RIGHT) ? 2 : 1)) return refuse('state-node.malformed');
  const left = form & LEFT ? decodeChild(bytes, 1) : null;
  const right = form & RIGHT ? decodeChild(bytes, bytes.length - CHILD_BYTES) : null;
  if (!isSafe(left) || !isSafe(right)) return refuse('state-node.malformed');
  const hash = innerHash(primitives, left?.hash ?? emptyRoot, right?.hash ?? emptyRoot);
  return ok({ kind: 'inner', hash, left, right });
}

function decodeChild(bytes: Uint8Array, at: number): ChildRef {
  const version = Number(new DataView(bytes.buffer, bytes.byteOffset + at + 32, 8).getBigUint64(0));
  return { hash: bytes.slice(at, at + 32) as Hash, version };
}

const isSafe = (child: ChildRef | null): boolean => child === null || Number.isSafeInteger(child.version);
