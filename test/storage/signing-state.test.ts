import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equal } from '../../src/base/bytes.ts';
import { SigningStateFile } from '../../src/storage/signing-state-file.ts';
import { decodeFile, encodeSlot, SECTOR_BYTES, slotOffset } from '../../src/storage/signing-state-sectors.ts';
import { codeOf, noise, temporaryFolder } from './support.ts';

const STATE_BYTES_MAX = 1_400;
const options = { chainHasBlocks: false, stateBytesMax: STATE_BYTES_MAX };
/** A state of three sectors, the last one partly filled. */
const state = (seed: number, bytes = 1_200) => noise(seed, bytes);

/** The bytes of a file after writing these states one after another. */
async function fileWith(...states: readonly Uint8Array[]): Promise<Uint8Array> {
  const path = join(await temporaryFolder(), 'signing-state');
  const file = await SigningStateFile.open(path, options);
  for (const each of states) await file.write(each);
  await file.close();
  return Uint8Array.from(await readFile(path));
}

describe('the signing state file', () => {
  it('gives back the last state written, across openings, for states of any size in its bounds', async () => {
    const path = join(await temporaryFolder(), 'signing-state');
    const sizes = fc.array(fc.integer({ min: 0, max: STATE_BYTES_MAX }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, async (lengths) => {
        const file = await SigningStateFile.open(path, options);
        for (const bytes of lengths) await file.write(state(bytes, bytes));
        await file.close();
        const again = await SigningStateFile.open(path, options);
        const last = lengths.at(-1) as number;
        expect(again.state).toEqual(state(last, last));
        await again.close();
      }),
      { numRuns: 25 },
    );
  });

  it('never grows', async () => {
    const path = join(await temporaryFolder(), 'signing-state');
    const file = await SigningStateFile.open(path, options);
    const { size } = await stat(path);
    for (let i = 0; i < 20; i++) await file.write(state(i));
    await file.close();
    expect((await stat(path)).size).toBe(size);
  });

  it('is empty where the chain is new, and missing where the chain has blocks', async () => {
    const path = join(await temporaryFolder(), 'signing-state');
    expect(await codeOf(() => SigningStateFile.open(path, { ...options, chainHasBlocks: true }))).toBe(
      'signing-state.missing',
    );
    const file = await SigningStateFile.open(path, options);
    expect(file.state).toBeNull();
    await file.close();
    const again = await SigningStateFile.open(path, { ...options, chainHasBlocks: true });
    expect(again.state).toBeNull();
    await again.close();
    await rm(path);
    expect(await codeOf(() => SigningStateFile.open(path, { ...options, chainHasBlocks: true }))).toBe(
      'signing-state.missing',
    );
  });

  it('refuses a state larger than its slot, and keeps the one before', async () => {
    const path = join(await temporaryFolder(), 'signing-state');
    const file = await SigningStateFile.open(path, options);
    await file.write(state(1));
    expect(await codeOf(() => file.write(state(2, 3 * 472 + 1)))).toBe('signing-state.too-large');
    await file.write(state(3));
    expect(file.state).toEqual(state(3));
    await file.close();
  });

  it('writes nothing more after a failed write', async () => {
    const path = join(await temporaryFolder(), 'signing-state');
    const file = await SigningStateFile.open(path, options);
    await file.write(state(1));
    await file.close();
    expect(await codeOf(() => file.write(state(2)))).toBe('storage.write-failed');
    expect(await codeOf(() => file.write(state(3)))).toBe('storage.poisoned');
    expect(file.state).toEqual(state(1));
  });
});

