import type { Hash } from '../base/brand.ts';
import { concat } from '../base/bytes.ts';
import { encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { createOpener, createSealer } from './cobblestone.ts';
import type { CryptoCode } from './codes.ts';
import { CRYPTO_LIMITS } from './limits.ts';
import { pad, unpad } from './padme.ts';

/** Which record of which chain a ciphertext is. Opened under another name, it fails before a byte is decrypted. */
export interface RecordName {
  readonly chainId: Hash;
  /** 32 random bytes, chosen by the author's device. */
  readonly recordId: Uint8Array;
  /** 1 for the first registration, one more for each amendment. */
  readonly version: number;
}

/** Cobblestone's context (PRIVACY.md, "A record", 2). */
export const recordContext = ({ chainId, recordId, version }: RecordName): Uint8Array =>
  encode({ chainId, recordId, version });

/** A whole record in memory: padded (Padmé), then encrypted. Larger ones go through `createSealer` and `paddingOf`. */
export function sealRecord(
  primitives: Primitives,
  { key, salt, name }: { readonly key: Uint8Array; readonly salt: Uint8Array; readonly name: RecordName },
  plaintext: Uint8Array,
): Result<Uint8Array, CryptoCode> {
  const bytesMax = CRYPTO_LIMITS.recordAtOnceBytesMax;
  if (plaintext.length > bytesMax) return refuse('crypto-record.too-large', { bytes: plaintext.length, bytesMax });
  const sealer = createSealer(primitives, { key, salt, context: recordContext(name) });
  return ok(concat(sealer.update(pad(plaintext)), sealer.finish()));
}

/** The plaintext of a whole record, or why it is not this record. */
export function openRecord(
  primitives: Primitives,
  { key, name }: { readonly key: Uint8Array; readonly name: RecordName },
  ciphertext: Uint8Array,
): Result<Uint8Array, CryptoCode> {
  // Padding adds at most 12 %, chunk tags 0.1 %.
  const bytesMax = CRYPTO_LIMITS.recordAtOnceBytesMax * 1.25;
  if (ciphertext.length > bytesMax) return refuse('crypto-record.too-large', { bytes: ciphertext.length, bytesMax });
  const opener = createOpener(primitives, { key, context: recordContext(name) });
  const head = opener.update(ciphertext);
  if (!head.ok) return head;
  const tail = opener.finish();
  return tail.ok ? unpad(concat(head.value, tail.value)) : tail;
}
