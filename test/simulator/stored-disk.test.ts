import { describe, expect, it } from 'vitest';
import { equal, utf8 } from '../../src/base/bytes.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import type { CommitEffect } from '../../src/simulator/disk.ts';
import { Random } from '../../src/simulator/random.ts';
import { inSpaces, SimulatedRows } from '../../src/simulator/rows.ts';
import { SimulatedSigningFile } from '../../src/simulator/signing-file.ts';
import { StoredDisk } from '../../src/simulator/stored-disk.ts';
import { townFor } from '../../src/simulator/towns.ts';
import { put } from '../../src/storage/kv.ts';
import { effects, planWith, watch } from './plan-support.ts';

const NOTHING = new Uint8Array(0);
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
const primitives = nativePrimitives();
const plan = planWith();
const town = townFor(plan, primitives);

/** The blocks that node 0 committed in a run: what any other disk can hold as well. */
const commits: readonly CommitEffect[] = effects(watch(plan), 'commit').flatMap(({ node, effect }) =>
  node === 0 ? [effect] : [],
);

function diskWith(blocks: number, seed = 1): StoredDisk {
  const disk = new StoredDisk(town.newEnv(), town.rows, utf8('record 0'), new Random(seed), plan.disk);
  for (const commit of commits.slice(0, blocks)) disk.commit(commit);
  return disk;
}

const codeOf = (run: () => unknown): string | null => {
  try {
    run();
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

const commitAt = (height: number): CommitEffect => commits[height - 1] as CommitEffect;

describe('the disk of a simulated node', () => {
  it('holds what was committed, as the shipped start-up check sees it', () => {
    const disk = diskWith(10);
    disk.verify();
    expect(disk.height).toBe(10);
    expect(disk.tip.hash).toEqual(commitAt(10).hash);
    expect(disk.blocks(4 as never, 3).map(({ block }) => block)).toEqual([4, 5, 6].map((at) => commitAt(at).bytes));
  });

  it('has all or nothing of a block after a crash in the middle of its write, and verifies either way', () => {
    const heights = SEEDS.map((seed) => {
      const disk = diskWith(3, seed);
      disk.crash(commitAt(4));
      disk.verify();
      expect(disk.tip.hash).toEqual(commitAt(disk.height).hash);
      return disk.height;
    });
    expect(new Set(heights)).toEqual(new Set([3, 4]));
  });

  it('throws a code of storage when a write fails, and may hold the block all the same', () => {
    const heights = SEEDS.map((seed) => {
      const disk = diskWith(3, seed);
      disk.failNextWrite = true;
      expect(codeOf(() => disk.commit(commitAt(4)))).toBe('storage.write-failed');
      disk.verify();
      return disk.height;
    });
    expect(new Set(heights)).toEqual(new Set([3, 4]));
  });

  it('takes no write while it is full, and takes them again afterwards', () => {
    const disk = diskWith(3);
    disk.full = true;
    expect(codeOf(() => disk.persist(utf8('record 1')))).toBe('storage.write-failed');
    expect(codeOf(() => disk.persist(utf8('record 2')))).toBe('storage.write-failed');
    disk.full = false;
    disk.persist(utf8('record 3'));
    expect(disk.signingRecord).toEqual(utf8('record 3'));
  });

  it('finds a flipped bit in whatever row it is read from', () => {
    for (const space of ['meta', 'block', 'certificate', 'treeRoot'] as const) {
      const found = SEEDS.map((seed) => {
        const disk = diskWith(5, seed);
        expect(disk.flipBit(inSpaces(space))).toBe(true);
        return codeOf(() => {
          disk.verify();
          disk.blocks(1 as never, 5);
          return disk.signingSequenceAtTip;
        });
      });
      expect([space, new Set(found)]).toEqual([space, new Set(['storage.corrupt'])]);
    }
  });

  it('lends no damaged row to a snapshot', () => {
    const disk = diskWith(5);
    expect(disk.rows.copy().size).toBe(disk.rows.size);
    disk.flipBit(inSpaces('state'));
    expect(codeOf(() => disk.rows.copy())).toBe('storage.corrupt');
  });

  it('gives up old states and keeps blocks: the newest state still holds together, after a crash too', () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const disk = diskWith(10, seed);
      const before = disk.rows.size;
      expect(disk.prune(1)).toBeGreaterThan(5);
      disk.crash(null);
      disk.verify();
      disk.prune(0);
      expect(disk.rows.size).toBeLessThan(before);
      disk.commit(commitAt(11));
      disk.verify();
      expect(disk.blocks(1 as never, 11).length).toBe(11);
    }
  });

  it('starts a new disk from a copy of its chain, without its signing record', () => {
    const copy = new StoredDisk(town.newEnv(), town.rows, null, new Random(5), plan.disk);
    copy.replaceChain(diskWith(8).rows);
    copy.verify();
    expect([copy.height, copy.signingRecord]).toEqual([8, null]);
    copy.commit(commitAt(9));
    expect(copy.tip.hash).toEqual(commitAt(9).hash);
  });
});