describe('damage to the signing state', () => {
  it.each([0, 1, 2, 3, 4])('is found at every byte after %i writes', async (writes) => {
    const file = await fileWith(...Array.from({ length: writes }, (_, i) => state(i)));
    for (let at = 0; at < file.length; at++) {
      const damaged = file.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
      expect(decodeFile(damaged), `byte ${at}`).toBeUndefined();
    }
  });

  it('is found at every length but the whole', async () => {
    const file = await fileWith(state(1), state(2), state(3));
    for (let length = 0; length < file.length; length++)
      expect(decodeFile(file.subarray(0, length)), `length ${length}`).toBeUndefined();
    expect(decodeFile(Uint8Array.from([...file, 0]))).toBeUndefined();
    expect(decodeFile(file)?.state).toEqual(state(3));
  });

  it('is found where a sector stands in another place, or comes from an older write', async () => {
    const before = await fileWith(state(1), state(2), state(3));
    const after = await fileWith(state(1), state(2), state(3), state(4), state(5));
    const sectors = after.length / SECTOR_BYTES;
    for (let to = 0; to < sectors; to++)
      for (let from = 0; from < sectors; from++) {
        if (from === to) continue;
        const damaged = after.slice();
        damaged.copyWithin(to * SECTOR_BYTES, from * SECTOR_BYTES, (from + 1) * SECTOR_BYTES);
        if (!equal(damaged, after)) expect(decodeFile(damaged)).toBeUndefined();
      }
    // The older of the two slots put back as it was: both writes after it are known to be missing.
    const rolledBack = after.slice();
    rolledBack.set(before.subarray(slotOffset(1, 3), slotOffset(1, 3) + 3 * SECTOR_BYTES), slotOffset(1, 3));
    expect(decodeFile(rolledBack)).toBeUndefined();
  });

  it('makes opening throw', async () => {
    const path = join(await temporaryFolder(), 'signing-state');
    const file = await fileWith(state(1), state(2));
    file[700] = (file[700] as number) ^ 1;
    await writeFile(path, file);
    expect(await codeOf(() => SigningStateFile.open(path, options))).toBe('signing-state.damaged');
    await writeFile(path, '');
    expect(await codeOf(() => SigningStateFile.open(path, options))).toBe('signing-state.damaged');
  });
});

describe('a write cut short by a power loss', () => {
  /** The file after `writes` whole writes, and any choice of the sectors of the next one. */
  it.each([0, 1, 2, 3])(
    'leaves the state before it or the whole new one, whichever sectors arrived (after %i writes)',
    async (writes) => {
      const states = Array.from({ length: writes }, (_, i) => state(i, 400 + 400 * (i % 3)));
      const before = await fileWith(...states);
      const next = state(9);
      const slot = (writes % 2) as 0 | 1;
      const offset = slotOffset(slot, 3);
      const sectors = encodeSlot(next, writes + 1, writes, offset / SECTOR_BYTES);
      expect(sectors.length).toBe(3 * SECTOR_BYTES);
      for (let arrived = 0; arrived < 8; arrived++) {
        const torn = before.slice();
        for (let i = 0; i < 3; i++)
          if (arrived & (1 << i))
            torn.set(sectors.subarray(i * SECTOR_BYTES, (i + 1) * SECTOR_BYTES), offset + i * SECTOR_BYTES);
        const read = decodeFile(torn);
        expect(read).toBeDefined();
        expect(read?.state).toEqual(arrived === 7 ? next : (states.at(-1) ?? null));
      }
    },
  );

  it('can be followed by another such write, and then by whole ones', async () => {
    const path = join(await temporaryFolder(), 'signing-state');
    await writeFile(path, await fileWith(state(1), state(2), state(3)));
    for (let loss = 0; loss < 2; loss++) {
      const bytes = Uint8Array.from(await readFile(path));
      const read = decodeFile(bytes);
      const offset = slotOffset(read?.nextSlot ?? 0, 3);
      const sectors = encodeSlot(state(7), (read?.newest ?? 0) + 1, read?.sequence ?? 0, offset / SECTOR_BYTES);
      bytes.set(sectors.subarray(SECTOR_BYTES, 2 * SECTOR_BYTES), offset + SECTOR_BYTES);
      await writeFile(path, bytes);
      expect(decodeFile(bytes)?.state).toEqual(state(3));
    }
    const file = await SigningStateFile.open(path, options);
    for (let i = 10; i < 13; i++) {
      await file.write(state(i));
      expect(decodeFile(await readFile(path))?.state).toEqual(state(i));
    }
    await file.close();
  });
});
