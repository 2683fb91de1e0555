import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { Height } from '../../src/base/brand.ts';
import { concat, utf8 } from '../../src/base/bytes.ts';
import { openBlobFiles } from '../../src/storage/blob-files.ts';
import { EnvelopeStore } from '../../src/storage/envelope-store.ts';
import { keySpaceName } from '../../src/storage/key-space.ts';
import { KvBlobStore } from '../../src/storage/kv-blob-store.ts';
import { openLevelStore } from '../../src/storage/level-store.ts';
import { STORAGE_LIMITS } from '../../src/storage/limits.ts';
import { memoryImage } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { accepted, collect, guardedMemory, noise, pieces, refusalOf, temporaryFolder } from './support.ts';

const [r1, r2, g1, g2] = [utf8('record-1'), utf8('record-2'), utf8('grant-1'), utf8('grant-2')];

const UPLOAD = { uploader: 'patient-1', bytesMax: 1_000_000, expiresAtHeight: 10 as Height };

describe('envelopes and fragments', () => {
  it('are found by their ids, and an envelope may be replaced', async () => {
    const store = new EnvelopeStore(guardedMemory());
    accepted(await store.putEnvelope(r1, utf8('old')));
    accepted(await store.putEnvelope(r1, utf8('new')));
    accepted(await store.putFragment(g1, r1, utf8('fragment')));
    expect(await store.envelope(r1)).toEqual(utf8('new'));
    expect(await store.fragment(g1, r1)).toEqual(utf8('fragment'));
    expect([await store.envelope(r2), await store.fragment(g1, r2), await store.fragment(r1, g1)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('of a revoked grant are erased, and of no other, also where one id begins the other', async () => {
    const store = new EnvelopeStore(guardedMemory());
    const longer = utf8('grant-11');
    for (const grant of [g1, g2, longer])
      for (const record of [r1, r2]) accepted(await store.putFragment(grant, record, grant));
    expect(await store.eraseGrant(g1)).toBe(2);
    expect([await store.fragment(g1, r1), await store.fragment(g1, r2)]).toEqual([undefined, undefined]);
    expect([await store.fragment(g2, r1), await store.fragment(longer, r2)]).toEqual([g2, longer]);
    expect(await store.eraseGrant(g1)).toBe(0);
  });

  it('of one grant are listed in the order of their keys, and all grant by grant', async () => {
    const store = new EnvelopeStore(guardedMemory());
    for (const record of [r2, r1]) accepted(await store.putFragment(g1, record, record));
    accepted(await store.putFragment(g2, r1, utf8('other')));
    const held = (keyId: Uint8Array, grantId = g1, fragment = keyId) => ({ grantId, keyId, fragment });
    expect(await store.fragmentsOfGrant(g1)).toEqual([held(r1), held(r2)]);
    expect(await collect(store.allFragments())).toEqual([held(r1), held(r2), held(r1, g2, utf8('other'))]);
  });

  it('of one grant are put together or not at all', async () => {
    const image = memoryImage();
    const store = new EnvelopeStore(guardedMemory(image));
    const row = (keyId: Uint8Array, fragment = keyId) => ({ grantId: g1, keyId, fragment });
    const tooLarge = new Uint8Array(STORAGE_LIMITS.envelopeBytesMax + 1);
    expect(refusalOf(await store.putFragments([row(r1), row(r2, tooLarge)]))).toBe('envelope.too-large');
    expect(image.rows.size).toBe(0);
    accepted(await store.putFragments([row(r1), row(r2)]));
    accepted(await store.putFragments([row(r1), row(r2, utf8('new'))]));
    expect(await store.fragmentsOfGrant(g1)).toEqual([row(r1), row(r2, utf8('new'))]);
  });

  it('are erased alone where only the envelope goes', async () => {
    const store = new EnvelopeStore(guardedMemory());
    accepted(await store.putEnvelope(r1, utf8('one')));
    accepted(await store.putFragment(g1, r1, g1));
    await store.eraseEnvelope(r1);
    expect([await store.envelope(r1), await store.fragment(g1, r1)]).toEqual([undefined, g1]);
  });

  it('are bounded, ids too', async () => {
    const store = new EnvelopeStore(guardedMemory());
    accepted(await store.putEnvelope(new Uint8Array(64), new Uint8Array(16_384)));
    expect(refusalOf(await store.putEnvelope(r1, new Uint8Array(16_385)))).toBe('envelope.too-large');
    expect(refusalOf(await store.putFragment(g1, r1, new Uint8Array(16_385)))).toBe('envelope.too-large');
    for (const id of [new Uint8Array(0), new Uint8Array(65)]) {
      expect(refusalOf(await store.putEnvelope(id, r1))).toBe('envelope.id-invalid');
      expect(refusalOf(await store.putFragment(id, r1, r1))).toBe('envelope.id-invalid');
      expect(refusalOf(await store.putFragment(r1, id, r1))).toBe('envelope.id-invalid');
    }
  });

  it('leave the disk when they are erased or replaced, wherever LevelDB had put them', async () => {
    const folder = join(await temporaryFolder(), 'blobs');
    const kv = new WriteGuard(await openLevelStore(folder, { create: true }));
    const store = new EnvelopeStore(kv);
    const fill = async (from: number) => {
      for (let i = from; i < from + 400; i++) accepted(await store.putEnvelope(utf8(`filler ${i}`), noise(i, 16_000)));
    };
    const present = async (marker: string) => {
      const contents = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
      return contents.some((content) => content.includes(marker));
    };
    accepted(await store.putEnvelope(r1, utf8('MARKER-EARLY')));
    await fill(0);
    accepted(await store.putEnvelope(r2, utf8('MARKER-REPLACED')));
    accepted(await store.putFragment(g1, r2, utf8('MARKER-IN-THE-LOG')));
    for (const marker of ['MARKER-EARLY', 'MARKER-REPLACED', 'MARKER-IN-THE-LOG'])
      expect(await present(marker)).toBe(true);
    accepted(await store.putEnvelope(r2, utf8('rewrapped')));
    expect(await present('MARKER-REPLACED')).toBe(false);
    await store.eraseEnvelope(r1);
    expect(await present('MARKER-EARLY')).toBe(false);
    await store.eraseGrant(g1);
    expect(await present('MARKER-IN-THE-LOG')).toBe(false);
    expect(await store.envelope(r2)).toEqual(utf8('rewrapped'));
    await kv.close();
  });

  it('leave the disk when erased again, where a crash came between deleting the rows and compacting', async () => {
    const folder = join(await temporaryFolder(), 'blobs');
    const kv = new WriteGuard(await openLevelStore(folder, { create: true }));
    const store = new EnvelopeStore(kv);
    const blobs = await KvBlobStore.open(kv, await openBlobFiles(join(folder, 'content')));
    const left = async () => {
      const files = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
      const contents = await Promise.all(files.map(({ name }) => readFile(join(folder, name))));
      return ['MARKER-ENVELOPE', 'MARKER-CIPHERTEXT'].filter((marker) => contents.some((one) => one.includes(marker)));
    };
    accepted(await store.putEnvelope(r1, utf8('MARKER-ENVELOPE')));
    // Two leaves: their keys are known from the blob's own list alone.
    const content = concat(noise(1, 300_000), utf8('MARKER-CIPHERTEXT'));
    const { cid } = accepted(await blobs.put(pieces(content), UPLOAD));
    // The first compaction of each erasure happens, its last does not.
    const compact = kv.compact.bind(kv);
    const crash = vi.spyOn(kv, 'compact').mockImplementation(async (...range) => {
      if ((await kv.get(range[0])) === undefined) throw new Error('the power failed');
      await compact(...range);
    });
    await expect(store.eraseEnvelope(r1)).rejects.toThrow('the power failed');
    await expect(blobs.delete(cid)).rejects.toThrow('the power failed');
    crash.mockRestore();
    expect([await store.envelope(r1), await blobs.has(cid)]).toEqual([undefined, false]);
    expect(await left()).toEqual(['MARKER-ENVELOPE', 'MARKER-CIPHERTEXT']);

    await store.eraseEnvelopes([r1, r2]);
    expect(await blobs.delete(cid)).toBe(false);
    expect(await left()).toEqual([]);
    for await (const [key] of kv.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(255) }))
      if (keySpaceName(key) !== 'blobLayout') expect.unreachable(`a row is left: ${key.join()}`);
    await kv.close();
  });

  it('of a shredded record are noted as gone, and no other record with them', async () => {
    const store = new EnvelopeStore(guardedMemory());
    expect(await store.isShredded(r1)).toBe(false);
    await store.noteShredded(r1);
    expect([await store.isShredded(r1), await store.isShredded(r2)]).toEqual([true, false]);
  });
});
