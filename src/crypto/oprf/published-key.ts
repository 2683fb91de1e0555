import type { PublicKey } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { Primitives } from '../../base/primitives.ts';
import * as shape from '../../base/shape.ts';
import { CRYPTO_LIMITS } from '../limits.ts';
import { type HandleKey, interpolate } from './handle.ts';

/** The joint key as a genesis file publishes it. */
export const handleKeyShape: shape.Shape<HandleKey> = shape.struct({
  threshold: shape.uint(CRYPTO_LIMITS.handleHoldersMax),
  jointKey: shape.publicKey,
  shareKeys: shape.list(shape.publicKey, CRYPTO_LIMITS.handleHoldersMax, 1),
});

/**
 * Whether any t of the share keys make the joint key, as they do where all are values of one polynomial of degree t − 1: else two askers who
 * meet different holders would get two handles for one person. The first t − 1 and the joint key determine it; each other must be on it.
 */
export function isOneKey(primitives: Primitives, { threshold, jointKey, shareKeys }: HandleKey): boolean {
  if (threshold < 1 || threshold > shareKeys.length || primitives.addPoints([jointKey, ...shareKeys]) === undefined)
    return false;
  const first = shareKeys.slice(0, threshold - 1).map((key, i) => [i + 1, key] as const);
  return shareKeys.slice(threshold - 1).every((key, i) => {
    const joint = interpolate(primitives, new Map<number, PublicKey>([...first, [threshold + i, key]]));
    return joint !== undefined && equal(joint, jointKey);
  });
}
