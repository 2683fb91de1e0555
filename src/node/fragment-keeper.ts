import { assert } from '../base/assert.ts';
import type { Address, Hash, Height } from '../base/brand.ts';
import { compareBytes, equal, fromHex, toHex } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { type KeyId, keyIdBytes } from '../crypto/envelope.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { type GrantRow, grants, records } from '../ledger/state/tables.ts';
import type { ChainStore } from '../storage/chain-store.ts';
import type { EnvelopeStore } from '../storage/envelope-store.ts';
import { Serial } from '../storage/serial.ts';
import type { NodeCode } from './codes.ts';
import { NODE_LIMITS } from './limits.ts';

export interface KeptFragment {
  /** Of the delegating key whose records it serves (`keyIdBytes`). */
  readonly keyId: Uint8Array;
  readonly fragmentId: Hash;
  /** Null once its key is covered no more. Its id stays while others of the grant do: the grant on chain binds all ids together. */
  readonly fragment: Uint8Array | null;
}

/** Who left fragments here, and how many grants of theirs may wait for their block: junk of one never shuts the others out. */
export interface Asker {
  readonly name: string;
  readonly pendingGrantsMax: number;
}

/** Whose grant it is: its fragments are all of one patient. */
export interface GrantName {
  readonly grantId: Uint8Array;
  readonly patient: Address;
}

type Covers = (grant: GrantName, keyId: Uint8Array) => Promise<boolean>;

