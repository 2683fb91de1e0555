import { assert } from '../base/assert.ts';
import type { Address, Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { allocate, concat, copyOf, equal, utf8 } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { CryptoCode } from './codes.ts';
import { BOX_KEYS_BYTES, BOX_OVERHEAD_BYTES, openCommitted, sealCommitted } from './committed-box.ts';
import { hkdfSha256 } from './hkdf.ts';
import { SCALAR_ENTROPY_BYTES } from './keys.ts';
import { type BoxLabel, openBox, sealBox } from './sealed-box.ts';

/*
 * Why somebody broke the glass, for the patient and those who review it. The words are sealed once under a fresh key, and the key in one
 * box for each reader, so that a word more costs no reader more. Always of one length: a short reason is not told from a long one.
 *
 *   sealed = { text } in canonical bytes, behind their length (2 bytes), filled up with zeros, under HKDF(key, info = tag ‖ name)
 *   box    = key, to one reader's key (`sealed-box.ts`)
 */
const KEY_BYTES = 32;
const LENGTH_BYTES = 2;
const PADDED_BYTES = 512;
/** Canonical bytes of the map around a text. */
const MAP_BYTES = 9;
/** A reason in UTF-8. */
export const REASON_BYTES_MAX = PADDED_BYTES - LENGTH_BYTES - MAP_BYTES;
export const SEALED_REASON_BYTES = PADDED_BYTES + BOX_OVERHEAD_BYTES;
export const REASON_BOX_BYTES = KEY_BYTES + BOX_OVERHEAD_BYTES;
/** The patient, and as many who may review. */
export const REASON_READERS_MAX = 9;
/** Randomness that one reader's box takes, and what comes before it for the key. */
export const reasonEntropyBytes = (readers: number): number => KEY_BYTES + readers * SCALAR_ENTROPY_BYTES;

/** Which break of the glass a reason is for: it is none for another. */
export interface ReasonName {
  readonly chainId: Hash;
  readonly record: Uint8Array;
  readonly owner: Address;
  /** Who breaks it. */
  readonly reader: Address;
}

export interface SealedReason {
  readonly sealed: Uint8Array;
  readonly boxes: readonly { readonly to: Address; readonly capsule: PublicKey; readonly sealed: Uint8Array }[];
}

/** As it stands in a transaction. */
export const sealedReasonShape: shape.Shape<SealedReason> = shape.struct({
  sealed: shape.bytes(SEALED_REASON_BYTES),
  boxes: shape.list(
    shape.struct({ to: shape.address, capsule: shape.publicKey, sealed: shape.bytes(REASON_BOX_BYTES) }),
    REASON_READERS_MAX,
    1,
  ),
});
const textShape = shape.struct({ text: shape.text(REASON_BYTES_MAX) });

export interface ReasonReader {
  readonly id: Address;
  readonly key: PublicKey;
}

/** `entropy`: `reasonEntropyBytes` of random bytes, never used twice. */
export function sealReason(
  primitives: Primitives,
  name: ReasonName,
  { text, readers, entropy }: { text: string; readers: readonly ReasonReader[]; entropy: Uint8Array },
): Result<SealedReason, CryptoCode> {
  assert(entropy.length === reasonEntropyBytes(readers.length), 'randomness comes in full');
  assert(readers.length <= REASON_READERS_MAX, 'the readers of a reason are bounded');
  if (text.trim() === '' || utf8(text).length > REASON_BYTES_MAX)
    return refuse('crypto-reason.length', { bytesMax: REASON_BYTES_MAX });
  const key = copyOf(entropy, 0, KEY_BYTES);
  const boxes: SealedReason['boxes'][number][] = [];
  for (const [i, reader] of readers.entries()) {
    const from = KEY_BYTES + i * SCALAR_ENTROPY_BYTES;
    const boxEntropy = copyOf(entropy, from, from + SCALAR_ENTROPY_BYTES);
    const box = sealBox(
      primitives,
      { recipient: reader.key, entropy: boxEntropy, label: labelOf(name, reader.id) },
      key,
    );
    if (!box.ok) return box;
    boxes.push({ to: reader.id, ...box.value });
  }
  return ok({ sealed: sealCommitted(primitives, keysOf(name, key), padded(text)), boxes });
}

/** `id`, `secretKey`: of the reader whose box is opened. */
export function openReason(
  primitives: Primitives,
  name: ReasonName,
  { id, secretKey }: { readonly id: Address; readonly secretKey: SecretKey },
  { sealed, boxes }: SealedReason,
): Result<string, CryptoCode> {
  const box = boxes.find(({ to }) => equal(to, id));
  if (box === undefined) return refuse('crypto-reason.not-for-you');
  const key = openBox(primitives, { secretKey, label: labelOf(name, id) }, box);
  if (!key.ok) return key;
  const bytes = openCommitted(primitives, keysOf(name, key.value), sealed);
  return bytes.ok ? unpadded(bytes.value) : bytes;
}

function padded(text: string): Uint8Array {
  const bytes = encode({ text });
  const all = allocate(PADDED_BYTES);
  all.set([bytes.length >> 8, bytes.length & 0xff]);
  all.set(bytes, LENGTH_BYTES);
  return all;
}

function unpadded(bytes: Uint8Array): Result<string, CryptoCode> {
  const length = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (bytes.length !== PADDED_BYTES || length > PADDED_BYTES - LENGTH_BYTES) return refuse('crypto-reason.malformed');
  const rest = bytes.subarray(LENGTH_BYTES + length);
  const value = decode(bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length), PADDED_BYTES);
  const read = value.ok ? textShape(value.value, 'reason') : value;
  return read.ok && rest.every((byte) => byte === 0) ? ok(read.value.text) : refuse('crypto-reason.malformed');
}

const bytesOf = ({ chainId, record, owner, reader }: ReasonName) => ({ chainId, record, owner, reader });

const keysOf = (name: ReasonName, key: Uint8Array): Uint8Array =>
  hkdfSha256(
    key,
    new Uint8Array(0),
    concat(utf8('carechain/break-glass-reason/v1\0'), encode(bytesOf(name))),
    BOX_KEYS_BYTES,
  );

const labelOf = (name: ReasonName, to: Address): BoxLabel => ({
  purpose: 'break-glass-reason',
  context: encode({ ...bytesOf(name), to }),
});
