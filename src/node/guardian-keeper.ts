import type { Address, Hash, Height } from '../base/brand.ts';
import { equal, fromHex, toHex } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import { guardianPlans } from '../ledger/state/guardian-tables.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { StorageError } from '../storage/errors.ts';
import type { GuardianShareName, GuardianShareStore } from '../storage/guardian-share-store.ts';
import { Serial } from '../storage/serial.ts';
import type { NodeCode } from './codes.ts';
import { NODE_LIMITS } from './limits.ts';
import type { Asker } from './pending-grants.ts';

const rowShape = shape.struct({
  /** The chain's height when it was stored: what no plan comes to name is erased. */
  height: shape.heightShape,
  /** `encodeSealedRoots` of one purpose. */
  sealed: shape.bytes(1, CRYPTO_LIMITS.sealedRootsBytesMax),
  /** This hospital's, in the box in which it came. */
  share: shape.bytes(1, CRYPTO_LIMITS.guardianLetterBytesMax),
});
export type KeptGuardianShare = Pick<shape.Shaped<typeof rowShape>, 'sealed' | 'share'>;

const PLAN_PREFIX = 'guardians/';

/**
 * The shares of patients' sealed roots that this hospital keeps: while the owner's plan names their kit, and for a while before it does.
 * What it names no more is erased from the disk, so that a list of guardians that was ended stays ended (GU-9).
 */
export class GuardianKeeper {
  readonly #store: GuardianShareStore;
  readonly #state: StateReader;
  /** Kits that no plan names yet, by owner and kit in hex. */
  readonly #pending = new Map<
    string,
    { readonly height: Height; readonly asker: string; readonly of: GuardianShareName }
  >();
  readonly #steps = new Serial();

  constructor(store: GuardianShareStore, state: StateReader) {
    this.#store = store;
    this.#state = state;
  }

  /** The very same may come again, as after an answer that was lost; another under its name is refused. */
  keep(of: GuardianShareName, kept: KeptGuardianShare, height: Height, asker: Asker): Promise<Result<null, NodeCode>> {
    return this.#steps.run(async () => {
      const before = await this.get(of);
      if (before !== undefined)
        return equal(before.sealed, kept.sealed) && equal(before.share, kept.share)
          ? ok(null)
          : refuse('duty.guardian-share-exists');
      const asked = [...this.#pending.values()].filter((one) => one.asker === asker.name);
      const forOwner = asked.filter((one) => equal(one.of.owner, of.owner));
      if (
        asked.length >= asker.pendingGrantsMax ||
        forOwner.length >= NODE_LIMITS.pendingGrantsPerPatientMax ||
        this.#pending.size >= NODE_LIMITS.pendingGrantsMax
      )
        return refuse('duty.busy');
      if (!this.#isNamed(of)) this.#pending.set(nameOf(of), { height, asker: asker.name, of });
      const stored = await this.#store.put(of, encode({ height, ...kept }));
      return stored.ok ? ok(null) : refuse('duty.malformed', { reason: stored.rejection.code });
    });
  }

  async get(of: GuardianShareName): Promise<KeptGuardianShare | undefined> {
    return (await this.#row(of)) ?? undefined;
  }

  async #row(of: GuardianShareName): Promise<shape.Shaped<typeof rowShape> | undefined> {
    const bytes = await this.#store.get(of);
    if (bytes === undefined) return undefined;
    const value = decode(bytes, 2 * CRYPTO_LIMITS.guardianLetterBytesMax);
    const row = value.ok ? rowShape(value.value, 'share') : value;
    if (!row.ok) throw new StorageError('storage.corrupt', { keySpace: 'guardianShare' });
    return row.value;
  }

  /** A block is final: what the plans that it brought do not name is erased, but for what waits for a plan of its own. */
  async committed(changes: ReadonlyMap<string, Uint8Array | null>): Promise<void> {
    for (const key of changes.keys()) {
      const owner = key.startsWith(PLAN_PREFIX) ? fromHex(key.slice(PLAN_PREFIX.length)) : undefined;
      if (owner !== undefined) await this.#steps.run(() => this.#sweepOwner(owner as Address));
    }
  }

  async #sweepOwner(owner: Address): Promise<void> {
    const ended: GuardianShareName[] = [];
    for await (const of of this.#store.names(owner)) {
      if (this.#isNamed(of)) this.#pending.delete(nameOf(of));
      else if (!this.#pending.has(nameOf(of))) ended.push(of);
    }
    await this.#store.erase(ended);
  }

  /** Erases what no plan came to name. */
  async expire(height: Height, expiryHeights: number): Promise<void> {
    const waitHeights = Math.min(expiryHeights, NODE_LIMITS.pendingGrantHeightsMax);
    for (const [name, { height: since, of }] of this.#pending) {
      if (since + waitHeights >= height) continue;
      this.#pending.delete(name);
      await this.#steps.run(async () => {
        if (!this.#isNamed(of)) await this.#store.erase([of]);
      });
    }
  }

  /** After a start: ended or not named yet, both wait for `expire`. */
  async sweep(): Promise<void> {
    for await (const of of this.#store.names()) {
      if (this.#isNamed(of)) continue;
      const height = (await this.#row(of))?.height ?? (0 as Height);
      this.#pending.set(nameOf(of), { height, asker: `owner:${toHex(of.owner)}`, of });
    }
  }

  #isNamed({ owner, kit }: GuardianShareName): boolean {
    const parts = guardianPlans.get(this.#state, toHex(owner))?.parts ?? [];
    return parts.some((part) => equal(part.kit as Hash, kit));
  }
}

const nameOf = ({ owner, kit }: GuardianShareName): string => `${toHex(owner)}/${toHex(kit)}`;
