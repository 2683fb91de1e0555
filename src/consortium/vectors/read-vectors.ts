import { fromHex } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { CRYPTO_LIMITS } from '../../crypto/limits.ts';
import { isList, isObject, type Json, type JsonObject, parseJson } from '../../vm/json/json.ts';
import type { ConsortiumCode } from '../codes.ts';
import { VECTORS_LIMITS } from './limits.ts';

/** One grant, one capsule, and every key of both: a suite of `umbral-pre-0.10.0-e2e.json`. */
export type VectorSuite = Readonly<Record<ByteField, Uint8Array>> &
  Readonly<Record<ListField, readonly Uint8Array[]>> & {
    readonly threshold: number;
    readonly shares: number;
    readonly decrypted_ok: boolean;
  };

const BYTE_FIELDS = [
  'delegating_sk',
  'delegating_pk',
  'signing_sk',
  'verifying_pk',
  'receiving_sk',
  'receiving_pk',
  'plaintext',
  'capsule_simple',
  'capsule_msgpack',
  'ciphertext',
  'shared_point_compressed',
] as const;
const LIST_FIELDS = ['kfrags_msgpack', 'cfrags_simple', 'cfrags_msgpack'] as const;
const COUNT_FIELDS = ['threshold', 'shares'] as const;
type ByteField = (typeof BYTE_FIELDS)[number];
type ListField = (typeof LIST_FIELDS)[number];

const FIELDS: ReadonlySet<string> = new Set([...BYTE_FIELDS, ...LIST_FIELDS, ...COUNT_FIELDS, 'decrypted_ok']);

type Read<T> = Result<T, ConsortiumCode>;
const malformed = (field: string) => refuse('consortium-vectors.malformed' as const, { field });

/**
 * The suites of a file, each read or refused by itself. What stands beside `suites` describes the file; within a suite nothing
 * may stand that would not be checked.
 */
export function readVectors(text: string): Read<readonly Read<VectorSuite>[]> {
  const json = parseJson(text, VECTORS_LIMITS.fileBytesMax);
  if (!json.ok) return refuse('consortium-vectors.malformed', { reason: json.rejection.code });
  const suites = isObject(json.value) ? json.value.get('suites') : undefined;
  if (suites === undefined || !isList(suites) || suites.length === 0) return malformed('suites');
  if (suites.length > VECTORS_LIMITS.suitesMax) return malformed('suites');
  return ok(suites.map(readSuite));
}

function readSuite(json: Json): Read<VectorSuite> {
  if (!isObject(json)) return malformed('suite');
  for (const name of json.keys()) if (!FIELDS.has(name)) return malformed(name.slice(0, NAME_CHARACTERS_SHOWN));
  const suite: Record<string, unknown> = {};
  for (const name of FIELDS) {
    const value = readField(json, name);
    if (value === undefined) return malformed(name);
    suite[name] = value;
  }
  return ok(suite as unknown as VectorSuite);
}

/** A field's unknown name is shown so far in the refusal. */
const NAME_CHARACTERS_SHOWN = 64;

function readField(suite: JsonObject, name: string): unknown {
  const json = suite.get(name);
  if (json === undefined) return undefined;
  if (isOneOf(COUNT_FIELDS, name)) return readCount(json);
  if (isOneOf(LIST_FIELDS, name)) return readList(json);
  if (isOneOf(BYTE_FIELDS, name)) return readBytes(json);
  return typeof json === 'boolean' ? json : undefined;
}

const isOneOf = (names: readonly string[], name: string): boolean => names.includes(name);

const readCount = (json: Json): number | undefined =>
  typeof json === 'bigint' && json >= 1n && json <= CRYPTO_LIMITS.umbralSharesMax ? Number(json) : undefined;

/** Lower-case, as every file of the format has it. */
const readBytes = (json: Json): Uint8Array | undefined => (typeof json === 'string' ? fromHex(json) : undefined);

function readList(json: Json): readonly Uint8Array[] | undefined {
  if (!isList(json) || json.length > CRYPTO_LIMITS.umbralSharesMax) return undefined;
  const list = json.map(readBytes);
  return list.every((bytes) => bytes !== undefined) ? list : undefined;
}
