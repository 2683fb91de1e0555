import { toHex } from '../base/bytes.ts';
import { ok } from '../base/result.ts';
import type { Answer } from './route.ts';

const answer = (value: Answer): { readonly ok: true; readonly value: Answer } => ok(value);

export const json = (value: unknown, status = 200) => answer({ kind: 'json', status, value: toJson(value) });

export const bytes = (contentType: string, content: Uint8Array | string) =>
  answer({ kind: 'bytes', contentType, bytes: content });

export const stream = (
  contentType: string,
  content: AsyncIterable<Uint8Array>,
  headers: Readonly<Record<string, string>> = {},
) => answer({ kind: 'stream', contentType, headers, stream: content });

/** A chain value as JSON: bytes become lower-case hexadecimal, everything else stays. */
export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]));
}
