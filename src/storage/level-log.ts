import { concat } from '../base/bytes.ts';
import { maskedCrc32c } from './crc32c.ts';

/* LevelDB's doc/log_format.md: blocks of 32 KiB; in them records of a header (masked sum, length, type) and their payload. */
const BLOCK_BYTES = 32_768;
const HEADER_BYTES = 7;
const LENGTH_AT = 4;
const TYPE_AT = 6;
const FULL = 1;
const FIRST = 2;
const LAST = 4;

/**
 * Whether a log, or a MANIFEST, is whole up to a tail that a crash may have cut short. LevelDB itself skips every batch that
 * does not match its sum, without a word, and applies those behind it: a flipped bit would leave a chain with a hole.
 *
 * All our batches are synced, one after another. So a crash can tear the last one alone: a record that begins another batch, whole,
 * behind one that is not, shows damage.
 */
export function isLogWhole(log: Uint8Array): boolean {
  let torn = false;
  for (let start = 0; start < log.length; start += BLOCK_BYTES) {
    const block = log.subarray(start, Math.min(start + BLOCK_BYTES, log.length));
    let at = 0;
    while (!torn && at + HEADER_BYTES <= block.length) {
      const end = recordEnd(block, at);
      if (end === undefined) torn = true;
      else at = end;
    }
    if (torn && beginsBatchBehind(block, at)) return false;
  }
  return true;
}

/** The batches of a log, or the edits of a MANIFEST, up to where it is torn. */
export function batchesOf(log: Uint8Array): readonly Uint8Array[] {
  const batches: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  for (let start = 0; start < log.length; start += BLOCK_BYTES) {
    const block = log.subarray(start, Math.min(start + BLOCK_BYTES, log.length));
    for (let at = 0; at + HEADER_BYTES <= block.length; ) {
      const end = recordEnd(block, at);
      if (end === undefined) break;
      const type = block[at + TYPE_AT];
      if (type === FULL || type === FIRST) parts = [];
      parts.push(block.subarray(at + HEADER_BYTES, end));
      if (type === FULL || type === LAST) batches.push(concat(...parts));
      at = end;
    }
  }
  return batches;
}

/** Where the whole record at `at` ends; `undefined` where none stands there. */
function recordEnd(block: Uint8Array, at: number): number | undefined {
  const view = new DataView(block.buffer, block.byteOffset + at, HEADER_BYTES);
  const type = block[at + TYPE_AT] as number;
  const end = at + HEADER_BYTES + view.getUint16(LENGTH_AT, true);
  if (type < FULL || type > LAST || end > block.length) return undefined;
  return maskedCrc32c(block.subarray(at + TYPE_AT, end)) === view.getUint32(0, true) ? end : undefined;
}

/** Looks at every place, since the length that would lead to the next record may be what is damaged. */
function beginsBatchBehind(block: Uint8Array, from: number): boolean {
  for (let at = from; at + HEADER_BYTES <= block.length; at++) {
    const type = block[at + TYPE_AT];
    if ((type === FULL || type === FIRST) && recordEnd(block, at) !== undefined) return true;
  }
  return false;
}