const rowShape = shape.struct({
  /** The chain's height when it was stored: a fragment whose grant never comes is erased. */
  height: shape.heightShape,
  patient: shape.address,
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
  readonly #pending = new Map<string, { readonly height: Height; readonly name: string; readonly grant: GrantName }>();
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
    grant: GrantName,
    fragments: readonly KeptFragment[],
    height: Height,
    asker: Asker,
  ): Promise<Result<null, NodeCode>> {
    const { grantId } = grant;
    return this.#steps.run(async () => {
      const held = new Map((await this.ofGrant(grantId)).map((each) => [toHex(each.keyId), each.fragmentId]));
      if (held.size > 0) {
        const same = fragments.filter(({ keyId, fragmentId: id }) => equal(held.get(toHex(keyId)) ?? NONE, id));
        return same.length === fragments.length && same.length === held.size
          ? ok(null)
          : refuse('duty.fragment-exists');
      }
      const asked = [...this.#pending.values()].filter(({ name }) => name === asker.name);
      if (asked.length >= asker.pendingGrantsMax || this.#pending.size >= NODE_LIMITS.pendingGrantsMax)
        return refuse('duty.busy');
      this.#pending.set(toHex(grantId), { height, name: asker.name, grant });
      await this.#put(grant, fragments, height);
      return ok(null);
    });
  }

  /** By category, then by epoch: the order in which a grant's `fragmentsHash` names them. */
  async ofGrant(grantId: Uint8Array): Promise<readonly KeptFragment[]> {
    return (await this.#rowsOf(grantId)).map(({ keyId, fragmentId, fragment }) => ({ keyId, fragmentId, fragment }));
  }

  async #rowsOf(grantId: Uint8Array): Promise<readonly (KeptFragment & Pick<GrantName, 'patient'>)[]> {
    const held = await this.#store.fragmentsOfGrant(grantId);
    return held.flatMap(({ keyId, fragment }) => {
      const row = readRow(fragment);
      return row === undefined ? [] : [{ ...row, keyId }];
    });
  }

  /** The grant of this id that covers the record in the newest state. */
  async standing(grantId: Uint8Array, recordId: Uint8Array): Promise<GrantRow | undefined> {
    const record = records.get(this.#state, toHex(recordId));
    if (record?.status !== 'live') return undefined;
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
      if (now !== undefined) this.#arrived({ grantId: now.grantId, patient: fromHex(patient) as Address });
      const earlier = this.#chain.stateValueAt(key, (height - 1) as Height);
      if (!earlier.ok) {
        unread.add(patient);
        continue;
      }
      const before = grants.get({ get: () => earlier.value }, patient, grantKey);
      if (before !== undefined && (now === undefined || !equal(before.grantId, now.grantId)))
        await this.#eraseUncovered({ grantId: before.grantId, patient: fromHex(patient) as Address }, covers);
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
      await this.#eraseUncovered(pending.grant, covers);
    }
  }

  /** Finds the fragments of these patients (of all, after a start) that no grant covers, as a crash between a final block and its erasures leaves. */
  async sweep(patients?: ReadonlySet<string>): Promise<void> {
    const covers = this.#coverage();
    for await (const { grantId, keyId, fragment } of this.#store.allFragments()) {
      const row = readRow(fragment);
      if (row === undefined || row.fragment === null) continue;
      const owner = toHex(row.patient);
      if (patients !== undefined && !patients.has(owner)) continue;
      const key = toHex(grantId);
      const grant = { grantId, patient: row.patient };
      if (this.#pending.has(key) || (await covers(grant, keyId))) continue;
      // Revoked, or not granted yet: both wait for `expire`.
      this.#pending.set(key, { height: row.height, name: `patient:${owner}`, grant });
    }
  }

  /** A block holds the grant: its fragments wait no more. Whoever else uses the same id changes nothing for them. */
  #arrived({ grantId, patient }: GrantName): void {
    const pending = this.#pending.get(toHex(grantId));
    if (pending !== undefined && equal(pending.grant.patient, patient)) this.#pending.delete(toHex(grantId));
  }

  /** Only what that patient's device issued: a grant id is chosen by a device, and anyone may name one in a grant of his own. */
  #eraseUncovered(grant: GrantName, covers: Covers): Promise<void> {
    return this.#steps.run(async () => {
      const held = await this.#rowsOf(grant.grantId);
      // Of one patient all of them: another set under the same id is refused.
      if (held.some(({ patient }) => !equal(patient, grant.patient))) return;
      const uncovered: KeptFragment[] = [];
      for (const each of held) if (!(await covers(grant, each.keyId))) uncovered.push(each);
      if (uncovered.length === held.length) {
        if (held.length > 0) await this.#store.eraseGrant(grant.grantId);
        return;
      }
      const erased = uncovered.filter(({ fragment }) => fragment !== null).map((each) => ({ ...each, fragment: null }));
      if (erased.length > 0) await this.#put(grant, erased, 0 as Height);
    });
  }

  async #put({ grantId, patient }: GrantName, fragments: readonly KeptFragment[], height: Height): Promise<void> {
    const stored = await this.#store.putFragments(
      fragments.map(({ keyId, fragmentId, fragment }) => ({
        grantId,
        keyId,
        fragment: encode({ height, patient, fragmentId, fragment }),
      })),
    );
    assert(stored.ok, 'a verified fragment does not fit its row');
  }

  /** What stands for a patient is read once while questions are about the same one: fragments come grant by grant. */
  #coverage(): Covers {
    let current = '';
    let standing: readonly (readonly [category: string, row: GrantRow])[] = [];
    return async ({ grantId, patient }, keyId) => {
      if (toHex(patient) !== current) {
        current = toHex(patient);
        standing = await this.#standingOf(current);
      }
      return standing.some(([category, row]) => equal(row.grantId, grantId) && coversKey(category, row, keyId));
    };
  }

  async #standingOf(patient: string): Promise<readonly (readonly [category: string, row: GrantRow])[]> {
    const standing: (readonly [string, GrantRow])[] = [];
    for await (const [key, row] of this.#grantsOf(patient)) standing.push([key.slice(key.lastIndexOf(':') + 1), row]);
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
}

/** Key ids sort by epoch within their category. */
function coversKey(category: string, { epochFrom, epochTo }: GrantRow, keyId: Uint8Array): boolean {
  const named = (epoch: number): Uint8Array =>
    keyIdBytes({ category: fromHex(category) ?? NONE, epoch } satisfies KeyId);
  return compareBytes(named(epochFrom), keyId) <= 0 && compareBytes(keyId, named(epochTo)) <= 0;
}

function readRow(bytes: Uint8Array): shape.Shaped<typeof rowShape> | undefined {
  const value = decode(bytes, ROW_BYTES_MAX);
  const row = value.ok ? rowShape(value.value, '') : value;
  return row.ok ? row.value : undefined;
}
