import type { BaseCode } from './codes.ts';
import { ok, type Result, refuse } from './result.ts';

/**
 * Walks CBOR heads (RFC 8949, section 3) without recursion, before any decoder runs: bounds depth and item count, and refuses
 * what the canonical encoding never holds (indefinite lengths, tags, floats, `undefined`). The library would overflow the
 * stack on 10,000 nested arrays.
 */
export function scanCbor(bytes: Uint8Array, depthMax: number, itemsMax: number): Result<null, BaseCode> {
  const open: number[] = [1];
  let at = 0;
  let items = 0;
  while (open.length > 0) {
    const level = open.length - 1;
    if (open[level] === 0) {
      open.pop();
      continue;
    }
    open[level] = (open[level] as number) - 1;
    if (++items > itemsMax) return refuse('encoding.too-many-items', { itemsMax });
    if (at >= bytes.length) return refuse('encoding.truncated', { offset: at });

    const head = bytes[at] as number;
    const major = head >> 5;
    const length = readArgument(bytes, at, head & 31);
    if (!length.ok) return length;
    at += length.value.headBytes;
    const argument = length.value.argument;

    if (major === 2 || major === 3) {
      if (argument > bytes.length - at) return refuse('encoding.truncated', { offset: at });
      at += argument;
    } else if (major === 4 || major === 5) {
      if (argument > itemsMax) return refuse('encoding.too-many-items', { itemsMax });
      if (open.length > depthMax) return refuse('encoding.too-deep', { depthMax });
      open.push(major === 4 ? argument : 2 * argument);
    } else if (major === 6 || (major === 7 && !isSimple(head))) {
      return refuse('encoding.malformed', { offset: at });
    }
  }
  return at === bytes.length ? ok(null) : refuse('encoding.malformed', { offset: at });
}

/** false, true and null are the only values of major type 7 that we encode. */
const isSimple = (head: number): boolean => head === 0xf4 || head === 0xf5 || head === 0xf6;

function readArgument(
  bytes: Uint8Array,
  at: number,
  info: number,
): Result<{ headBytes: number; argument: number }, BaseCode> {
  if (info < 24) return ok({ headBytes: 1, argument: info });
  if (info > 27) return refuse('encoding.malformed', { offset: at });
  const width = 1 << (info - 24);
  if (at + 1 + width > bytes.length) return refuse('encoding.truncated', { offset: at });
  let argument = 0;
  for (let i = 1; i <= width; i++) argument = argument * 256 + (bytes[at + i] as number);
  return ok({ headBytes: 1 + width, argument });
}
