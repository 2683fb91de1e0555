import { assert } from '../base/assert.ts';
import type { Address, Hash, Height } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { grants } from '../ledger/state/tables.ts';
import type { ChainStore } from '../storage/chain-store.ts';
import type { EnvelopeStore, FragmentPlace } from '../storage/envelope-store.ts';
import { Serial } from '../storage/serial.ts';
import type { NodeCode } from './codes.ts';
import { type GrantName, isCovered, rowCovering } from './grant-coverage.ts';
import { NODE_LIMITS } from './limits.ts';
import { type Asker, PendingGrants } from './pending-grants.ts';

export interface KeptFragment {
  /** Of the delegating key whose records it serves (`keyIdBytes`). */
  readonly keyId: Uint8Array;
  readonly fragmentId: Hash;
  /** Null once its key is covered no more. Its id stays while others of the grant do: the grant on chain binds all ids together. */
  readonly fragment: Uint8Array | null;
}
type Looked = 'held' | 'new';

const rowShape = shape.struct({
  /** The chain's height when it was stored: a fragment whose grant never comes is erased. */
  height: shape.heightShape,
  patient: shape.address,
  grantee: shape.text(80),
  fragmentId: shape.hash,
  fragment: shape.nullable(shape.bytes(1, CRYPTO_LIMITS.fragmentBytesMax)),
});
const ROW_BYTES_MAX = 2 * CRYPTO_LIMITS.fragmentBytesMax;
const GRANT_PREFIX = 'grant/';
const NONE = new Uint8Array(0);

/**
 * The fragments that this hospital holds. They are kept while their grant stands, and for a while before it does; what opens nothing any more is
 * erased from the disk (PRIVACY.md, "A record", 7). The disk itself is the list of what is to be looked at: nothing that ends is lost by a crash, and
 * no backlog takes memory.
 */
export class FragmentKeeper {
  readonly #store: EnvelopeStore;
  readonly #chain: ChainStore;
  readonly #state: StateReader;
  /** Block time of the newest state, ms. */
  readonly #nowMs: () => number;
  readonly #pending = new PendingGrants();
  /** A grant's fragments are read, decided on, then written. */
  readonly #steps = new Serial();
  /** The last fragment that `#tend` looked at; undefined before the first. */
  #tended: FragmentPlace | undefined;

  constructor(store: EnvelopeStore, chain: ChainStore, state: StateReader, nowMs: () => number) {
    this.#store = store;
    this.#chain = chain;
    this.#state = state;
    this.#nowMs = nowMs;
  }

