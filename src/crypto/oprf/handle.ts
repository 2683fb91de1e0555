import { assert } from '../../base/assert.ts';
import type { Hash, PublicKey, SecretKey } from '../../base/brand.ts';
import { concat, utf8 } from '../../base/bytes.ts';
import { encode } from '../../base/canonical.ts';
import type { Primitives } from '../../base/primitives.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { CryptoCode } from '../codes.ts';
import { scalarFromUniform } from '../keys.ts';
import { CRYPTO_LIMITS } from '../limits.ts';
import { DLEQ_PROOF_BYTES, proveDleq, verifyDleq } from './dleq.ts';
import { addPoints, invertSecret, lagrangeAtZero, multiply } from './group.ts';
import { finalizeHash, hashToGroup } from './suite.ts';

/*
 * A handle is F(k, type ‖ value) of an identifier under a key k that no hospital has: 2HashDH, as RFC 9497's VOPRF, with the key
 * shared t of n. Who wants a handle blinds the identifier, t hospitals multiply, each with a proof; nobody but the asker sees
 * identifier or handle, and fewer than t hospitals compute none. Rate and permission are the host's (docs/specification/handles.md).
 */

/** What the chain publishes of the joint key. Holders are numbered from 1; `shareKeys[i − 1]` is holder i's. */
export interface HandleKey {
  readonly threshold: number;
  readonly jointKey: PublicKey;
  readonly shareKeys: readonly PublicKey[];
}

/** `type`: the naming system (a FHIR Identifier.system); `value` as its issuer writes it, without blanks around. */
export interface Identifier {
  readonly type: string;
  readonly value: string;
}

/** What the asker keeps between asking and combining. Its scalar opens the question: it never leaves the device. */
export interface Blinding {
  readonly input: Uint8Array;
  readonly blind: SecretKey;
  /** The question: says nothing of the identifier. */
  readonly blinded: PublicKey;
}

export interface Evaluation {
  /** The holder's number, from 1. */
  readonly holder: number;
  readonly evaluated: PublicKey;
  readonly proof: Uint8Array;
}

export const evaluationShape: shape.Shape<Evaluation> = shape.struct({
  holder: shape.uint(CRYPTO_LIMITS.handleHoldersMax),
  evaluated: shape.publicKey,
  proof: shape.bytes(DLEQ_PROOF_BYTES),
});

/** Type and value as one input; the encoding keeps them apart. */
export function handleInput({ type, value }: Identifier): Uint8Array {
  const max = CRYPTO_LIMITS.identifierCharactersMax;
  assert(type.length > 0 && type.length <= max && value.length > 0 && value.length <= max, 'an identifier is bounded');
  return encode({ type, value });
}

/** `entropy`: 48 random bytes, never used twice. */
export function blindIdentifier(primitives: Primitives, identifier: Identifier, entropy: Uint8Array): Blinding {
  const input = handleInput(identifier);
  const blind = scalarFromUniform(entropy);
  const blinded = primitives.ecdh(blind, hashToGroup(input)) as PublicKey | undefined;
  assert(blinded !== undefined, 'a hash to the curve is a point of it');
  return { input, blind, blinded };
}

/** A holder's answer. The host has decided and counted the question before. `entropy`: 48 random bytes, never used twice. */
export function evaluateBlinded(
  primitives: Primitives,
  { holder, share, entropy }: { readonly holder: number; readonly share: SecretKey; readonly entropy: Uint8Array },
  blinded: PublicKey,
): Result<Evaluation, CryptoCode> {
  const evaluated = primitives.ecdh(share, blinded) as PublicKey | undefined;
  if (evaluated === undefined) return refuse('crypto-oprf.invalid-point');
  const statement = { key: primitives.publicKeyOf(share), blinded, evaluated };
  const proof = proveDleq(primitives, { secret: share, entropy }, statement);
  return proof === undefined ? refuse('crypto-oprf.invalid-point') : ok({ holder, evaluated, proof });
}

/** Whether holder's published key share made this evaluation of this question. */
export function verifyEvaluation(
  primitives: Primitives,
  key: HandleKey,
  blinded: PublicKey,
  { holder, evaluated, proof }: Evaluation,
): Result<null, CryptoCode> {
  const shareKey = key.shareKeys[holder - 1];
  if (shareKey === undefined || !verifyDleq(primitives, { key: shareKey, blinded, evaluated }, proof))
    return refuse('crypto-oprf.bad-proof', { holder });
  return ok(null);
}

export interface CombinedHandle {
  /** 32 bytes: the same for this identifier whichever t holders answered. */
  readonly handle: Hash;
  /** Numbers of the holders whose answers proved wrong, among those looked at. */
  readonly wrong: readonly number[];
}

/** The handle from the first t valid answers. Wrong ones are named, and cost nothing while t others are right. */
export function combineHandle(
  primitives: Primitives,
  { key, blinding }: { readonly key: HandleKey; readonly blinding: Blinding },
  evaluations: readonly Evaluation[],
): Result<CombinedHandle, CryptoCode> {
  if (evaluations.length > CRYPTO_LIMITS.handleHoldersMax) return refuse('crypto-oprf.too-many');
  const valid = new Map<number, PublicKey>();
  const wrong: number[] = [];
  for (const evaluation of evaluations) {
    if (valid.size === key.threshold) break;
    if (valid.has(evaluation.holder)) continue;
    if (verifyEvaluation(primitives, key, blinding.blinded, evaluation).ok)
      valid.set(evaluation.holder, evaluation.evaluated);
    else wrong.push(evaluation.holder);
  }
  if (valid.size < key.threshold) return refuse('crypto-oprf.too-few', { valid: valid.size, threshold: key.threshold });
  const handle = finalize(primitives, blinding, interpolate(primitives, valid));
  return handle === undefined ? refuse('crypto-oprf.invalid-point') : ok({ handle, wrong });
}

/** Σ λᵢ · Eᵢ: the evaluation under the joint key, by Lagrange in the exponent. */
export function interpolate(primitives: Primitives, shares: ReadonlyMap<number, PublicKey>): PublicKey | undefined {
  const indices = [...shares.keys()];
  return addPoints(
    primitives,
    [...shares].map(([index, point]) => multiply(primitives, lagrangeAtZero(index, indices), point)),
  );
}

/** Takes the blinding off, and hashes (RFC 9497, section 3.3.1). */
function finalize(primitives: Primitives, { input, blind }: Blinding, evaluated: PublicKey | undefined) {
  if (evaluated === undefined) return undefined;
  const unblinded = primitives.ecdh(invertSecret(blind), evaluated) as PublicKey | undefined;
  return unblinded === undefined ? undefined : finalizeHash(primitives, input, unblinded);
}

export const HANDLE_SALT_BYTES = 32;
const COMMITMENT_TAG = utf8('carechain/handle-commitment/v1\0');

/** What the chain may hold of a handle: SHA-256(tag ‖ salt ‖ handle). With the salt erased it says nothing. */
export function handleCommitment(primitives: Primitives, salt: Uint8Array, handle: Hash): Hash {
  assert(salt.length === HANDLE_SALT_BYTES, 'a fixed salt length keeps salt and handle apart');
  return primitives.hash(concat(COMMITMENT_TAG, salt, handle));
}
