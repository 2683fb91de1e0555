import type { Hash } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../crypto/keys.ts';
import { noblePrimitives } from '../crypto/noble.ts';
import { nativePrimitives } from '../node/primitives.ts';

/** Microseconds of one signature's verification on one core: the yardstick of this machine, at this moment. */
export interface VerifyTimes {
  /** What the hospitals' nodes use; `name` says what that is. */
  readonly node: number;
  readonly noble: number;
  readonly name: string;
}

const SIGNERS = 16;
const WARM_UP_MS = 60;
const MEASURE_MS = 250;

export function measureVerify(): VerifyTimes {
  const native = nativePrimitives();
  return { node: microsecondsOf(native), noble: microsecondsOf(noblePrimitives), name: native.name };
}

function microsecondsOf(primitives: Primitives): number {
  const signed = Array.from({ length: SIGNERS }, (_, i) => {
    const secret = scalarFromUniform(new Uint8Array(SCALAR_ENTROPY_BYTES).fill(i + 1));
    const digest = primitives.hash(Uint8Array.of(i)) as Hash;
    return { digest, signature: primitives.sign(digest, secret), publicKey: primitives.publicKeyOf(secret) };
  });
  const verifyFor = (ms: number): number => {
    const begin = performance.now();
    let done = 0;
    while (performance.now() - begin < ms) {
      const { digest, signature, publicKey } = signed[done % SIGNERS] as (typeof signed)[number];
      if (!primitives.verify(digest, signature, publicKey)) throw new Error('a signature of ours does not verify');
      done++;
    }
    return ((performance.now() - begin) * 1_000) / done;
  };
  verifyFor(WARM_UP_MS);
  return verifyFor(MEASURE_MS);
}
