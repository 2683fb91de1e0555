import { describe, expect, it } from 'vitest';
import type { Address, Hash, Height, TimestampMs } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { ok, refuse } from '../../src/base/result.ts';
import { keyIdBytes } from '../../src/crypto/envelope.ts';
import { openReads } from '../../src/ledger/state/evaluation-tables.ts';
import type { StateReader, StateWriter } from '../../src/ledger/state/table.ts';
import { type GrantRow, grants, records } from '../../src/ledger/state/tables.ts';
import { FragmentKeeper } from '../../src/node/fragment-keeper.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import type { Asker } from '../../src/node/pending-grants.ts';
import type { ChainStore } from '../../src/storage/chain-store.ts';
import { EnvelopeStore } from '../../src/storage/envelope-store.ts';
import { openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { seeded } from '../support/consortium.ts';

const [patient, grantId] = [seeded('patient', 20), seeded('grant', 32)];
const [heart, skin] = [seeded('heart', 16), seeded('skin', 16)].sort((a, b) => Buffer.compare(a, b)) as [
  Uint8Array,
  Uint8Array,
];
const [ecg, mole] = [seeded('ecg', 32), seeded('mole', 32)];
const GRANTEE = 'person:00';
const named = (id: Uint8Array) => ({ grantId: id, patient: patient as Address, grantee: GRANTEE });
const EXPIRY_HEIGHTS = 10;
const EXPIRES_MS = 1_000;
const asker: Asker = { name: 'patient', pendingGrantsMax: 3 };
const h = (n: number): Height => n as Height;

/** A state whose every height can be read, as `ChainStore`'s can. */
class History implements StateWriter {
  readonly #heights: Map<string, Uint8Array>[] = [new Map()];

  prunedBelow = 0;
  /** Block time of the newest height. */
  nowMs = 0;
  /** How often grants were looked through. */
  scans = 0;

  get height(): Height {
    return h(this.#heights.length - 1);
  }

  get(key: string): Uint8Array | undefined {
    return this.#heights.at(-1)?.get(key);
  }

  set(key: string, value: Uint8Array | null): void {
    if (value === null) this.#heights.at(-1)?.delete(key);
    else this.#heights.at(-1)?.set(key, value);
  }

  /** A block of these changes, told to the keeper as the node does. */
  async block(keeper: FragmentKeeper, change: (state: StateWriter) => void): Promise<void> {
    this.#heights.push(new Map(this.#heights.at(-1)));
    const changes = new Map<string, Uint8Array | null>();
    const noting: StateWriter = {
      get: (key) => this.get(key),
      set: (key, value) => {
        changes.set(key, value);
        this.set(key, value);
      },
    };
    change(noting);
    await keeper.committed(changes, this.height);
    await keeper.expire(this.height, EXPIRY_HEIGHTS);
  }

  get chain(): ChainStore {
    const chain: Pick<ChainStore, 'stateKeys' | 'stateValueAt'> = {
      stateKeys: async (prefix, after, limit) => {
        if (after === null) this.scans++;
        return [...(this.#heights.at(-1)?.keys() ?? [])]
          .sort()
          .filter((key) => key.startsWith(prefix) && (after === null || key > after))
          .slice(0, limit);
      },
      stateValueAt: (key, height) =>
        height < this.prunedBelow ? refuse('storage.pruned') : ok(this.#heights[height]?.get(key)),
    };
    return chain as ChainStore;
  }
}

const grantRow = (id: Uint8Array): GrantRow => ({
  grant: seeded('transaction', 32) as Hash,
  purposes: ['TREAT'],
  access: 'read',
  expires: EXPIRES_MS as TimestampMs,
  usesLeft: null,
  epochFrom: 0,
  epochTo: 0,
  grantedHeight: h(1),
  scheme: 'umbral-v1',
  grantId: id,
  threshold: 1,
  oraclesMin: 1,
  oraclesMax: 1,
  holders: [],
});

function registerRecord(state: StateWriter, id: Uint8Array, category: Uint8Array): void {
  const row = {
    owner: patient,
    author: patient,
    sealedBy: patient,
    category,
    epoch: 0,
    version: 1,
    cid: seeded(toHex(id), 36),
    ciphertextBytes: 1,
    envelopeHash: seeded('envelope', 32),
    storedBy: [],
    status: 'live',
    registeredHeight: h(0),
    requests: 0,
  } as const;
  records.set(state, row as never, toHex(id));
}

const grantCategory = (state: StateWriter, category: Uint8Array, id = grantId): void =>
  grants.set(state, grantRow(id), toHex(patient), `${GRANTEE}:${toHex(category)}`);
const revokeCategory = (state: StateWriter, category: Uint8Array): void =>
  grants.delete(state, toHex(patient), `${GRANTEE}:${toHex(category)}`);

const fragmentOf = (category: Uint8Array, text = 'first', epoch = 0) => ({
  keyId: keyIdBytes({ category, epoch }),
  fragmentId: seeded(`${text} ${toHex(category)} ${epoch} id`, 32) as Hash,
  fragment: seeded(`${text} ${toHex(category)} ${epoch}`, 100),
});
const both = [fragmentOf(heart), fragmentOf(skin)];

function made(): { readonly history: History; readonly store: EnvelopeStore; readonly keeper: FragmentKeeper } {
  const history = new History();
  registerRecord(history, ecg, heart);
  registerRecord(history, mole, skin);
  const store = new EnvelopeStore(new WriteGuard(openMemoryStore()));
  return {
    history,
    store,
    keeper: new FragmentKeeper(store, history.chain, history as StateReader, () => history.nowMs),
  };
}

async function granted() {
  const parts = made();
  expect(await parts.keeper.keep(named(grantId), both, h(0), asker)).toMatchObject({ ok: true });
  await parts.history.block(parts.keeper, (state) => {
    grantCategory(state, heart);
    grantCategory(state, skin);
  });
  return parts;
}

describe('fragments', () => {
  it('are kept in the order of their keys, and the same may come again', async () => {
    const { keeper } = made();
    await keeper.keep(named(grantId), [...both].reverse(), h(0), asker);
    expect(await keeper.keep(named(grantId), both, h(0), asker)).toMatchObject({ ok: true });
    expect(await keeper.ofGrant(grantId)).toEqual(both);
  });

  it('are never replaced, and none is added to a grant that stands', async () => {
    const { keeper } = await granted();
    const refused = { ok: false, rejection: { code: 'duty.fragment-exists' } };
    expect(
      await keeper.keep(named(grantId), [fragmentOf(heart, 'other'), fragmentOf(skin)], h(1), asker),
    ).toMatchObject(refused);
    expect(await keeper.keep(named(grantId), [...both, fragmentOf(heart, 'first', 1)], h(1), asker)).toMatchObject(
      refused,
    );
    expect(await keeper.keep(named(grantId), [fragmentOf(heart)], h(1), asker)).toMatchObject(refused);
    expect(await keeper.ofGrant(grantId)).toEqual(both);
  });

  it('of a grant that no block holds yet are the first set for good: no other, no more, no fewer', async () => {
    const { keeper } = made();
    const refused = { ok: false, rejection: { code: 'duty.fragment-exists' } };
    await keeper.keep(named(grantId), [fragmentOf(heart)], h(0), asker);
    expect(await keeper.keep(named(grantId), both, h(0), asker)).toMatchObject(refused);
    expect(await keeper.keep(named(grantId), [fragmentOf(skin)], h(0), asker)).toMatchObject(refused);
    expect(await keeper.ofGrant(grantId)).toEqual([fragmentOf(heart)]);
  });

  it('of two sets that come at once are of one of them alone', async () => {
    const { keeper } = made();
    const sets = [[fragmentOf(heart)], [fragmentOf(skin)]];
    const kept = await Promise.all(sets.map((set) => keeper.keep(named(grantId), set, h(0), asker)));
    expect(kept.map(({ ok }) => ok)).toEqual([true, false]);
    expect(await keeper.ofGrant(grantId)).toEqual(sets[0]);
  });

  it('of grants to come are bounded for each asker: one who leaves junk shuts out nobody else', async () => {
    const { keeper, history } = made();
    for (const name of ['a', 'b', 'c'])
      expect(await keeper.keep(named(seeded(name, 32)), both, h(0), asker)).toMatchObject({ ok: true });
    expect(await keeper.keep(named(grantId), both, h(0), asker)).toMatchObject({ rejection: { code: 'duty.busy' } });
    expect(await keeper.keep(named(seeded('a', 32)), both, h(0), asker)).toMatchObject({ ok: true });
    expect(await keeper.keep(named(grantId), both, h(0), { ...asker, name: 'another' })).toMatchObject({ ok: true });
    await history.block(keeper, (state) => grantCategory(state, heart, seeded('a', 32)));
    expect(await keeper.keep(named(seeded('d', 32)), both, h(1), asker)).toMatchObject({ ok: true });
  });

  it('wait for their grant no longer than the limit, whatever the chain gives an upload', async () => {
    const { keeper } = made();
    const uploadHeights = 10 * NODE_LIMITS.pendingGrantHeightsMax;
    await keeper.keep(named(grantId), both, h(0), asker);
    await keeper.expire(h(NODE_LIMITS.pendingGrantHeightsMax), uploadHeights);
    expect(await keeper.ofGrant(grantId)).toEqual(both);
    await keeper.expire(h(NODE_LIMITS.pendingGrantHeightsMax + 1), uploadHeights);
    expect(await keeper.ofGrant(grantId)).toEqual([]);
  });

  it('are held against the grant that they are of by its key: no list of grants is read for it', async () => {
    const { keeper, history, store } = await granted();
    history.scans = 0;
    await history.block(keeper, (state) => revokeCategory(state, heart));
    await new FragmentKeeper(store, history.chain, history, () => history.nowMs).sweep();
    expect(history.scans).toBe(0);
  });

  it('of a grant that ended in a block whose earlier state is pruned are erased all the same', async () => {
    const { keeper, history } = await granted();
    const foreign = seeded('foreign', 32);
    await keeper.keep(named(foreign), [fragmentOf(heart, 'foreign')], h(EXPIRY_HEIGHTS), asker);
    while (history.height < EXPIRY_HEIGHTS) await history.block(keeper, () => {});
    history.prunedBelow = EXPIRY_HEIGHTS + 1;
    await history.block(keeper, (state) => revokeCategory(state, heart));
    expect(await keeper.ofGrant(grantId)).toEqual([{ ...both[0], fragment: null }, both[1]]);
    expect(await keeper.ofGrant(foreign)).toEqual([fragmentOf(heart, 'foreign')]);
  });

  it('of a revoked category are erased, the other keeps its own, and the ids stay for the hash on chain', async () => {
    const { keeper, history } = await granted();
    await history.block(keeper, (state) => revokeCategory(state, heart));
    expect(await keeper.ofGrant(grantId)).toEqual([{ ...both[0], fragment: null }, both[1]]);
    await history.block(keeper, (state) => revokeCategory(state, skin));
    expect(await keeper.ofGrant(grantId)).toEqual([]);
  });

  it('of a grant that another replaced are erased', async () => {
    const { keeper, history } = await granted();
    const newer = seeded('newer', 32);
    await keeper.keep(named(newer), [fragmentOf(heart, 'newer')], h(1), asker);
    await history.block(keeper, (state) => {
      grantCategory(state, heart, newer);
      grantCategory(state, skin, newer);
    });
    expect(await keeper.ofGrant(grantId)).toEqual([]);
    expect(await keeper.ofGrant(newer)).toEqual([fragmentOf(heart, 'newer')]);
  });

  it('stay where another patient names their grant id in a grant of his own, and ends it', async () => {
    const { keeper, history } = await granted();
    const other = toHex(seeded('another patient', 20));
    const grantKey = `${GRANTEE}:${toHex(heart)}`;
    await history.block(keeper, (state) => grants.set(state, grantRow(grantId), other, grantKey));
    await history.block(keeper, (state) => grants.delete(state, other, grantKey));
    expect(await keeper.ofGrant(grantId)).toEqual(both);
  });

  it('that wait for their block are counted on while another patient uses their grant id', async () => {
    const { keeper, history } = made();
    await keeper.keep(named(grantId), both, h(0), asker);
    const other = toHex(seeded('another patient', 20));
    await history.block(keeper, (state) => grants.set(state, grantRow(grantId), other, `${GRANTEE}:${toHex(heart)}`));
    for (let i = 0; i <= EXPIRY_HEIGHTS; i++) await history.block(keeper, () => {});
    expect(await keeper.ofGrant(grantId)).toEqual([]);
  });

  it('of a grant that expired are erased, by whichever block finds it so', async () => {
    const { keeper, history } = await granted();
    history.nowMs = EXPIRES_MS - 1;
    await history.block(keeper, () => {});
    expect(await keeper.ofGrant(grantId)).toEqual(both);
    history.nowMs = EXPIRES_MS;
    await history.block(keeper, () => {});
    expect(await keeper.ofGrant(grantId)).toEqual([]);
  });

  it('of a grant that is used up are kept while a read under it is open, which may want a share or give the use back', async () => {
    const { keeper, history } = await granted();
    const row = { ...grantRow(grantId), usesLeft: 0 };
    const opened = toHex(row.grant);
    await history.block(keeper, (state) => {
      for (const category of [heart, skin]) grants.set(state, row, toHex(patient), `${GRANTEE}:${toHex(category)}`);
      openReads.set(state, 1, opened);
    });
    await history.block(keeper, () => {});
    expect(await keeper.ofGrant(grantId)).toEqual(both);
    await history.block(keeper, (state) => openReads.delete(state, opened));
    expect(await keeper.ofGrant(grantId)).toEqual([]);
  });

  it('of many grants that expire at once are all erased, so many a block, while others come and go', async () => {
    const { keeper, history } = made();
    const ids = Array.from({ length: 5 * NODE_LIMITS.erasedGrantsPerBlock }, (_, i) => seeded(`grant ${i}`, 32));
    const held = async (): Promise<number> => {
      let count = 0;
      for (const id of ids) count += (await keeper.ofGrant(id)).length;
      return count;
    };
    for (const [i, id] of ids.entries()) {
      const category = seeded(`category ${i}`, 16);
      await keeper.keep(named(id), [fragmentOf(category)], h(0), { name: `patient ${i}`, pendingGrantsMax: 1 });
      await history.block(keeper, (state) => grantCategory(state, category, id));
    }
    history.nowMs = EXPIRES_MS;
    const left: number[] = [];
    for (let n = 0; n < 6; n++) {
      await keeper.keep(named(seeded(`late ${n}`, 32)), [fragmentOf(heart)], history.height, {
        name: `late ${n}`,
        pendingGrantsMax: 1,
      });
      await history.block(keeper, () => {});
      left.push(await held());
    }
    for (const [i, count] of left.entries())
      expect((left[i - 1] ?? ids.length) - count).toBeLessThanOrEqual(NODE_LIMITS.erasedGrantsPerBlock);
    expect(left.at(-1)).toBe(0);
    expect(await keeper.ofGrant(seeded('late 0', 32))).toHaveLength(1);
  });

  it('of a grant that expired while the node was down are erased after the next start', async () => {
    const { store, history } = await granted();
    history.nowMs = EXPIRES_MS;
    const restarted = new FragmentKeeper(store, history.chain, history, () => history.nowMs);
    await restarted.sweep();
    await history.block(restarted, () => {});
    expect(await restarted.ofGrant(grantId)).toEqual([]);
  });

  it('stay where the same patient names their grant id in a grant to somebody else, and ends it', async () => {
    const { keeper, history } = await granted();
    const grantKey = `person:01:${toHex(heart)}`;
    await history.block(keeper, (state) => grants.set(state, grantRow(grantId), toHex(patient), grantKey));
    await history.block(keeper, (state) => grants.delete(state, toHex(patient), grantKey));
    expect(await keeper.ofGrant(grantId)).toEqual(both);
  });

  it('stay while a use of their grant is left', async () => {
    const { keeper, history } = await granted();
    await history.block(keeper, (state) => {
      const row = { ...grantRow(grantId), usesLeft: 1 };
      grants.set(state, row, toHex(patient), `${GRANTEE}:${toHex(heart)}`);
    });
    await history.block(keeper, () => {});
    expect(await keeper.ofGrant(grantId)).toEqual(both);
  });

  it('are erased when no block came to hold their grant in time', async () => {
    const { keeper, history } = made();
    await keeper.keep(named(grantId), both, h(0), asker);
    for (let i = 0; i < EXPIRY_HEIGHTS; i++) await history.block(keeper, () => {});
    expect(await keeper.ofGrant(grantId)).toEqual(both);
    await history.block(keeper, () => {});
    expect(await keeper.ofGrant(grantId)).toEqual([]);
  });

  it('that a crash left behind a revocation are found by the next start, and those of standing grants stay', async () => {
    const { store, history, keeper } = await granted();
    // The block is final, and the process died before it erased anything.
    await history.block(
      new FragmentKeeper(
        new EnvelopeStore(new WriteGuard(openMemoryStore())),
        history.chain,
        history,
        () => history.nowMs,
      ),
      (state) => revokeCategory(state, heart),
    );
    expect(await keeper.ofGrant(grantId)).toEqual(both);
    const restarted = new FragmentKeeper(store, history.chain, history, () => history.nowMs);
    await restarted.sweep();
    for (let i = 0; i <= EXPIRY_HEIGHTS; i++) await history.block(restarted, () => {});
    expect(await restarted.ofGrant(grantId)).toEqual([{ ...both[0], fragment: null }, both[1]]);
  });
});
