import type { Hash, SecretKey } from '../../../src/base/brand.ts';
import { concat } from '../../../src/base/bytes.ts';
import type { HandleKey } from '../../../src/crypto/oprf/handle.ts';
import {
  type Deal,
  deal,
  dealEntropyBytes,
  handleKeyOf,
  joinKey,
  type KeyTerms,
} from '../../../src/crypto/oprf/key-generation.ts';
import { nativePrimitives } from '../../../src/node/primitives.ts';
import { bytesFrom } from '../support/vectors.ts';

export const primitives = nativePrimitives();

export const termsOf = (threshold: number, holders: number): KeyTerms => ({
  ceremony: bytesFrom('ceremony', 32) as Hash,
  holders,
  threshold,
});

export const entropyOf = (label: string, bytes: number): Uint8Array =>
  concat(...Array.from({ length: Math.ceil(bytes / 48) }, (_, i) => bytesFrom(`${label} ${i}`, 48))).slice(0, bytes);

export interface Ceremony {
  readonly terms: KeyTerms;
  readonly deals: readonly Deal[];
  readonly key: HandleKey;
  /** The share of holder i at i − 1. */
  readonly shares: readonly SecretKey[];
}

/** All hospitals are honest. */
export function ceremony(threshold: number, holders: number, label = 'dealer'): Ceremony {
  const terms = termsOf(threshold, holders);
  const dealings = Array.from({ length: holders }, (_, i) =>
    deal(primitives, terms, i + 1, entropyOf(`${label} ${i + 1}`, dealEntropyBytes(terms))),
  );
  const deals = dealings.map((dealing) => dealing.deal);
  const key = value(handleKeyOf(primitives, terms, deals));
  const shares = Array.from({ length: holders }, (_, i) =>
    value(
      joinKey(
        primitives,
        key,
        i + 1,
        dealings.map((dealing) => dealing.shares[i] as SecretKey),
      ),
    ),
  );
  return { terms, deals, key, shares };
}

export function value<T>(result: { ok: true; value: T } | { ok: false; rejection: { code: string } }): T {
  if (!result.ok) throw new Error(`refused: ${result.rejection.code}`);
  return result.value;
}
