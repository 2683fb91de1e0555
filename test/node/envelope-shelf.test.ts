import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { EnvelopeShelf } from '../../src/node/envelope-shelf.ts';
import { EnvelopeStore } from '../../src/storage/envelope-store.ts';
import { memoryImage, openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { primitives, seeded } from '../support/consortium.ts';

const salted = (name: string) => ({ envelope: seeded(name, 200), salt: seeded(`${name} salt`, 32) });
const [first, second] = [salted('first'), salted('second')];
const cid = seeded('cid', 36);

function made() {
  const image = memoryImage();
  const shelf = new EnvelopeShelf(primitives, new EnvelopeStore(new WriteGuard(openMemoryStore(image))));
  return { image, shelf };
}

describe('the shelf of envelopes', () => {
  it('keeps an envelope under its own commitment and no other', async () => {
    const { shelf } = made();
    const hash = shelf.hashOf(first);
    expect(await shelf.keep(seeded('other', 32) as Hash, first)).toBe(false);
    expect(await shelf.keep(hash, { ...first, salt: second.salt })).toBe(false);
    expect(await shelf.keep(hash, first)).toBe(true);
    expect(await shelf.get(hash)).toEqual(first);
    expect(await shelf.has(seeded('other', 32) as Hash)).toBe(false);
  });

  it('keeps one envelope with an upload, and gives it up with the upload', async () => {
    const { shelf, image } = made();
    const [one, two] = [await shelf.keepWithUpload(cid, first), await shelf.keepWithUpload(cid, second)];
    expect([await shelf.has(one), await shelf.has(two)]).toEqual([false, true]);
    expect(await shelf.keepWithUpload(cid, second)).toEqual(two);
    await shelf.uploadExpired(cid);
    expect([await shelf.has(two), image.rows.size]).toEqual([false, 0]);
    await shelf.uploadExpired(cid);
  });
});
