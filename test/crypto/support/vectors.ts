import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fromHex } from '../../../src/base/bytes.ts';

/** One case of a Wycheproof file; the fields beyond these depend on the file. */
export interface WycheproofCase {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly [field: string]: unknown;
}
export interface WycheproofGroup {
  readonly tests: readonly WycheproofCase[];
  readonly [field: string]: unknown;
}

export const loadVectors = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../vectors/${path}`, import.meta.url), 'utf8'));

export const loadWycheproof = (file: string): readonly WycheproofGroup[] =>
  (loadVectors(`wycheproof/${file}`) as { testGroups: WycheproofGroup[] }).testGroups;

export function wycheproofCase(file: string, tcId: number): { group: WycheproofGroup; test: WycheproofCase } {
  for (const group of loadWycheproof(file))
    for (const test of group.tests) if (test.tcId === tcId) return { group, test };
  throw new Error(`no case ${tcId} in ${file}`);
}

/** The bytes of hexadecimal test data; other text is a mistake in the test. */
export function hex(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? fromHex(text) : undefined;
  if (bytes === undefined) throw new Error(`not hexadecimal: ${String(text)}`);
  return bytes;
}

/** Counts by outcome, to be compared with the whole expected table: a case that nobody looked at shows. */
export function tally(): { add(outcome: string): void; counts(): Record<string, number> } {
  const counts: Record<string, number> = {};
  return {
    add(outcome) {
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    },
    counts: () => counts,
  };
}

/** Bytes that are the same in every run and different for every label. */
export function bytesFrom(label: string, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0, i = 0; at < length; at += 32, i++)
    bytes.set(
      createHash('sha256')
        .update(`${label} ${i}`)
        .digest()
        .subarray(0, length - at),
      at,
    );
  return bytes;
}
