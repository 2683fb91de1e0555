import { ok, type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import { VM_LIMITS } from '../limits.ts';
import { isI64 } from '../values/i64.ts';

/** JSON as Cedar uses it: numbers are exact 64-bit integers, objects are maps without repeated keys. */
export type Json = null | boolean | bigint | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

export const isObject = (value: Json): value is JsonObject => value instanceof Map;
export const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?[0-9][0-9.eE+-]*/y;
const INTEGER = /^-?(?:0|[1-9][0-9]{0,18})$/;
/** From quote to quote; what is between, `JSON.parse` judges. */
const STRING = /"(?:[^"\\]|\\.)*"/suy;
const WORDS: readonly (readonly [string, Json])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
];

/** Reads untrusted JSON (RFC 8259). `JSON.parse` would round integers above 2⁵³ and keep the last of two equal keys. */
export function parseJson(text: string, textMax: number = VM_LIMITS.jsonTextMax): Result<Json, VmCode> {
  if (text.length > textMax) return refuse('vm-json.too-large', { textMax });
  const reader = new JsonReader(text);
  const value = reader.value(0);
  if (reader.refusal === undefined && !reader.atEnd()) reader.refuse('vm-json.malformed');
  return reader.refusal === undefined ? ok(value) : refuse(reader.refusal.code, { offset: reader.refusal.offset });
}

/** Remembers its first refusal, and from then on finds nothing more. */
class JsonReader {
  readonly #text: string;
  #at = 0;
  refusal: { readonly code: VmCode; readonly offset: number } | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  refuse(code: VmCode): null {
    this.refusal ??= { code, offset: this.#at };
    this.#at = this.#text.length;
    return null;
  }

  atEnd(): boolean {
    this.#match(SPACE);
    return this.#at >= this.#text.length;
  }

  value(depth: number): Json {
    if (depth > VM_LIMITS.jsonDepthMax) return this.refuse('vm-json.too-deep');
    if (this.#take('{')) return this.#object(depth);
    if (this.#take('[')) return this.#list(depth);
    if (this.#text[this.#at] === '"') return this.#string();
    const number = this.#match(NUMBER);
    if (number !== undefined) return this.#integer(number);
    for (const [word, value] of WORDS) if (this.#take(word)) return value;
    return this.refuse('vm-json.malformed');
  }

  #object(depth: number): Json {
    const object = new Map<string, Json>();
    if (this.#take('}')) return object;
    do {
      this.#match(SPACE);
      const key = this.#string();
      if (key === '__proto__') return this.refuse('vm-json.forbidden-key');
      if (object.has(key)) return this.refuse('vm-json.duplicate-key');
      if (!this.#take(':')) return this.refuse('vm-json.malformed');
      object.set(key, this.value(depth + 1));
    } while (this.#take(','));
    return this.#take('}') ? object : this.refuse('vm-json.malformed');
  }

  #list(depth: number): Json {
    const list: Json[] = [];
    if (this.#take(']')) return list;
    do list.push(this.value(depth + 1));
    while (this.#take(','));
    return this.#take(']') ? list : this.refuse('vm-json.malformed');
  }

  #string(): string {
    const quoted = this.#match(STRING);
    const text = quoted === undefined ? undefined : readString(quoted);
    if (text !== undefined) return text;
    this.refuse('vm-json.malformed');
    return '';
  }

  #integer(number: string): Json {
    const value = INTEGER.test(number) && number !== '-0' ? BigInt(number) : undefined;
    return value !== undefined && isI64(value) ? value : this.refuse('vm-json.not-an-integer');
  }

  #take(token: string): boolean {
    this.#match(SPACE);
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

/** The text of a quoted string: `undefined` for a bad escape, a bare control character or half a surrogate pair. */
function readString(quoted: string): string | undefined {
  try {
    const text = JSON.parse(quoted) as string;
    return /\p{Surrogate}/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