describe('simulated rows', () => {
  const rowOf = (i: number) => put(Uint8Array.of(7, i), Uint8Array.of(i));

  it('lose a random part of the batches that were not synced, each whole, and none that a synced one followed', () => {
    const kept = new Set<string>();
    for (const seed of SEEDS) {
      const rows = new SimulatedRows();
      rows.batch([rowOf(1), rowOf(2)], { sync: false });
      rows.batch([rowOf(3)], { sync: true });
      rows.batch([rowOf(4), rowOf(5)], { sync: false });
      rows.batch([rowOf(6)], { sync: false });
      rows.crash(new Random(seed));
      const has = [1, 2, 3, 4, 5, 6].map((i) => rows.getSync(Uint8Array.of(7, i)) !== undefined);
      expect(has.slice(0, 3)).toEqual([true, true, true]);
      expect(has[3]).toBe(has[4]);
      kept.add(`${has[3]} ${has[5]}`);
    }
    expect(kept.size).toBe(4);
  });

  it('list keys in byte order', () => {
    const rows = new SimulatedRows();
    rows.batch([200, 3, 17, 255, 128].map(rowOf), { sync: true });
    const keys = rows.keys(Uint8Array.of(7), Uint8Array.of(7, 255));
    expect(keys.map((key) => key[1])).toEqual([3, 17, 128, 200]);
  });
});

describe('the simulated signing file', () => {
  const record = (i: number) => new Uint8Array(200 + ((i * 977) % 4_000)).fill(i);

  it('holds, after a torn write, the record before it or the torn one whole', () => {
    const held = new Set<string>();
    for (const seed of SEEDS) {
      const random = new Random(seed);
      const file = SimulatedSigningFile.create();
      for (let i = 1; i <= 5; i++) file.write(record(i));
      file.tear(record(6), random);
      const { state } = SimulatedSigningFile.open(file.bytes());
      held.add(String(state?.[0]));
      expect([5, 6].some((i) => equal(state ?? NOTHING, record(i)))).toBe(true);
    }
    expect(held).toEqual(new Set(['5', '6']));
  });

  it('goes on after a torn write', () => {
    for (const seed of SEEDS.slice(0, 20)) {
      const random = new Random(seed);
      let file = SimulatedSigningFile.create();
      for (let i = 1; i <= 12; i++) {
        if (i % 3 === 0) {
          file.tear(record(i), random);
          file = SimulatedSigningFile.open(file.bytes());
        }
        file.write(record(i));
        expect(equal(SimulatedSigningFile.open(file.bytes()).state ?? NOTHING, record(i))).toBe(true);
      }
    }
  });

  it('is damaged by any flipped bit of what was written', () => {
    for (const seed of SEEDS) {
      const file = SimulatedSigningFile.create();
      for (let i = 1; i <= 3; i++) file.write(record(i));
      file.flipBit(new Random(seed));
      expect(codeOf(() => SimulatedSigningFile.open(file.bytes()))).toBe('signing-state.damaged');
    }
  });

  it('is an old copy when a backup is put back: the sequence inside says so', () => {
    const file = SimulatedSigningFile.create();
    file.write(record(1));
    const backup = file.bytes();
    file.write(record(2));
    file.write(record(3));
    expect(SimulatedSigningFile.open(backup).state).toEqual(record(1));
  });
});
