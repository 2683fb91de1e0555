import { describe, expect, it } from 'vitest';
import { assert } from '../../src/base/assert.ts';
import type { Hash } from '../../src/base/brand.ts';
import { refuse } from '../../src/base/result.ts';
import { ENVELOPE_ENTROPY_BYTES, encodeEnvelope, sealEnvelope } from '../../src/crypto/envelope.ts';
import { EnvelopeShelf } from '../../src/node/envelope-shelf.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { EnvelopeStore } from '../../src/storage/envelope-store.ts';
import { memoryImage, openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { primitives, seeded, seededSecret } from '../support/consortium.ts';

const salted = (name: string) => ({ envelope: seeded(name, 200), salt: seeded(`${name} salt`, 32) });
const [first, second] = [salted('first'), salted('second')];
const cid = seeded('cid', 36);
const named = (): boolean => true;

/** An envelope for a delegating key of this epoch. */
function sealedAt(epoch: number): typeof first {
  const sealed = sealEnvelope(primitives, {
    name: { chainId: seeded('chain', 32) as Hash, recordId: seeded('record', 32), version: 1 },
    keyId: { category: seeded('category', 16), epoch },
    cid,
    dataKey: seeded('data key', 32),
    delegatingKey: primitives.publicKeyOf(seededSecret('delegating')),
    author: primitives.publicKeyOf(seededSecret('author')),
    entropy: seeded(`entropy ${epoch}`, ENVELOPE_ENTROPY_BYTES),
  });
  assert(sealed.ok, 'the envelope was not made');
  return { envelope: encodeEnvelope(sealed.value), salt: seeded(`salt ${epoch}`, 32) };
}

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
    const other = seeded('other', 32) as Hash;
    expect(await shelf.keep({ cid, envelopeHash: other }, first, named)).toBe(false);
    expect(await shelf.keep({ cid, envelopeHash: hash }, { ...first, salt: second.salt }, named)).toBe(false);
    expect(await shelf.has(hash)).toBe(false);
    expect(await shelf.keep({ cid, envelopeHash: hash }, first, named)).toBe(true);
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
    await shelf.registered({ cid, envelopeHash: one });
    expect([await shelf.has(one), await shelf.has(two)]).toEqual([true, false]);
    await shelf.registered({ cid, envelopeHash: one });
    expect(await shelf.has(one)).toBe(true);
  });

  it('keeps what came from a peer only as long as a record names it', async () => {
    const { shelf, image } = made();
    const bytes = { cid, envelopeHash: shelf.hashOf(first) };
    expect(await shelf.keep(bytes, first, () => false)).toBe(false);
    expect(image.rows.size).toBe(0);
    expect(await shelf.keep(bytes, first, named)).toBe(true);
    // Its record got another one: it is known to lie here, and goes.
    const next = await taken(shelf, second);
    await shelf.registered({ cid, envelopeHash: next });
    expect([await shelf.has(bytes.envelopeHash), await shelf.has(next)]).toEqual([false, true]);
  });

  it('keeps those that may still replace the one that stands, and gives them up with the rest', async () => {
    const { shelf, image } = made();
    const at = async (epoch: number) => taken(shelf, sealedAt(epoch));
    const [old, standing, next] = [await at(0), await at(1), await at(2)];
    await shelf.registered({ cid, envelopeHash: standing }, ({ keyId }) => keyId.epoch > 1);
    expect([await shelf.has(old), await shelf.has(standing), await shelf.has(next)]).toEqual([false, true, true]);
    await shelf.erase({ cid, envelopeHash: standing });
    expect([await shelf.hasAny(cid), await shelf.has(standing), await shelf.has(next)]).toEqual([false, false, false]);
    expect(image.rows.size).toBe(0);
  });

  it('takes nothing that may not be kept by the time that it would be', async () => {
    const { shelf, image } = made();
    const refused = await shelf.keepWithUpload(cid, first, () => refuse('duty.content-shredded'));
    expect(refused).toMatchObject({ ok: false, rejection: { code: 'duty.content-shredded' } });
    expect(image.rows.size).toBe(0);
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
