import { assert } from '../base/assert.ts';
import type { Hash, Height } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { type GrantRow, grants, type RecordRow, records } from '../ledger/state/tables.ts';
import type { ChainStore } from '../storage/chain-store.ts';
import type { EnvelopeStore } from '../storage/envelope-store.ts';
import { Serial } from '../storage/serial.ts';
import type { NodeCode } from './codes.ts';
import { NODE_LIMITS } from './limits.ts';

export interface KeptFragment {
  readonly recordId: Uint8Array;
  readonly fragmentId: Hash;
  /** Null once its record is covered no more. Its id stays while others of the grant do: the grant on chain binds all ids together. */
  readonly fragment: Uint8Array | null;
}

/** Who left fragments here, and how many grants of theirs may wait for their block: junk of one never shuts the others out. */
export interface Asker {
  readonly name: string;
  readonly pendingGrantsMax: number;
}

type Covers = (grantId: Uint8Array, recordId: Uint8Array) => Promise<boolean>;

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
  /** Grants that no block holds yet, by id in hex: the height at which their fragments were stored, and who asked. */
  readonly #pending = new Map<string, { readonly height: Height; readonly name: string }>();
  /** A grant's fragments are read, decided on, then written. */
  readonly #steps = new Serial();

  constructor(store: EnvelopeStore, chain: ChainStore, state: StateReader) {
    this.#store = store;
    this.#chain = chain;
    this.#state = state;
  }

  /**
   * Keeps the fragments of one grant. Only the very same may come again, as after an answer that was lost: another set under the same id would
   * break the hash under which the chain names them, and which this hospital has signed.
   */
  keep(
    grantId: Uint8Array,
    fragments: readonly KeptFragment[],
    height: Height,
    asker: Asker,
  ): Promise<Result<null, NodeCode>> {
    return this.#steps.run(async () => {
      const held = new Map((await this.ofGrant(grantId)).map((each) => [toHex(each.recordId), each.fragmentId]));
      if (held.size > 0) {
        const same = fragments.filter(({ recordId, fragmentId: id }) => equal(held.get(toHex(recordId)) ?? NONE, id));
        return same.length === fragments.length && same.length === held.size
          ? ok(null)
          : refuse('duty.fragment-exists');
      }
      const asked = [...this.#pending.values()].filter(({ name }) => name === asker.name);
      if (asked.length >= asker.pendingGrantsMax || this.#pending.size >= NODE_LIMITS.pendingGrantsMax)
        return refuse('duty.busy');
      this.#pending.set(toHex(grantId), { height, name: asker.name });
      await this.#put(grantId, fragments, height);
      return ok(null);
    });
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
    const record = this.#liveRecord(recordId);
    if (record === undefined) return undefined;
    const ending = `:${toHex(record.category)}`;
    for await (const [key, row] of this.#grantsOf(toHex(record.owner)))
      if (key.endsWith(ending) && equal(row.grantId, grantId)) return row;
    return undefined;
  }

  /** A block is final: what its revocations and replaced grants leave without a grant is erased. */
  async committed(changes: ReadonlyMap<string, Uint8Array | null>, height: Height): Promise<void> {
    const covers = this.#coverage();
    const unread = new Set<string>();
    for (const key of changes.keys()) {
      if (!key.startsWith(GRANT_PREFIX)) continue;
      const [patient = '', grantKey = ''] = key.slice(GRANT_PREFIX.length).split('/');
      const now = grants.get(this.#state, patient, grantKey);
      if (now !== undefined) this.#pending.delete(toHex(now.grantId));
      const earlier = this.#chain.stateValueAt(key, (height - 1) as Height);
      if (!earlier.ok) {
        unread.add(patient);
        continue;
      }
      const before = grants.get({ get: () => earlier.value }, patient, grantKey);
      if (before !== undefined && (now === undefined || !equal(before.grantId, now.grantId)))
        await this.#eraseUncovered(before.grantId, covers);
    }
    // The state that the block changed is pruned: which grants it ended is found by what stands.
    if (unread.size > 0) await this.sweep(unread);
  }

  /** Erases the fragments of grants that no block came to hold. `expiryHeights`: how long they may wait at most. */
  async expire(height: Height, expiryHeights: number): Promise<void> {
    const waitHeights = Math.min(expiryHeights, NODE_LIMITS.pendingGrantHeightsMax);
    const covers = this.#coverage();
    for (const [key, pending] of this.#pending) {
      if (pending.height + waitHeights >= height) continue;
      this.#pending.delete(key);
      await this.#eraseUncovered(fromHex(key) as Hash, covers);
    }
  }

  /** Finds the fragments of these patients (of all, after a start) that no grant covers, as a crash between a final block and its erasures leaves. */
  async sweep(patients?: ReadonlySet<string>): Promise<void> {
    const covers = this.#coverage();
    for await (const { grantId, recordId, fragment } of this.#store.allFragments()) {
      const row = readRow(fragment);
      const owner = toHex(records.get(this.#state, toHex(recordId))?.owner ?? NONE);
      if (row?.fragment === null || (patients !== undefined && !patients.has(owner))) continue;
      const key = toHex(grantId);
      if (this.#pending.has(key) || (await covers(grantId, recordId))) continue;
      // Revoked, or not granted yet: both wait for `expire`.
      this.#pending.set(key, { height: row?.height ?? (0 as Height), name: `patient:${owner}` });
    }
  }

  #eraseUncovered(grantId: Uint8Array, covers: Covers): Promise<void> {
    return this.#steps.run(async () => {
      const held = await this.ofGrant(grantId);
      const uncovered: KeptFragment[] = [];
      for (const each of held) if (!(await covers(grantId, each.recordId))) uncovered.push(each);
      if (uncovered.length === held.length) {
        if (held.length > 0) await this.#store.eraseGrant(grantId);
        return;
      }
      const erased = uncovered.filter(({ fragment }) => fragment !== null).map((each) => ({ ...each, fragment: null }));
      if (erased.length > 0) await this.#put(grantId, erased, 0 as Height);
    });
  }

  async #put(grantId: Uint8Array, fragments: readonly KeptFragment[], height: Height): Promise<void> {
    const stored = await this.#store.putFragments(
      fragments.map(({ recordId, fragmentId, fragment }) => ({
        grantId,
        recordId,
        fragment: encode({ height, fragmentId, fragment }),
      })),
    );
    assert(stored.ok, 'a verified fragment does not fit its row');
  }

  /** What stands for a patient is read once while questions are about the same one: fragments come grant by grant. */
  #coverage(): Covers {
    let patient = '';
    let standing: ReadonlySet<string> = new Set();
    return async (grantId, recordId) => {
      const record = this.#liveRecord(recordId);
      if (record === undefined) return false;
      if (toHex(record.owner) !== patient) {
        patient = toHex(record.owner);
        standing = await this.#standingOf(patient);
      }
      return standing.has(`${toHex(grantId)}:${toHex(record.category)}`);
    };
  }

  async #standingOf(patient: string): Promise<ReadonlySet<string>> {
    const standing = new Set<string>();
    for await (const [key, row] of this.#grantsOf(patient))
      standing.add(`${toHex(row.grantId)}:${key.slice(key.lastIndexOf(':') + 1)}`);
    return standing;
  }

  async *#grantsOf(patient: string): AsyncGenerator<readonly [key: string, row: GrantRow]> {
    const prefix = `${GRANT_PREFIX}${patient}/`;
    for (let after: string | null = null; ; ) {
      const keys: readonly string[] = await this.#chain.stateKeys(prefix, after, NODE_LIMITS.scanPageKeys);
      for (const key of keys) {
        const row = grants.get(this.#state, patient, key.slice(prefix.length));
        if (row !== undefined) yield [key, row];
      }
      after = keys.at(-1) ?? null;
      if (after === null) return;
    }
  }

  #liveRecord(recordId: Uint8Array): RecordRow | undefined {
    const record = records.get(this.#state, toHex(recordId));
    return record?.status === 'live' ? record : undefined;
  }
}

function readRow(bytes: Uint8Array): shape.Shaped<typeof rowShape> | undefined {
  const value = decode(bytes, ROW_BYTES_MAX);
  const row = value.ok ? rowShape(value.value, '') : value;
  return row.ok ? row.value : undefined;
}
