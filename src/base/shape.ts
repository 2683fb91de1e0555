import type { Address, Hash, Height, PublicKey, Round, Signature, TimestampMs } from './brand.ts';
import type { BaseCode } from './codes.ts';
import { ok, type Result, refuse } from './result.ts';

/** Reads an untrusted value as a `T`, or says at which path it is not one. */
export type Shape<T> = (value: unknown, path: string) => Result<T, BaseCode>;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

const wrongType = (path: string, expected: string) => refuse('shape.wrong-type' as const, { path, expected });

/** A non-negative safe integer, at most `max`. */
export const uint =
  (max: number = Number.MAX_SAFE_INTEGER): Shape<number> =>
  (value, path) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || Object.is(value, -0))
      return wrongType(path, 'integer');
    return value >= 0 && value <= max ? ok(value) : refuse('shape.out-of-range', { path, max });
  };

export const boolean: Shape<boolean> = (value, path) =>
  typeof value === 'boolean' ? ok(value) : wrongType(path, 'boolean');

/** Bytes of a length in [min, max]. */
export const bytes =
  (min: number, max: number = min): Shape<Uint8Array> =>
  (value, path) => {
    if (!(value instanceof Uint8Array)) return wrongType(path, 'bytes');
    return value.length >= min && value.length <= max ? ok(value) : refuse('shape.out-of-range', { path, min, max });
  };

/** A leading byte order mark is lost by decoders: such text has no encoding that reads back. */
const BYTE_ORDER_MARK = '\uFEFF';

/** Text of at most `max` UTF-16 units that matches `pattern`. */
export const text =
  (max: number, pattern?: RegExp): Shape<string> =>
  (value, path) => {
    if (typeof value !== 'string') return wrongType(path, 'text');
    if (value.startsWith(BYTE_ORDER_MARK)) return refuse('shape.out-of-range', { path });
    return value.length <= max && (pattern === undefined || pattern.test(value))
      ? ok(value)
      : refuse('shape.out-of-range', { path, max });
  };

export const oneOf =
  <const T extends string>(...choices: readonly T[]): Shape<T> =>
  (value, path) =>
    choices.includes(value as T) ? ok(value as T) : refuse('shape.out-of-range', { path, choices: choices.join(' ') });

export const list =
  <T>(item: Shape<T>, max: number, min = 0): Shape<readonly T[]> =>
  (value, path) => {
    if (!Array.isArray(value)) return wrongType(path, 'list');
    if (value.length > max || value.length < min) return refuse('shape.out-of-range', { path, min, max });
    const items: T[] = [];
    for (let i = 0; i < value.length; i++) {
      const read = item(value[i], `${path}[${i}]`);
      if (!read.ok) return read;
      items.push(read.value);
    }
    return ok(items);
  };

export const nullable =
  <T>(inner: Shape<T>): Shape<T | null> =>
  (value, path) =>
    value === null ? ok(null) : inner(value, path);

/** A map with exactly these fields: a missing or an unknown one is refused. */
export function struct<F extends Record<string, Shape<unknown>>>(
  fields: F,
): Shape<{ readonly [K in keyof F]: Shaped<F[K]> }> {
  const names = Object.keys(fields);
  return (value, path) => {
    if (!isMap(value)) return wrongType(path, 'map');
    // No prototype, so that no name is there that was not read. V8 keeps what `Object.create(null)` gives as a slow dictionary.
    const result = Object.setPrototypeOf({}, null) as Record<string, unknown>;
    for (const name of names) {
      if (!Object.hasOwn(value, name)) return refuse('shape.missing-field', { path: join(path, name) });
      const read = (fields[name] as Shape<unknown>)(value[name], join(path, name));
      if (!read.ok) return read;
      result[name] = read.value;
    }
    for (const name of Object.keys(value))
      if (!Object.hasOwn(fields, name)) return refuse('shape.unknown-field', { path: join(path, name.slice(0, 64)) });
    return ok(result as { readonly [K in keyof F]: Shaped<F[K]> });
  };
}

/** Any map: the caller reads it with a shape of its own, chosen by another field. */
export const anyMap: Shape<Readonly<Record<string, unknown>>> = (value, path) =>
  isMap(value) ? ok(value) : wrongType(path, 'map');

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

export const hash = bytes(32) as Shape<Hash>;
export const address = bytes(20) as Shape<Address>;
export const publicKey = bytes(33) as Shape<PublicKey>;
export const signature = bytes(65) as Shape<Signature>;
export const heightShape = uint() as Shape<Height>;
export const roundShape = uint() as Shape<Round>;
export const timestampShape = uint() as Shape<TimestampMs>;
