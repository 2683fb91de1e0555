import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { assert } from '../base/assert.ts';
import type { PublicKey, SecretKey, Signature } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { hasValidForm } from '../crypto/signature-form.ts';

/** The curve's half of `Primitives`. */
export type CurvePrimitives = Pick<
  Primitives,
  | 'verify'
  | 'recover'
  | 'sign'
  | 'publicKeyOf'
  | 'ecdh'
  | 'addPoints'
  | 'multiplyPublic'
  | 'addScalars'
  | 'multiplyScalars'
>;
type Addon = typeof import('secp256k1');

/**
 * libsecp256k1 through the package's prebuilt addon, or `undefined` on a platform without one. The package's main entry would
 * then fall back, in silence, to the slow `elliptic` (FACTS.md): its `bindings` entry throws instead.
 */
export function loadNativeCurve(): CurvePrimitives | undefined {
  let addon: Addon;
  try {
    addon = createRequire(import.meta.url)('secp256k1/bindings') as Addon;
  } catch {
    return undefined;
  }
  // Blinds the multiplications with secret scalars against side channels; no result depends on it.
  addon.contextRandomize(randomBytes(32));
  return curveOf(addon);
}

function curveOf(addon: Addon): CurvePrimitives {
  const recover: CurvePrimitives['recover'] = (digest, signature) => {
    if (digest.length !== 32 || !hasValidForm(signature)) return undefined;
    try {
      return addon.ecdsaRecover(signature.subarray(0, 64), signature[64] as number, digest, true) as PublicKey;
    } catch {
      return undefined;
    }
  };

  return {
    recover,

    verify(digest, signature, publicKey) {
      const signer = recover(digest, signature);
      return signer !== undefined && equal(signer, publicKey);
    },

    sign(digest, secretKey) {
      const { signature: compact, recid } = addon.ecdsaSign(digest, secretKey);
      assert(recid <= 1, 'R.x is below n');
      const signature = new Uint8Array(65);
      signature.set(compact);
      signature[64] = recid;
      return signature as Signature;
    },

    publicKeyOf: (secretKey) => addon.publicKeyCreate(secretKey, true) as PublicKey,

    ecdh(secretKey, publicKey) {
      assertSecretKey(addon, secretKey);
      if (publicKey.length !== 33 || !addon.publicKeyVerify(publicKey)) return undefined;
      // `ecdh` multiplies in constant time, `publicKeyTweakMul` does not; the "hash" hands the point itself through.
      return addon.ecdh(publicKey, secretKey, { hashfn: compressPoint }, new Uint8Array(33));
    },

    ...publicArithmeticOf(addon),
    ...scalarArithmeticOf(addon),
  };
}

/** Sums and products of what everybody knows: variable-time, and faster than `ecdh`. */
function publicArithmeticOf(addon: Addon): Pick<CurvePrimitives, 'addPoints' | 'multiplyPublic'> {
  return {
    addPoints(points) {
      assert(points.length > 0, 'a sum has summands');
      if (points.some((point) => point.length !== 33)) return undefined;
      return pointOrNothing(() => addon.publicKeyCombine(points as Uint8Array[], true));
    },

    multiplyPublic(scalar, point) {
      if (scalar.length !== 32 || point.length !== 33) return undefined;
      return pointOrNothing(() => addon.publicKeyTweakMul(point, scalar, true));
    },
  };
}

/** What libsecp256k1 cannot read, or what comes out at infinity, it answers with an exception. */
function pointOrNothing(compute: () => Uint8Array): PublicKey | undefined {
  try {
    return compute() as PublicKey;
  } catch {
    return undefined;
  }
}

/** libsecp256k1's arithmetic of secret keys is constant-time. It works in place, so on a copy. */
function scalarArithmeticOf(addon: Addon): Pick<CurvePrimitives, 'addScalars' | 'multiplyScalars'> {
  const onCopy = (a: SecretKey, b: SecretKey, change: (a: Uint8Array, b: Uint8Array) => Uint8Array): SecretKey => {
    assertSecretKey(addon, a);
    assertSecretKey(addon, b);
    return change(Uint8Array.from(a), b) as SecretKey;
  };
  return {
    addScalars: (a, b) => onCopy(a, b, addon.privateKeyTweakAdd),
    multiplyScalars: (a, b) => onCopy(a, b, addon.privateKeyTweakMul),
  };
}

function assertSecretKey(addon: Addon, secretKey: SecretKey): void {
  assert(secretKey.length === 32 && addon.privateKeyVerify(secretKey), 'a secret key is a scalar in [1, n)');
}

function compressPoint(x: Uint8Array, y: Uint8Array): Uint8Array {
  const point = new Uint8Array(33);
  point[0] = 2 | ((y[31] as number) & 1);
  point.set(x, 1);
  return point;
}
