import { secp256k1_hasher } from '@noble/curves/secp256k1.js';
import { assert } from '../../base/assert.ts';
import type { Hash, PublicKey } from '../../base/brand.ts';
import { concat, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { Scalar } from './group.ts';

/*
 * The cipher suite, in the form of RFC 9497 (section 4): secp256k1, SHA-256, hash_to_curve by RFC 9380's suite
 * secp256k1_XMD:SHA-256_SSWU_RO_ with a domain tag of our own. RFC 9497 registers no suite for this curve; the structure and every
 * byte in the hashes are the RFC's, so that an implementation of it, given this name, is a judge.
 */
export const SUITE = 'secp256k1-SHA256-carechain-handle-v1';
const MODE_VOPRF = 1;
/** contextString = "OPRFV1-" ‖ mode ‖ "-" ‖ identifier (RFC 9497, section 3.1). */
export const CONTEXT = concat(utf8('OPRFV1-'), Uint8Array.of(MODE_VOPRF), utf8(`-${SUITE}`));

const GROUP_DST = concat(utf8('HashToGroup-'), CONTEXT);
const SCALAR_DST = concat(utf8('HashToScalar-'), CONTEXT);
const FINALIZE = utf8('Finalize');

/** I2OSP(length, 2) ‖ bytes. */
export function prefixed(bytes: Uint8Array): Uint8Array {
  assert(bytes.length <= 0xffff, 'a prefix of two bytes');
  return concat(Uint8Array.of(bytes.length >> 8, bytes.length & 0xff), bytes);
}

export const hashToGroup = (input: Uint8Array): PublicKey =>
  secp256k1_hasher.hashToCurve(input, { DST: GROUP_DST }).toBytes(true) as Uint8Array as PublicKey;

export const hashToScalar = (...parts: readonly Uint8Array[]): Scalar =>
  secp256k1_hasher.hashToScalar(concat(...parts), { DST: SCALAR_DST });

/** RFC 9497, section 3.3.1: the output of the function. */
export const finalizeHash = (primitives: Primitives, input: Uint8Array, unblinded: PublicKey): Hash =>
  primitives.hash(concat(prefixed(input), prefixed(unblinded), FINALIZE));
