import { assert } from '../base/assert.ts';
import { concat, equalSecret, utf8 } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { createChunker } from './chunker.ts';
import type { CryptoCode } from './codes.ts';
import { hkdfExpandSha512 } from './hkdf.ts';
import { CRYPTO_LIMITS } from './limits.ts';

/*
 * Cobblestone-256: C2SP chunked-encryption (https://c2sp.org/chunked-encryption, version 1) with SHA-512 and AES-256-GCM.
 *
 *   message = salt (24) ‖ commitment (32) ‖ chunk 0 ‖ … ‖ last chunk
 *   key (32) ‖ base nonce (12) ‖ commitment (32) = HKDF-Expand-SHA-512(input key,
 *       "c2sp.org/chunked-encryption@v1+" ‖ "AEAD_AES_256_GCM" ‖ 0x00 ‖ salt ‖ context)
 *   chunk i = AES-256-GCM(key, base nonce XOR i, plaintext of 16 KiB), nothing associated; the last one is always shorter.
 *
 * The short last chunk is the end marker: a message that stops at a chunk boundary is truncated. Chunk numbers in nonces make
 * swapped, repeated and dropped chunks fail. The commitment, checked first, makes "this key opens it" have one answer, which
 * AES-GCM alone does not promise.
 */
export const CHUNK_BYTES = 16_384;
export const SALT_BYTES = 24;
const COMMITMENT_BYTES = 32;
const HEADER_BYTES = SALT_BYTES + COMMITMENT_BYTES;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const LABEL = utf8('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0');

/** Bytes of the message of so many bytes of plaintext. */
export const sealedLengthOf = (plaintextBytes: number): number =>
  HEADER_BYTES + plaintextBytes + TAG_BYTES * (Math.floor(plaintextBytes / CHUNK_BYTES) + 1);

export interface SealerOptions {
  /** 32 uniformly random bytes. */
  readonly key: Uint8Array;
  /** 24 bytes, random: never twice under one key. */
  readonly salt: Uint8Array;
  /** What the message is; whoever opens it must name the same. */
  readonly context: Uint8Array;
}

export interface OpenerOptions {
  readonly key: Uint8Array;
  readonly context: Uint8Array;
  /** Chunks after which the message is refused as too large. */
  readonly chunksMax?: number;
}

/** One message's encryption. What `update` (or `parts`) and `finish` return, joined, is the message. */
export interface Sealer {
  update(plaintext: Uint8Array): Uint8Array;
  /** What `update` returns, not joined: a fast cipher takes hardly longer for a chunk than a copy of it does. */
  parts(plaintext: Uint8Array): readonly Uint8Array[];
  finish(): Uint8Array;
}

/** One message's decryption. It releases authenticated plaintext only, and repeats its first refusal for ever. */
export interface Opener {
  update(ciphertext: Uint8Array): Result<Uint8Array, CryptoCode>;
  /** Without its success the message may have been cut: what came before is a prefix, not the message. */
  finish(): Result<Uint8Array, CryptoCode>;
}

export function createSealer(primitives: Primitives, options: SealerOptions): Sealer {
  const keys = deriveKeys(options.key, options.salt, options.context);
  const chunker = createChunker(CHUNK_BYTES);
  let header = concat(options.salt, keys.commitment);
  const nextNonce = createNonces(keys.baseNonce);
  let finished = false;

  const takeHeader = (): Uint8Array => {
    const bytes = header;
    header = new Uint8Array(0);
    return bytes;
  };
  const parts = (plaintext: Uint8Array): readonly Uint8Array[] => {
    assert(!finished, 'a sealer makes one message');
    const sealed = [takeHeader()];
    chunker.push(plaintext, (chunk) => {
      const [ciphertext, tag] = primitives.sealDetached(keys.key, nextNonce(), chunk);
      sealed.push(ciphertext, tag);
    });
    return sealed;
  };

  return {
    parts,
    update: (plaintext) => concat(...parts(plaintext)),
    finish() {
      assert(!finished, 'a sealer makes one message');
      finished = true;
      return concat(takeHeader(), primitives.seal(keys.key, nextNonce(), chunker.rest()));
    },
  };
}

