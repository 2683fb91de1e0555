import { describe, expect, it } from 'vitest';
import { assert } from '../../src/base/assert.ts';
import type { Hash } from '../../src/base/brand.ts';
import { EnvelopeShelf } from '../../src/node/envelope-shelf.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
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

async function taken(shelf: EnvelopeShelf, each: typeof first): Promise<Hash> {
  const kept = await shelf.keepWithUpload(cid, each);
  assert(kept.ok, 'the envelope was refused');
  return kept.value;
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

  it('keeps every envelope that it took with an upload, and gives them up with the upload', async () => {
    const { shelf, image } = made();
    const [one, two] = [await taken(shelf, first), await taken(shelf, second)];
    expect([await shelf.has(one), await shelf.has(two)]).toEqual([true, true]);
    expect(await taken(shelf, second)).toEqual(two);
    await shelf.uploadExpired(cid);
    expect([await shelf.has(one), await shelf.has(two), image.rows.size]).toEqual([false, false, 0]);
    await shelf.uploadExpired(cid);
  });

  it('keeps the envelope that a record names, and gives up the others that came with its content', async () => {
    const { shelf } = made();
    const [one, two] = [await taken(shelf, first), await taken(shelf, second)];
    await shelf.registered(cid, one);
    expect([await shelf.has(one), await shelf.has(two)]).toEqual([true, false]);
    await shelf.registered(cid, one);
    expect(await shelf.has(one)).toBe(true);
  });

  it('takes a bounded number with one upload, those it has again, and with other uploads more', async () => {
    const { shelf } = made();
    const many = Array.from({ length: NODE_LIMITS.envelopesPerUploadMax }, (_, i) => salted(`envelope ${i}`));
    const hashes = await Promise.all(many.map((each) => taken(shelf, each)));
    const refused = await shelf.keepWithUpload(cid, first);
    expect(refused).toMatchObject({ ok: false, rejection: { code: 'duty.too-many-envelopes' } });
    expect(await taken(shelf, many[0] as typeof first)).toEqual(hashes[0]);
    expect(await shelf.keepWithUpload(seeded('other cid', 36), first)).toMatchObject({ ok: true });
    for (const hash of hashes) expect(await shelf.has(hash)).toBe(true);
  });
});
