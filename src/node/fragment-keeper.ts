import type { Hash, Height } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { type GrantRow, grants, records } from '../ledger/state/tables.ts';
import type { ChainStore } from '../storage/chain-store.ts';
import type { EnvelopeStore } from '../storage/envelope-store.ts';
import type { NodeCode } from './codes.ts';
import { NODE_LIMITS } from './limits.ts';

export interface KeptFragment {
  readonly recordId: Uint8Array;
  readonly fragmentId: Hash;
  /** Null once its record is covered no more. Its id stays while others of the grant do: the grant on chain binds all ids together. */
  readonly fragment: Uint8Array | null;
}

const rowShape = shape.struct({
  /** The chain's height when it was stored: a fragment whose grant never comes is erased. */
  height: shape.heightShape,
  fragmentId: shape.hash,
  fragment: shape.nullable(shape.bytes(1, CRYPTO_LIMITS.fragmentBytesMax)),
});
const ROW_BYTES_MAX = 2 * CRYPTO_LIMITS.fragmentBytesMax;
const GRANT_PREFIX = 'grant/';
const NONE = new Uint8Array(0);

/**
 * The fragments that this hospital holds. They are kept while their grant stands, and for a while before it does; what stands on chain no
 * more is erased from the disk (PRIVACY.md, "A record", 7).
 */
export class FragmentKeeper {
  readonly #store: EnvelopeStore;
  readonly #chain: ChainStore;
  readonly #state: StateReader;
  /** Grants that no block holds yet, by id in hex, with the height at which their fragments were stored. */
  readonly #pending = new Map<string, Height>();

  constructor(store: EnvelopeStore, chain: ChainStore, state: StateReader) {
    this.#store = store;
    this.#chain = chain;
    this.#state = state;
  }

  /**
   * Keeps the fragments of one grant. Only the same fragments may come again, as after an answer that was lost: others under the same id would
   * replace what a patient issued, or break the hash under which the chain names them.
   */
  async keep(grantId: Uint8Array, fragments: readonly KeptFragment[], height: Height): Promise<Result<null, NodeCode>> {
    const key = toHex(grantId);
    const held = new Map((await this.ofGrant(grantId)).map((each) => [toHex(each.recordId), each.fragmentId] as const));
    if (held.size > 0 || this.#pending.has(key)) {
      const same = fragments.filter(({ recordId, fragmentId }) => equal(held.get(toHex(recordId)) ?? NONE, fragmentId));
      if (same.length < held.size || (same.length < fragments.length && !this.#pending.has(key)))
        return refuse('duty.fragment-exists');
    } else if (this.#pending.size >= NODE_LIMITS.pendingGrantsMax) {
      return refuse('duty.busy');
    } else {
      this.#pending.set(key, height);
    }
    for (const { recordId, fragmentId, fragment } of fragments)
      if (!held.has(toHex(recordId)))
        await this.#store.putFragment(grantId, recordId, encode({ height, fragmentId, fragment }));
    return ok(null);
  }

  /** In byte order of their records: the order in which a grant's `fragmentsHash` names them. */
  async ofGrant(grantId: Uint8Array): Promise<readonly KeptFragment[]> {
    const held = await this.#store.fragmentsOfGrant(grantId);
    return held.flatMap(({ recordId, fragment }) => {
      const row = readRow(fragment);
      return row === undefined ? [] : [{ recordId, fragmentId: row.fragmentId, fragment: row.fragment }];
    });
  }

  /** The grant of this id that covers the record in the newest state. */
  async standing(grantId: Uint8Array, recordId: Uint8Array): Promise<GrantRow | undefined> {
    const record = records.get(this.#state, toHex(recordId));
    if (record === undefined || record.status !== 'live') return undefined;
    const patient = toHex(record.owner);
    const ending = `:${toHex(record.category)}`;
    const prefix = `${GRANT_PREFIX}${patient}/`;
    for (let after: string | null = null; ; ) {
      const keys: readonly string[] = await this.#chain.stateKeys(prefix, after, NODE_LIMITS.scanPageKeys);
      for (const key of keys) {
        const row = key.endsWith(ending) ? grants.get(this.#state, patient, key.slice(prefix.length)) : undefined;
        if (row !== undefined && equal(row.grantId, grantId)) return row;
      }
      after = keys.at(-1) ?? null;
      if (after === null) return undefined;
    }
  }

  /** A block is final: what its revocations and replaced grants leave without a grant is erased. */
  async committed(changes: ReadonlyMap<string, Uint8Array | null>, height: Height): Promise<void> {
    for (const key of changes.keys()) {
      if (!key.startsWith(GRANT_PREFIX)) continue;
      const [patient = '', grantKey = ''] = key.slice(GRANT_PREFIX.length).split('/');
      const now = grants.get(this.#state, patient, grantKey);
      if (now !== undefined) this.#pending.delete(toHex(now.grantId));
      const before = grants.get(this.#before(height), patient, grantKey);
      if (before !== undefined && (now === undefined || !equal(before.grantId, now.grantId)))
        await this.#eraseUncovered(before.grantId);
    }
  }

  /** Erases the fragments of grants that no block came to hold. `expiryHeights`: how long they may wait. */
  async expire(height: Height, expiryHeights: number): Promise<void> {
    for (const [key, storedAt] of this.#pending) {
      if (storedAt + expiryHeights >= height) continue;
      this.#pending.delete(key);
      await this.#eraseUncovered(fromHex(key) as Hash);
    }
  }

  /** After a start: finds what a crash left behind between a final block and its erasures. */
  async sweep(): Promise<void> {
    for await (const { grantId, recordId, fragment } of this.#store.allFragments()) {
      const row = readRow(fragment);
      if (row?.fragment === null || (await this.standing(grantId, recordId)) !== undefined) continue;
      // Revoked, or not granted yet: both wait for `expire`.
      this.#pending.set(toHex(grantId), row?.height ?? (0 as Height));
    }
  }

  async #eraseUncovered(grantId: Uint8Array): Promise<void> {
    const held = await this.ofGrant(grantId);
    const uncovered: KeptFragment[] = [];
    for (const each of held) if ((await this.standing(grantId, each.recordId)) === undefined) uncovered.push(each);
    if (uncovered.length === held.length) {
      if (held.length > 0) await this.#store.eraseGrant(grantId);
      return;
    }
    for (const { recordId, fragmentId, fragment } of uncovered)
      if (fragment !== null)
        await this.#store.putFragment(grantId, recordId, encode({ height: 0, fragmentId, fragment: null }));
  }

  /** The state that the block of `height` changed. */
  #before(height: Height): StateReader {
    return {
      get: (key) => {
        const value = this.#chain.stateValueAt(key, (height - 1) as Height);
        return value.ok ? value.value : undefined;
      },
    };
  }
}

function readRow(bytes: Uint8Array): shape.Shaped<typeof rowShape> | undefined {
  const value = decode(bytes, ROW_BYTES_MAX);
  const row = value.ok ? rowShape(value.value, '') : value;
  return row.ok ? row.value : undefined;
}
