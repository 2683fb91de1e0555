import { concat } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { CryptoCode } from './codes.ts';

/**
 * Padmé (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019, algorithm 1): a
 * length keeps only about log₂ log₂ of its bits, so an observer learns O(log log) bits of it, for at most 12 % more bytes.
 *
 * The pad delimits itself: 0x80, then zeros, as in ISO/IEC 7816-4. The marker counts as content, so that every text has one.
 */
const MARKER = 0x80;

/** The smallest Padmé length that is not below `length`. Both are bytes. */
export function padmeLength(length: number): number {
  const exponent = bitLength(length) - 1;
  const freeBits = exponent - bitLength(exponent);
  if (freeBits <= 0) return length;
  const step = 2 ** freeBits;
  return Math.ceil(length / step) * step;
}

/** What follows a plaintext of `length` bytes: the marker and zeros. */
export function paddingOf(length: number): Uint8Array {
  const padding = new Uint8Array(padmeLength(length + 1) - length);
  padding[0] = MARKER;
  return padding;
}

/** `paddingOf`, in pieces of at most 64 KiB: what follows gigabytes is megabytes itself. */
export const paddingPieces = (length: number): Generator<Uint8Array> => piecesOfRun(padmeLength(length + 1) - length);

export const pad = (plaintext: Uint8Array): Uint8Array => concat(plaintext, paddingOf(plaintext.length));

/** The plaintext of padded bytes. Each plaintext has one padding: too much or too little of it is refused. */
export function unpad(padded: Uint8Array): Result<Uint8Array, CryptoCode> {
  let length = padded.length - 1;
  while (length >= 0 && padded[length] === 0) length--;
  const wellFormed = length >= 0 && padded[length] === MARKER && padmeLength(length + 1) === padded.length;
  return wellFormed ? ok(padded.subarray(0, length)) : refuse('crypto-padding.malformed');
}

/** Removes padding from bytes that arrive in pieces. */
export interface Unpadder {
  /** The bytes that are certainly plaintext, in order. */
  update(piece: Uint8Array): Generator<Uint8Array>;
  /** Refuses where what was held back is not the padding of what was let through. */
  finish(): Result<null, CryptoCode>;
}

/**
 * Holds back only a count: how long the newest run "marker, zeros" is. Any other byte proves that run to be text, and so does
 * a run longer than the padding of what came before it.
 */
export function createUnpadder(): Unpadder {
  let released = 0;
  let held = 0;

  function* update(piece: Uint8Array): Generator<Uint8Array> {
    const zeros = trailingZeros(piece);
    if (zeros === piece.length && held > 0) {
      held += zeros;
      if (released + held > padmeLength(released + 1)) yield* release(new Uint8Array(0), 0);
      return;
    }
    const last = piece.length - zeros - 1;
    if (piece[last] === MARKER) yield* release(piece.subarray(0, last), zeros + 1);
    else yield* release(piece, 0);
  }

  function* release(text: Uint8Array, heldNext: number): Generator<Uint8Array> {
    const run = held;
    released += held + text.length;
    held = heldNext;
    yield* piecesOfRun(run);
    if (text.length > 0) yield text;
  }

  return {
    update,
    finish: () =>
      held > 0 && released + held === padmeLength(released + 1) ? ok(null) : refuse('crypto-padding.malformed'),
  };
}

function trailingZeros(piece: Uint8Array): number {
  let zeros = 0;
  while (zeros < piece.length && piece[piece.length - 1 - zeros] === 0) zeros++;
  return zeros;
}

const PIECE_BYTES = 65_536;

/** "marker, zeros" of a length, in pieces. */
function* piecesOfRun(length: number): Generator<Uint8Array> {
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, length - at));
    if (at === 0) piece[0] = MARKER;
    yield piece;
  }
}

/** Bits needed to write `n`: ⌊log₂ n⌋ + 1, exact for every safe integer. */
const bitLength = (n: number): number => n.toString(2).length;
