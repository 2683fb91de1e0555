import { copyOf } from './bytes.ts';
import { LIMITS } from './limits.ts';
import { byLengthThenBytes, formOf } from './map-forms.ts';

/*
 * Canonical DAG-CBOR of plain values, written and read in one pass: null, booleans, safe integers, ASCII text, bytes, lists, and maps with
 * ASCII keys. That is nearly everything the chain ever encodes. Whatever else turns up is left to the library: `undefined` says so, and never
 * that something is wrong.
 */

const MAJOR = { unsigned: 0x00, negative: 0x20, bytes: 0x40, text: 0x60, list: 0x80, map: 0xa0 } as const;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const ASCII_END = 0x80;

let buffer = new Uint8Array(65_536);
let at = 0;

/** The bytes of `value`, or `undefined` where it is not plain. */
export function encodePlain(value: unknown): Uint8Array | undefined {
  at = 0;
  return write(value, 0) ? copyOf(buffer, 0, at) : undefined;
}

function write(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'number') return writeInteger(value);
  if (value === null || typeof value === 'boolean') {
    reserve(1);
    buffer[at++] = value === null ? NULL : value ? TRUE : FALSE;
    return true;
  }
  if (typeof value !== 'object' || depth > LIMITS.encodingDepthMax) return false;
  if (value instanceof Uint8Array) return writeBytes(value);
  if (Array.isArray(value)) {
    writeHead(MAJOR.list, value.length);
    for (let i = 0; i < value.length; i++) if (!write(value[i], depth + 1)) return false;
    return true;
  }
  return writeMap(value as Record<string, unknown>, depth);
}

function writeInteger(n: number): boolean {
  if (!Number.isSafeInteger(n) || Object.is(n, -0)) return false;
  if (n >= 0) writeHead(MAJOR.unsigned, n);
  else writeHead(MAJOR.negative, -1 - n);
  return true;
}

function writeBytes(bytes: Uint8Array): boolean {
  writeHead(MAJOR.bytes, bytes.length);
  reserve(bytes.length);
  buffer.set(bytes, at);
  at += bytes.length;
  return true;
}

function writeText(text: string): boolean {
  writeHead(MAJOR.text, text.length);
  reserve(text.length);
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= ASCII_END) return false;
    buffer[at++] = c;
  }
  return true;
}

function writeMap(value: Record<string, unknown>, depth: number): boolean {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const form = formOf(Object.keys(value), textAlone);
  if (form === undefined) return false;
  const { sorted, texts } = form;
  writeHead(MAJOR.map, sorted.length);
  for (let i = 0; i < sorted.length; i++) {
    writeFew(texts[i] as Uint8Array);
    if (!write(value[sorted[i] as string], depth + 1)) return false;
  }
  return true;
}

/** So few bytes that `set` would cost more than this. */
function writeFew(bytes: Uint8Array): void {
  reserve(bytes.length);
  for (let i = 0; i < bytes.length; i++) buffer[at++] = bytes[i] as number;
}

/** A text in bytes of its own, in the midst of writing. */
function textAlone(text: string): Uint8Array | undefined {
  const from = at;
  if (!writeText(text)) return undefined;
  const bytes = buffer.slice(from, at);
  at = from;
  return bytes;
}

function writeHead(major: number, n: number): void {
  reserve(9);
  if (n < 24) {
    buffer[at++] = major | n;
  } else if (n < 0x100) {
    buffer[at++] = major | 24;
    buffer[at++] = n;
  } else if (n < 0x10000) {
    buffer[at++] = major | 25;
    buffer[at++] = n >> 8;
    buffer[at++] = n & 0xff;
  } else if (n < 0x1_0000_0000) {
    buffer[at++] = major | 26;
    writeU32(n);
  } else {
    buffer[at++] = major | 27;
    writeU32(Math.floor(n / 0x1_0000_0000));
    writeU32(n % 0x1_0000_0000);
  }
}

function writeU32(n: number): void {
  buffer[at++] = n >>> 24;
  buffer[at++] = (n >>> 16) & 0xff;
  buffer[at++] = (n >>> 8) & 0xff;
  buffer[at++] = n & 0xff;
}

function reserve(bytes: number): void {
  if (at + bytes <= buffer.length) return;
  const larger = new Uint8Array(2 * (at + bytes));
  larger.set(buffer);
  buffer = larger;
}

/** What reading has found so far to be not plain, or not canonical. */
const NOT_PLAIN = Symbol('not plain');

let source: Uint8Array = new Uint8Array(0);
let position = 0;
let items = 0;

