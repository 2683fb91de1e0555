import type { Address, Hash, PublicKey, Signature } from '../base/brand.ts';
import { fromHex } from '../base/bytes.ts';
import type { Shape, Shaped } from '../base/shape.ts';
import * as shape from '../base/shape.ts';
import { ClientError } from './errors.ts';

/** Shapes of JSON answers: as the chain's own, with bytes in lower-case hexadecimal. */
export const hex =
  <T extends Uint8Array = Uint8Array>(min: number, max: number = min): Shape<T> =>
  (value, path) => {
    const text = shape.text(2 * max)(value, path);
    return (text.ok ? shape.bytes(min, max)(fromHex(text.value), path) : text) as ReturnType<Shape<T>>;
  };

export const hash = hex<Hash>(32);
export const address = hex<Address>(20);
export const publicKey = hex<PublicKey>(33);
export const signature = hex<Signature>(65);

/** A map with at least these fields. A newer hospital may send more: what this device does not know, it does not read. */
export function fields<F extends Record<string, Shape<unknown>>>(
  wanted: F,
): Shape<{ readonly [K in keyof F]: Shaped<F[K]> }> {
  const exact = shape.struct(wanted);
  return (value, path) => {
    const map = shape.anyMap(value, path);
    if (!map.ok) return map;
    const known = Object.keys(wanted).filter((name) => Object.hasOwn(map.value, name));
    return exact(Object.fromEntries(known.map((name) => [name, map.value[name]])), path);
  };
}

/** One page of a list. */
export const pageOf = <T>(item: Shape<T>, itemsMax: number) =>
  fields({ items: shape.list(item, itemsMax), next: shape.nullable(shape.text(512)) });

/** The value of an answer, or the error that the hospital's software does not keep its word. */
export function readJson<T>(bytes: Uint8Array, as: Shape<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ClientError('client-http.malformed-answer', error);
  }
  const read = as(value, '');
  if (!read.ok) throw new ClientError('client-http.malformed-answer', JSON.stringify(read.rejection));
  return read.value;
}