export function createOpener(primitives: Primitives, options: OpenerOptions): Opener {
  const chunksMax = options.chunksMax ?? CRYPTO_LIMITS.recordChunksMax;
  const header = new Uint8Array(HEADER_BYTES);
  const chunker = createChunker(CHUNK_BYTES + TAG_BYTES);
  let headerFilled = 0;
  let keys: MessageKeys | undefined;
  let nextNonce: () => Uint8Array;
  let chunks = 0;
  let refusal: Result<never, CryptoCode> | undefined;

  const fail = (code: CryptoCode): Result<never, CryptoCode> => {
    refusal ??= refuse(code);
    return refusal;
  };

  /** The bytes after the header, once the header is whole and its commitment holds. */
  function readHeader(bytes: Uint8Array): Uint8Array {
    const taken = Math.min(HEADER_BYTES - headerFilled, bytes.length);
    header.set(bytes.subarray(0, taken), headerFilled);
    headerFilled += taken;
    if (headerFilled === HEADER_BYTES && keys === undefined) {
      keys = deriveKeys(options.key, header.subarray(0, SALT_BYTES), options.context);
      nextNonce = createNonces(keys.baseNonce);
      if (!equalSecret(keys.commitment, header.subarray(SALT_BYTES))) fail('crypto-record.commitment-mismatch');
    }
    return bytes.subarray(taken);
  }

  function openNext({ key }: MessageKeys, chunk: Uint8Array, code: CryptoCode): Uint8Array {
    if (chunks++ >= chunksMax) fail('crypto-record.too-large');
    if (refusal !== undefined) return new Uint8Array(0);
    const plaintext = primitives.open(key, nextNonce(), chunk);
    if (plaintext === undefined) fail(code);
    return plaintext ?? new Uint8Array(0);
  }

  return {
    update(ciphertext) {
      if (refusal !== undefined) return refusal;
      const body = readHeader(ciphertext);
      const known = keys;
      if (known === undefined || refusal !== undefined) return refusal ?? ok(new Uint8Array(0));
      const opened: Uint8Array[] = [];
      chunker.push(body, (chunk) => opened.push(openNext(known, chunk, 'crypto-record.chunk-invalid')));
      return refusal ?? ok(concat(...opened));
    },
    finish() {
      if (refusal !== undefined) return refusal;
      const last = chunker.rest();
      if (keys === undefined || last.length < TAG_BYTES) return fail('crypto-record.truncated');
      const plaintext = openNext(keys, last, 'crypto-record.final-chunk-invalid');
      if (refusal !== undefined) return refusal;
      refusal = refuse('crypto-record.finished');
      return ok(plaintext);
    },
  };
}

interface MessageKeys {
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
  readonly commitment: Uint8Array;
}

function deriveKeys(key: Uint8Array, salt: Uint8Array, context: Uint8Array): MessageKeys {
  assert(key.length === KEY_BYTES, 'a Cobblestone-256 key is 32 bytes');
  assert(salt.length === SALT_BYTES, 'a Cobblestone-256 salt is 24 bytes');
  const output = hkdfExpandSha512(key, concat(LABEL, salt, context), KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES);
  return {
    key: output.subarray(0, KEY_BYTES),
    baseNonce: output.subarray(KEY_BYTES, KEY_BYTES + NONCE_BYTES),
    commitment: output.subarray(KEY_BYTES + NONCE_BYTES),
  };
}

/** Makes the nonces base XOR 0, base XOR 1, …, the index as a big-endian integer as wide as the nonce. Each is written over the one before. */
function createNonces(base: Uint8Array): () => Uint8Array {
  const nonce = base.slice();
  let index = 0;
  return () => {
    assert(index < CRYPTO_LIMITS.recordChunksMax, 'a message has at most 2^38 chunks');
    // 2³⁸ needs more than the 32 bits of `>>>`.
    const high = Math.floor(index / 2 ** 32);
    for (let at = NONCE_BYTES - 5; at < NONCE_BYTES; at++) {
      const shift = 8 * (NONCE_BYTES - 1 - at);
      nonce[at] = (base[at] as number) ^ ((shift === 32 ? high : index >>> shift) & 255);
    }
    index++;
    return nonce;
  };
}