/** The value of canonical plain bytes; `undefined` where they are anything else, well formed or not. */
export function decodePlain(bytes: Uint8Array): { readonly value: unknown } | undefined {
  source = bytes;
  position = 0;
  items = 0;
  const value = read(1);
  const whole = position === bytes.length;
  source = EMPTY;
  return value === NOT_PLAIN || !whole ? undefined : { value };
}
const EMPTY = new Uint8Array(0);

function read(depth: number): unknown {
  if (position >= source.length || ++items > LIMITS.encodingItemsMax) return NOT_PLAIN;
  const initial = source[position++] as number;
  switch (initial & 0xe0) {
    case MAJOR.unsigned:
      return orNotPlain(readCount(initial));
    case MAJOR.negative: {
      const n = readCount(initial);
      return n < 0 ? NOT_PLAIN : -1 - n;
    }
    case MAJOR.bytes: {
      const length = readCount(initial);
      if (length < 0 || position + length > source.length) return NOT_PLAIN;
      position += length;
      return copyOf(source, position - length, position);
    }
    case MAJOR.text:
      return readName(readCount(initial));
    case MAJOR.list:
      return readList(readCount(initial), depth);
    case MAJOR.map:
      return readMap(readCount(initial), depth);
    default:
      return initial === NULL ? null : initial === TRUE ? true : initial === FALSE ? false : NOT_PLAIN;
  }
}

const orNotPlain = (n: number): unknown => (n < 0 ? NOT_PLAIN : n);

/** The number of a head in its shortest form, or −1. */
function readCount(initial: number): number {
  const form = initial & 0x1f;
  if (form < 24) return form;
  if (form === 24) return atLeast(readUnsigned(1), 24);
  if (form === 25) return atLeast(readUnsigned(2), 0x100);
  if (form === 26) return atLeast(readUnsigned(4), 0x10000);
  if (form !== 27) return -1;
  const n = atLeast(readUnsigned(8), 0x1_0000_0000);
  return n < Number.MAX_SAFE_INTEGER ? n : -1;
}

const atLeast = (n: number, least: number): number => (n < least ? -1 : n);

function readUnsigned(bytes: number): number {
  if (position + bytes > source.length) return -1;
  let n = 0;
  for (let i = 0; i < bytes; i++) n = n * 0x100 + (source[position++] as number);
  return n;
}

function readText(length: number): unknown {
  if (length < 0 || position + length > source.length) return NOT_PLAIN;
  let text = '';
  for (let i = 0; i < length; i++) {
    const c = source[position++] as number;
    if (c >= ASCII_END) return NOT_PLAIN;
    text += String.fromCharCode(c);
  }
  return text;
}

function readList(length: number, depth: number): unknown {
  if (length < 0 || depth >= LIMITS.encodingDepthMax) return NOT_PLAIN;
  const list: unknown[] = [];
  for (let i = 0; i < length; i++) {
    const value = read(depth + 1);
    if (value === NOT_PLAIN) return NOT_PLAIN;
    list.push(value);
  }
  return list;
}

function readMap(length: number, depth: number): unknown {
  if (length < 0 || depth >= LIMITS.encodingDepthMax) return NOT_PLAIN;
  const map: Record<string, unknown> = {};
  let before: string | null = null;
  for (let i = 0; i < length; i++) {
    const key = readKey();
    if (typeof key !== 'string' || key === '__proto__') return NOT_PLAIN;
    if (before !== null && byLengthThenBytes(before, key) >= 0) return NOT_PLAIN;
    before = key;
    const value = read(depth + 1);
    if (value === NOT_PLAIN) return NOT_PLAIN;
    map[key] = value;
  }
  return map;
}

function readKey(): unknown {
  if (position >= source.length) return NOT_PLAIN;
  items++;
  const initial = source[position++] as number;
  return (initial & 0xe0) === MAJOR.text ? readName(readCount(initial)) : NOT_PLAIN;
}

/** Short texts that were read lately, by length and two of their characters: nearly every key is one of a few hundred field names. */
const NAMES_MAX = 1_024;
const NAME_CHARACTERS_MAX = 32;
const names = new Array<string>(NAMES_MAX).fill('');

function readName(length: number): unknown {
  if (length < 1 || length > NAME_CHARACTERS_MAX || position + length > source.length) return readText(length);
  const last = source[position + length - 1] as number;
  const slot = (length * 37 + (source[position] as number) * 5 + last * 11) % NAMES_MAX;
  const known = names[slot] as string;
  if (known.length === length) {
    let i = 0;
    while (i < length && known.charCodeAt(i) === source[position + i]) i++;
    if (i === length) {
      position += length;
      return known;
    }
  }
  const name = readText(length);
  if (typeof name === 'string') names[slot] = name;
  return name;
}