  /** Whether these could be kept, before anyone verifies them. */
  look(grant: GrantName, fragments: readonly KeptFragment[], asker: Asker): Promise<Result<unknown, NodeCode>> {
    return this.#steps.run(() => this.#look(grant, fragments, asker));
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
    return this.#steps.run(async () => {
      const looked = await this.#look(grant, fragments, asker);
      if (!looked.ok) return looked;
      if (looked.value === 'held') return ok(null);
      this.#pending.add(grant, height, asker.name);
      await this.#put(grant, fragments, height);
      return ok(null);
    });
  }

  async #look(grant: GrantName, fragments: readonly KeptFragment[], asker: Asker): Promise<Result<Looked, NodeCode>> {
    const rows = await this.#rowsOf(grant.grantId);
    if (rows.length === 0) return this.#pending.hasRoom(asker, grant.patient) ? ok('new') : refuse('duty.busy');
    const held = new Map(rows.map((each) => [toHex(each.keyId), each.fragmentId]));
    const same =
      fragments.length === held.size &&
      rows.every((row) => isOf(grant, row)) &&
      fragments.every(({ keyId, fragmentId }) => equal(held.get(toHex(keyId)) ?? NONE, fragmentId));
    return same ? ok('held') : refuse('duty.fragment-exists');
  }

  /** By category, then by epoch: the order in which a grant's `fragmentsHash` names them. */
  async ofGrant(grantId: Uint8Array): Promise<readonly KeptFragment[]> {
    return (await this.#rowsOf(grantId)).map(({ keyId, fragmentId, fragment }) => ({ keyId, fragmentId, fragment }));
  }

  async #rowsOf(grantId: Uint8Array): Promise<readonly (KeptFragment & GrantName)[]> {
    const held = await this.#store.fragmentsOfGrant(grantId);
    return held.flatMap(({ keyId, fragment }) => {
      const row = readRow(fragment);
      return row === undefined ? [] : [{ ...row, grantId, keyId }];
    });
  }

  /** A block is final: what its revocations and replaced grants leave without a grant is erased. */
  async committed(changes: ReadonlyMap<string, Uint8Array | null>, height: Height): Promise<void> {
    const unread = new Set<string>();
    for (const key of changes.keys()) {
      if (!key.startsWith(GRANT_PREFIX)) continue;
      const [patientHex = '', grantKey = ''] = key.slice(GRANT_PREFIX.length).split('/');
      const parties = {
        patient: fromHex(patientHex) as Address,
        grantee: grantKey.slice(0, grantKey.lastIndexOf(':')),
      };
      const now = grants.get(this.#state, patientHex, grantKey);
      if (now !== undefined) this.#pending.arrived({ ...parties, grantId: now.grantId });
      const earlier = this.#chain.stateValueAt(key, (height - 1) as Height);
      if (!earlier.ok) {
        unread.add(patientHex);
        continue;
      }
      const before = grants.get({ get: () => earlier.value }, patientHex, grantKey);
      if (before !== undefined && (now === undefined || !equal(before.grantId, now.grantId)))
        await this.#eraseUncovered({ ...parties, grantId: before.grantId });
    }
    // The state that the block changed is pruned: which grants it ended is found by what stands.
    if (unread.size > 0) await this.sweep(unread);
  }

  /**
   * Erases fragments of grants that no block came to hold, of grants that have expired or are used up, and of those that `sweep` found ended: so many a block,
   * the rest with the next ones. `expiryHeights`: how long a grant may be waited for at most.
   */
  async expire(height: Height, expiryHeights: number): Promise<void> {
    const waitHeights = Math.min(expiryHeights, NODE_LIMITS.pendingGrantHeightsMax);
    const { erasedGrantsPerBlock } = NODE_LIMITS;
    for (const grant of this.#pending.takeOlder(height - waitHeights, erasedGrantsPerBlock))
      await this.#eraseUncovered(grant);
    await this.#tend(erasedGrantsPerBlock);
  }

  /** Goes on through everything that is kept, from where it came to with the last block, and from the beginning after the end. */
  async #tend(erasedMax: number): Promise<void> {
    const page = await this.#store.fragmentsAfter(this.#tended, NODE_LIMITS.tendedFragmentsPerBlock);
    let erased = 0;
    for (const { grantId, keyId, fragment } of page) {
      if (erased >= erasedMax) return;
      this.#tended = { grantId, keyId };
      const row = readRow(fragment);
      if (row === undefined || row.fragment === null || this.#pending.has(grantId)) continue;
      if (this.#covers({ ...row, grantId }, keyId)) continue;
      await this.#eraseUncovered({ ...row, grantId });
      erased++;
    }
    if (page.length < NODE_LIMITS.tendedFragmentsPerBlock) this.#tended = undefined;
  }

  /**
   * Finds the fragments of these patients (of all, after a start) that no grant covers. Revoked, as a crash between a final block and its erasures
   * leaves them, or not granted yet: both wait for `expire`.
   */
  async sweep(patients?: ReadonlySet<string>): Promise<void> {
    for await (const { grantId, keyId, fragment } of this.#store.allFragments()) {
      const row = readRow(fragment);
      if (row === undefined || row.fragment === null) continue;
      const owner = toHex(row.patient);
      if (patients !== undefined && !patients.has(owner)) continue;
      // What has expired or is used up is found in its turn.
      if (this.#pending.has(grantId) || rowCovering(this.#state, { ...row, grantId }, keyId) !== undefined) continue;
      this.#pending.add({ ...row, grantId }, row.height, `patient:${owner}`);
    }
  }

  /** Only what that patient's device issued: a grant id is chosen by a device, and anyone may name one in a grant of his own. */
  #eraseUncovered(grant: GrantName): Promise<void> {
    return this.#steps.run(async () => {
      const held = await this.#rowsOf(grant.grantId);
      // Of one patient and one grantee all of them: another set under the same id is refused.
      if (held.some((row) => !isOf(grant, row))) return;
      const uncovered = held.filter(({ keyId }) => !this.#covers(grant, keyId));
      if (uncovered.length === held.length) {
        if (held.length > 0) await this.#store.eraseGrant(grant.grantId);
        return;
      }
      const erased = uncovered.filter(({ fragment }) => fragment !== null).map((each) => ({ ...each, fragment: null }));
      if (erased.length > 0) await this.#put(grant, erased, 0 as Height);
    });
  }

  #covers(grant: GrantName, keyId: Uint8Array): boolean {
    return isCovered(this.#state, grant, keyId, this.#nowMs());
  }

  async #put(
    { grantId, patient, grantee }: GrantName,
    fragments: readonly KeptFragment[],
    height: Height,
  ): Promise<void> {
    const stored = await this.#store.putFragments(
      fragments.map(({ keyId, fragmentId, fragment }) => ({
        grantId,
        keyId,
        fragment: encode({ height, patient, grantee, fragmentId, fragment }),
      })),
    );
    assert(stored.ok, 'a verified fragment does not fit its row');
  }
}

const isOf = (grant: GrantName, row: GrantName): boolean =>
  equal(grant.patient, row.patient) && grant.grantee === row.grantee;

function readRow(bytes: Uint8Array): shape.Shaped<typeof rowShape> | undefined {
  const value = decode(bytes, ROW_BYTES_MAX);
  const row = value.ok ? rowShape(value.value, '') : value;
  return row.ok ? row.value : undefined;
}
