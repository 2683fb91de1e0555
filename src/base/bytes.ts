const HEX_DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Arguments that one call takes safely: an engine's stack is bounded. */
const CODES_MAX = 1_024;

/** Lower-case hexadecimal, two characters a byte. Made at once: a text that grows by pieces must be joined again before a map finds it. */
export function toHex(bytes: Uint8Array): string {
  if (2 * bytes.length > CODES_MAX) {
    const half = bytes.length >> 1;
    return toHex(bytes.subarray(0, half)) + toHex(bytes.subarray(half));
  }
  const codes = new Array<number>(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    codes[2 * i] = HEX_DIGITS[byte >> 4] as number;
    codes[2 * i + 1] = HEX_DIGITS[byte & 15] as number;
  }
  return String.fromCharCode.apply(null, codes);
}

/** The bytes of an even-length lower-case hexadecimal string, or `undefined` for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** V8 keeps an array of at most so many bytes in its own heap. */
const HEAP_ARRAY_BYTES_MAX = 64;
const SLAB_BYTES = 8_192;
/** Longer arrays would leave too much of a slab unused. */
const SHARED_BYTES_MAX = 1_024;
let slab = new Uint8Array(SLAB_BYTES);
let slabUsed = 0;

/**
 * Zeroed bytes. Above 64 of them V8 asks the system for memory of the array's own, which costs ten to twenty times the array itself; so arrays
 * of moderate length are parts of shared slabs, as Node's own are. Nothing may look at the whole of their `buffer`.
 */
export function allocate(length: number): Uint8Array {
  if (length <= HEAP_ARRAY_BYTES_MAX || length > SHARED_BYTES_MAX) return new Uint8Array(length);
  if (slabUsed + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    slabUsed = 0;
  }
  slabUsed += length;
  return slab.subarray(slabUsed - length, slabUsed);
}

/** A copy that shares no memory with the bytes it is of: `slice` of a Buffer is none. */
export function copyOf(bytes: Uint8Array, from = 0, to = bytes.length): Uint8Array {
  const copy = allocate(to - from);
  copy.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
  return copy;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = allocate(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Equality of public bytes. It stops at the first difference: for secrets use `equalSecret`. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Equality in time that depends on the lengths alone. */
export function equalSecret(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Unsigned lexicographic order: the only order of bytes on this chain. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** UTF-8 of a well-formed string (a lone surrogate becomes U+FFFD, as the WHATWG encoder does). */
export function utf8(text: string): Uint8Array {
  const ascii = allocate(text.length);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x80) return utf8OfAny(text);
    ascii[i] = c;
  }
  return ascii;
}

function utf8OfAny(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    let c = character.codePointAt(0) as number;
    if (c >= 0xd800 && c <= 0xdfff) c = 0xfffd;
    if (c < 0x80) bytes.push(c);
    else if (c < 0x800) bytes.push(0xc0 | (c >> 6), 0x80 | (c & 63));
    else if (c < 0x10000) bytes.push(0xe0 | (c >> 12), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
    else bytes.push(0xf0 | (c >> 18), 0x80 | ((c >> 12) & 63), 0x80 | ((c >> 6) & 63), 0x80 | (c & 63));
  }
  return Uint8Array.from(bytes);
}

/** Eight bytes, big-endian, of a safe non-negative integer: keys that sort as numbers do. */
export function u64be(n: number): Uint8Array {
  const bytes = new Uint8Array(8);
  putU64be(bytes, 0, n);
  return bytes;
}

/** The same into eight zero bytes at a place. */
export function putU64be(bytes: Uint8Array, at: number, n: number): void {
  for (let i = at + 7, rest = n; rest > 0; i--) {
    bytes[i] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
}
