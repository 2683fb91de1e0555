import { describe, expect, it } from 'vitest';
import type { Address, Hash, Height } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { guardianPlans } from '../../src/ledger/state/guardian-tables.ts';
import { GuardianKeeper } from '../../src/node/guardian-keeper.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { GuardianShareStore } from '../../src/storage/guardian-share-store.ts';
import { openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { hash, idOf } from '../ledger/town.ts';

const OWNER = idOf('the owner');
const OTHER = idOf('another owner');
const kept = { sealed: Uint8Array.of(1, 2), share: Uint8Array.of(3, 4) };
const asker = { name: 'patient', pendingGrantsMax: 2 };
const at = (height: number): Height => height as Height;

class Hospital {
  readonly state = new Map<string, Uint8Array>();
  readonly #store = new GuardianShareStore(new WriteGuard(openMemoryStore()));
  keeper = this.#fresh();

  #fresh(): GuardianKeeper {
    return new GuardianKeeper(this.#store, { get: (key) => this.state.get(key) });
  }

  restart(): Promise<void> {
    this.keeper = this.#fresh();
    return this.keeper.sweep();
  }

  /** A block with a plan that names these kits. */
  async plans(owner: Address, ...kits: readonly string[]): Promise<void> {
    const row = {
      version: 1,
      parts: kits.map((kit) => ({ purpose: 'recovery' as const, list: hash('list'), kit: hash(kit), maturingMs: 1 })),
      requests: [],
    };
    guardianPlans.set(
      { get: () => undefined, set: (key, value) => void this.state.set(key, value as Uint8Array) },
      row,
      toHex(owner),
    );
    await this.keeper.committed(new Map([[guardianPlans.key(toHex(owner)), new Uint8Array(0)]]));
  }

  keep(kit: string, height = 1, owner = OWNER, value = kept) {
    return this.keeper.keep({ owner, kit: hash(kit) as Hash }, value, at(height), asker);
  }

  async holds(kit: string, owner = OWNER): Promise<boolean> {
    return (await this.keeper.get({ owner, kit: hash(kit) as Hash })) !== undefined;
  }
}

describe('what a hospital keeps of sealed roots', () => {
  it('stays while the plan names it, and is erased with the plan that replaces it; what others left stays', async () => {
    const hospital = new Hospital();
    await hospital.keep('first');
    await hospital.keep('of another', 1, OTHER);
    await hospital.plans(OWNER, 'first');
    await hospital.keeper.expire(at(10_000), 100);
    expect(await hospital.holds('first')).toBe(true);
    expect(await hospital.holds('of another', OTHER)).toBe(false);

    await hospital.keep('second', 20_000);
    await hospital.keep('for a plan to come', 20_000);
    await hospital.plans(OWNER, 'second');
    expect([await hospital.holds('first'), await hospital.holds('second')]).toEqual([false, true]);
    expect(await hospital.holds('for a plan to come')).toBe(true);
    await hospital.plans(OWNER);
    expect(await hospital.holds('second')).toBe(false);
  });

  it('is erased where no plan comes to name it, also over a restart', async () => {
    const hospital = new Hospital();
    await hospital.keep('never named');
    await hospital.restart();
    await hospital.keeper.expire(at(100), 100);
    expect(await hospital.holds('never named')).toBe(true);
    await hospital.keeper.expire(at(102), 100);
    expect(await hospital.holds('never named')).toBe(false);
  });

  it('is erased after a restart where the plan was replaced meanwhile', async () => {
    const hospital = new Hospital();
    await hospital.keep('first');
    await hospital.plans(OWNER, 'first');
    hospital.state.clear();
    await hospital.restart();
    await hospital.keeper.expire(at(NODE_LIMITS.pendingGrantHeightsMax + 2), 100_000);
    expect(await hospital.holds('first')).toBe(false);
  });

  it('may come again as it was, not as something else, and no more than an owner may have waiting', async () => {
    const hospital = new Hospital();
    expect(await hospital.keep('one')).toEqual({ ok: true, value: null });
    expect(await hospital.keep('one')).toEqual({ ok: true, value: null });
    const other = { ...kept, share: Uint8Array.of(9) };
    expect(await hospital.keep('one', 1, OWNER, other)).toMatchObject({
      rejection: { code: 'duty.guardian-share-exists' },
    });
    expect((await hospital.keep('two')).ok).toBe(true);
    expect(await hospital.keep('three')).toMatchObject({ rejection: { code: 'duty.busy' } });
  });

  it('of one owner leaves room for the others of the hospital that sends it', async () => {
    const { keeper } = new Hospital();
    const neighbour = { name: 'hospital', pendingGrantsMax: NODE_LIMITS.pendingGrantsPerHospitalMax };
    const keep = (owner: Address, kit: string) =>
      keeper.keep({ owner, kit: hash(kit) as Hash }, kept, at(1), neighbour);
    for (let i = 0; i < NODE_LIMITS.pendingGrantsPerPatientMax; i++)
      expect((await keep(OWNER, `junk ${i}`)).ok).toBe(true);
    expect(await keep(OWNER, 'one more')).toMatchObject({ rejection: { code: 'duty.busy' } });
    expect((await keep(OTHER, 'of another')).ok).toBe(true);
  });
});
