import { assert } from '../base/assert.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { StateReader, Table } from '../ledger/state/table.ts';
import type { ProofsAnswer } from './api.ts';
import type { Device } from './device.ts';
import { CLIENT_LIMITS } from './limits.ts';
import type { Session } from './session.ts';
import { type ChainTrust, verifyHeader, verifyRow } from './trust.ts';

/** A row of the state as a quorum of hospitals signed it; `undefined` where the state provably holds none. */
export async function provenRow<T, Key extends readonly string[]>(
  session: Session,
  table: Table<T, Key>,
  ...key: Key
): Promise<Result<T | undefined>> {
  const rows = await provenRows(session, table, [key]);
  return rows.ok ? ok(rows.value[0]) : rows;
}

/** The same for several rows of one table. */
export async function provenRows<T, Key extends readonly string[]>(
  session: Session,
  table: Table<T, Key>,
  keys: readonly Key[],
): Promise<Result<readonly (T | undefined)[]>> {
  const wanted = keys.map((key) => table.key(...key));
  const state = await provenState(session, wanted);
  return state.ok ? ok(keys.map((key) => table.get(state.value, ...key))) : state;
}

/**
 * Rows of any tables, by their keys: one request, and the state of one height, for each `proofKeysMax` of them. Whoever asks the answer for another
 * key than these has made a mistake: nothing is proven of it.
 */
export async function provenState(
  { api, device, trust, seenHeight }: Session,
  keys: readonly string[],
): Promise<Result<StateReader>> {
  const values = new Map<string, Uint8Array>();
  for (let first = 0; first < keys.length; first += CLIENT_LIMITS.proofKeysMax) {
    const wanted = keys.slice(first, first + CLIENT_LIMITS.proofKeysMax);
    const verified = verifyProofs(device, trust, { keys: wanted, sinceHeight: seenHeight() }, await api.proofs(wanted));
    if (!verified.ok) return verified;
    for (const [key, value] of verified.value) values.set(key, value);
  }
  const asked = new Set(keys);
  return ok({
    get: (key) => {
      assert(asked.has(key), 'only what was asked for is proven');
      return values.get(key);
    },
  });
}

/** Fresh, certified, complete and true: the values of the keys that were asked for. */
export function verifyProofs(
  { primitives, nowMs }: Device,
  trust: ChainTrust,
  { keys: wanted, sinceHeight = 0 }: { readonly keys: readonly string[]; readonly sinceHeight?: number },
  answer: ProofsAnswer,
): Result<ReadonlyMap<string, Uint8Array>> {
  const header = verifyHeader(primitives, trust, answer);
  if (!header.ok) return header;
  // An old header is true as well, and could hide that a key was replaced or a grant revoked.
  const ageMs = nowMs() - header.value.timestampMs;
  const { height } = header.value;
  if (ageMs > CLIENT_LIMITS.proofAgeMaxMs || height < sinceHeight)
    return refuse('client-proof.stale', { ageMs, height, sinceHeight });

  const values = new Map<string, Uint8Array>();
  for (const [index, key] of wanted.entries()) {
    const row = answer.rows[index];
    if (row === undefined || row.key !== key) return refuse('client-proof.malformed');
    const verified = verifyRow(primitives, header.value, row);
    if (!verified.ok) return verified;
    if (row.value !== null) values.set(key, row.value);
  }
  return ok(values);
}
