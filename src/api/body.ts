import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Hash } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type Json, parseJson } from '../vm/index.ts';
import { refusal } from './errors.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const EMPTY_HASH = createHash('sha256').digest();

export const isEmptyDigest = (hash: Hash): boolean => equal(hash, EMPTY_HASH);
export const hasDigest = (body: Uint8Array, hash: Hash): boolean =>
  equal(createHash('sha256').update(body).digest(), hash);

/**
 * JSON from outside (FACTS: repeated keys and `__proto__` refused, depth ≤ 32, integers exact or refused), as null-prototype
 * maps and safe integers.
 */
export function readJson(body: Uint8Array): Result<unknown> {
  let text: string;
  try {
    text = UTF8.decode(body);
  } catch {
    return refuse('api-body.not-utf8');
  }
  const json = parseJson(text);
  if (!json.ok) return json;
  const plain = toPlain(json.value);
  return plain === undefined ? refuse('api-body.invalid', { rule: 'integers below 2^53' }) : ok(plain);
}

function toPlain(json: Json): unknown {
  if (typeof json === 'bigint') return Number.isSafeInteger(Number(json)) ? Number(json) : undefined;
  if (json === null || typeof json !== 'object') return json;
  if (json instanceof Map) {
    const fields = Object.create(null) as Record<string, unknown>;
    for (const [name, value] of json) {
      const plain = toPlain(value);
      if (plain === undefined) return undefined;
      fields[name] = plain;
    }
    return fields;
  }
  const items = (json as readonly Json[]).map(toPlain);
  return items.includes(undefined) ? undefined : items;
}

export interface UploadTerms {
  readonly bytesMax: number;
  /** It may last so long, and a second more for each `paceBytes` that have come. */
  readonly graceMs: number;
  readonly paceBytes: number;
  readonly checkMs: number;
}

/**
 * An upload as it streams by: no longer and no slower than it may be, and at its end with the digest that was signed. What reads
 * it sees an error instead of the end, and keeps nothing.
 */
export async function* checkedStream(
  content: Readable,
  expected: Hash,
  { bytesMax, graceMs, paceBytes, checkMs }: UploadTerms,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  const startedAtMs = performance.now();
  let bytes = 0;
  const pace = setInterval(() => {
    const allowedMs = graceMs + (bytes * 1_000) / paceBytes;
    if (performance.now() - startedAtMs > allowedMs) content.destroy(refusal('api-request.timeout'));
  }, checkMs);
  try {
    for await (const chunk of content as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw refusal('api-body.too-large', { bytesMax });
      hash.update(chunk);
      yield chunk;
    }
  } finally {
    clearInterval(pace);
  }
  if (!equal(hash.digest(), expected)) throw refusal('api-body.digest-mismatch');
}
