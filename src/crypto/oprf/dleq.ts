import type { PublicKey, SecretKey } from '../../base/brand.ts';
import { concat, equalSecret, utf8 } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import { scalarFromUniform } from '../keys.ts';
import { addPoints, multiply, multiplyBase, negate, readScalar, type Scalar, scalarBytes } from './group.ts';
import { CONTEXT, hashToScalar, prefixed } from './suite.ts';

/** c ‖ s, 32 bytes each. */
export const DLEQ_PROOF_BYTES = 64;

const SEED_DST = concat(utf8('Seed-'), CONTEXT);
const COMPOSITE = utf8('Composite');
const CHALLENGE = utf8('Challenge');
const FIRST_OF_BATCH = Uint8Array.of(0, 0);

/** log_G(key) = log_blinded(evaluated): what the proof says. */
export interface DleqStatement {
  readonly key: PublicKey;
  readonly blinded: PublicKey;
  readonly evaluated: PublicKey;
}

/** RFC 9497, section 2.2.1, for a batch of one. `entropy` is 48 random bytes, never used twice: a repeated one gives the key away. */
export function proveDleq(
  primitives: Primitives,
  { secret, entropy }: { readonly secret: SecretKey; readonly entropy: Uint8Array },
  statement: DleqStatement,
): Uint8Array | undefined {
  const m = multiply(primitives, weightOf(primitives, statement), statement.blinded);
  if (m === undefined) return undefined;
  const z = primitives.ecdh(secret, m) as PublicKey | undefined;
  const nonce = scalarFromUniform(entropy);
  const t2 = primitives.publicKeyOf(nonce);
  const t3 = primitives.ecdh(nonce, m) as PublicKey | undefined;
  if (z === undefined || t3 === undefined) return undefined;
  const challenge = challengeOf(statement.key, m, z, t2, t3);
  const response = primitives.addScalars(nonce, primitives.multiplyScalars(scalarBytes(negate(challenge)), secret));
  return concat(scalarBytes(challenge), response);
}

/** RFC 9497, section 2.2.2. False also for points off the curve and scalars out of range. */
export function verifyDleq(primitives: Primitives, statement: DleqStatement, proof: Uint8Array): boolean {
  if (proof.length !== DLEQ_PROOF_BYTES) return false;
  const challenge = readScalar(proof.subarray(0, 32));
  const response = readScalar(proof.subarray(32));
  if (challenge === undefined || response === undefined) return false;
  const weight = weightOf(primitives, statement);
  const m = multiply(primitives, weight, statement.blinded);
  const z = multiply(primitives, weight, statement.evaluated);
  if (m === undefined || z === undefined) return false;
  const t2 = addPoints(primitives, [
    multiplyBase(primitives, response),
    multiply(primitives, challenge, statement.key),
  ]);
  const t3 = addPoints(primitives, [multiply(primitives, response, m), multiply(primitives, challenge, z)]);
  if (t2 === undefined || t3 === undefined) return false;
  return equalSecret(scalarBytes(challengeOf(statement.key, m, z, t2, t3)), proof.subarray(0, 32));
}

/** d₀ of ComputeComposites: with a batch of one it only binds the statement into the proof, as the RFC's bytes ask. */
function weightOf(primitives: Primitives, { key, blinded, evaluated }: DleqStatement): Scalar {
  const seed = primitives.hash(concat(prefixed(key), prefixed(SEED_DST)));
  return hashToScalar(prefixed(seed), FIRST_OF_BATCH, prefixed(blinded), prefixed(evaluated), COMPOSITE);
}

const challengeOf = (key: PublicKey, m: PublicKey, z: PublicKey, t2: PublicKey, t3: PublicKey): Scalar =>
  hashToScalar(prefixed(key), prefixed(m), prefixed(z), prefixed(t2), prefixed(t3), CHALLENGE);
