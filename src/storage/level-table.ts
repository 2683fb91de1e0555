import { maskedCrc32c } from './crc32c.ts';
import { snappyUncompress } from './snappy.ts';
import { readVarint } from './varint.ts';

/* LevelDB's doc/table_format.md: blocks, each with a type and a masked sum behind it; then the footer. */
const FOOTER_BYTES = 48;
const TRAILER_BYTES = 5;
const MAGIC_AT = 40;
const MAGIC = 0xdb4775248b80fb57n;
const SNAPPY = 1;
/** An index names each 4 KiB of a table of 2 MiB, or a single value larger than that. */
const INDEX_BYTES_MAX = 16 * 1_048_576;

interface Handle {
  readonly offset: number;
  readonly size: number;
}

/**
 * Whether every byte of a table is covered by a sum that fits. LevelDB compares none of them unless it is asked to, and our binding
 * cannot ask: a flipped bit in a key would make a row vanish.
 */
export function isTableWhole(table: Uint8Array): boolean {
  const footerAt = table.length - FOOTER_BYTES;
  if (footerAt < 0) return false;
  const footer = table.subarray(footerAt);
  if (new DataView(footer.buffer, footer.byteOffset).getBigUint64(MAGIC_AT, true) !== MAGIC) return false;
  const metaIndex = readHandle(footer, 0);
  const index = metaIndex && readHandle(footer, metaIndex.end);
  if (metaIndex === undefined || index === undefined) return false;

  const handles = [metaIndex.handle, index.handle];
  for (const { handle } of [metaIndex, index]) {
    const named = isBlockWhole(table, handle) ? handlesIn(table, handle) : undefined;
    if (named === undefined) return false;
    handles.push(...named);
  }
  return handles.every((handle) => isBlockWhole(table, handle)) && areSeamless(handles, footerAt);
}

function readHandle(bytes: Uint8Array, at: number): { readonly handle: Handle; readonly end: number } | undefined {
  const offset = readVarint(bytes, at);
  const size = offset && readVarint(bytes, offset.end);
  return offset && size && { handle: { offset: offset.value, size: size.value }, end: size.end };
}

function isBlockWhole(table: Uint8Array, { offset, size }: Handle): boolean {
  const end = offset + size + TRAILER_BYTES;
  if (end > table.length - FOOTER_BYTES) return false;
  const stored = new DataView(table.buffer, table.byteOffset + end - 4).getUint32(0, true);
  return maskedCrc32c(table.subarray(offset, end - 4)) === stored;
}

/** No byte lies between two blocks, where no sum would cover it. */
function areSeamless(handles: readonly Handle[], end: number): boolean {
  let at = 0;
  for (const { offset, size } of [...handles].sort((a, b) => a.offset - b.offset)) {
    if (offset !== at) return false;
    at = offset + size + TRAILER_BYTES;
  }
  return at === end;
}

/** The handles that are the values of an index block. Its sum fits: what is no such block was never one. */
function handlesIn(table: Uint8Array, { offset, size }: Handle): readonly Handle[] | undefined {
  const stored = table.subarray(offset, offset + size);
  const block = table[offset + size] === SNAPPY ? snappyUncompress(stored, INDEX_BYTES_MAX) : stored;
  if (block === undefined || block.length < 4) return undefined;
  const restarts = new DataView(block.buffer, block.byteOffset + block.length - 4).getUint32(0, true);
  const end = block.length - 4 - 4 * restarts;
  const handles: Handle[] = [];
  for (let at = 0; at < end; ) {
    const shared = readVarint(block, at);
    const unshared = shared && readVarint(block, shared.end);
    const value = unshared && readVarint(block, unshared.end);
    if (unshared === undefined || value === undefined) return undefined;
    const valueAt = value.end + unshared.value;
    const read = readHandle(block, valueAt);
    if (read === undefined) return undefined;
    handles.push(read.handle);
    at = valueAt + value.value;
  }
  return handles;
}
