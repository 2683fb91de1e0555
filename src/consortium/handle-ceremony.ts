import { randomBytes } from 'node:crypto';
import { assert } from '../base/assert.ts';
import type { Hash, SecretKey } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import type { HandleKey } from '../crypto/oprf/handle.ts';
import {
  checkDeal,
  checkDealtShare,
  deal,
  dealEntropyBytes,
  dealHash,
  handleKeyOf,
  joinKey,
  type KeyTerms,
} from '../crypto/oprf/key-generation.ts';

export interface MadeHandleKey {
  readonly key: HandleKey;
  /** Of holder i at i − 1. */
  readonly shares: readonly SecretKey[];
}

/** As many as a grant's holders: t = n − ⌊(n − 1) / 3⌋, so that of four one may be down. */
export const handleThreshold = (holders: number): number => holders - Math.floor((holders - 1) / 3);

/**
 * The handle key of a consortium whose hospitals' keys are all made on this machine: every hospital's part of the ceremony (HA-6 to HA-9), one
 * after another. The joint secret is computed nowhere, yet whoever reads this process's memory reads every share in it (ADR 0028).
 */
export function makeHandleKey(primitives: Primitives, hospitals: number): MadeHandleKey {
  const holders = Math.min(hospitals, CRYPTO_LIMITS.handleHoldersMax);
  const terms: KeyTerms = { ceremony: random(32) as Hash, holders, threshold: handleThreshold(holders) };
  const numbers = Array.from({ length: holders }, (_, i) => i + 1);
  const dealings = numbers.map((dealer) => deal(primitives, terms, dealer, random(dealEntropyBytes(terms))));
  const deals = dealings.map((dealing) => dealing.deal);
  for (const made of deals) sound(checkDeal(primitives, terms, dealHash(primitives, terms, made), made));
  const key = sound(handleKeyOf(primitives, terms, deals));
  const shares = numbers.map((holder) => {
    const dealt = dealings.map(({ shares: of }) => of[holder - 1] as SecretKey);
    for (const [i, share] of dealt.entries())
      sound(checkDealtShare(primitives, deals[i] as (typeof deals)[number], holder, share));
    return sound(joinKey(primitives, key, holder, dealt));
  });
  return { key, shares };
}

const random = (bytes: number): Uint8Array => new Uint8Array(randomBytes(bytes));

function sound<T>(result: Result<T>): T {
  assert(result.ok, 'a ceremony of one process has no cheat in it');
  return result.value;
}
