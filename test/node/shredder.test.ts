import { describe, expect, it, vi } from 'vitest';
import type { Address, Height } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { ENVELOPE_ENTROPY_BYTES, encodeEnvelope, sealEnvelope } from '../../src/crypto/envelope.ts';
import { DEFAULT_PARAMETERS } from '../../src/ledger/parameters.ts';
import type { StateWriter } from '../../src/ledger/state/table.ts';
import { contents, type RecordRow, records, recordVersions } from '../../src/ledger/state/tables.ts';
import { answerRequest } from '../../src/node/answers.ts';
import { cidBytes } from '../../src/node/cid.ts';
import { encodeSaltedEnvelope, type SaltedEnvelope } from '../../src/node/duty-wire.ts';
import { EnvelopeShelf } from '../../src/node/envelope-shelf.ts';
import { SILENT_LOGGER } from '../../src/node/logger.ts';
import type { NodeContext } from '../../src/node/node-context.ts';
import { PeerGate } from '../../src/node/peer-gate.ts';
import { RecordFetcher } from '../../src/node/record-fetch.ts';
import { Replicator } from '../../src/node/replicator.ts';
import { Shredder } from '../../src/node/shredder.ts';
import { EnvelopeStore } from '../../src/storage/envelope-store.ts';
import { KvBlobStore } from '../../src/storage/kv-blob-store.ts';
import { memoryBlobFiles } from '../../src/storage/memory-blob-files.ts';
import { memoryImage, openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { primitives, seeded, seededSecret } from '../support/consortium.ts';
import { accepted } from '../support/person.ts';

const [owner, peer] = [seeded('owner', 20) as Address, seeded('peer', 20) as Address];
const chainId = primitives.hash(seeded('chain', 8));
const category = seeded('category', 16);
const MIB = 2 ** 20;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** One hospital's state, disk and duties, with one peer that has whatever `remote` holds. */
async function made() {
  const rows = new Map<string, Uint8Array>();
  const state: StateWriter = {
    get: (key) => rows.get(key),
    set: (key, value) => void (value === null ? rows.delete(key) : rows.set(key, value)),
  };
  const image = memoryImage();
  const kv = new WriteGuard(openMemoryStore(image));
  const blobs = await KvBlobStore.open(kv, memoryBlobFiles());
  const store = new EnvelopeStore(kv);
  const shelf = new EnvelopeShelf(primitives, store);
  const remote = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const stateKeys = async (prefix: string, after: string | null, limit: number) =>
    [...rows.keys()]
      .sort()
      .filter((key) => key.startsWith(prefix) && (after === null || key > after))
      .slice(0, limit);
  const context = {
    env: { primitives, chainId },
    state,
    chain: { stateKeys },
    blobs,
    shelf,
    logger: SILENT_LOGGER,
    connected: () => [peer],
    tip: () => ({ header: { height: 1 as Height } }),
    parameters: () => DEFAULT_PARAMETERS,
    network: {
      request: (_to: Address, kind: string, body: Uint8Array) => {
        asked.push(kind);
        return once(remote.get(toHex(body)) ?? new Uint8Array(0));
      },
    },
  } as unknown as NodeContext;
  const upload = async (content: Uint8Array) =>
    accepted(await blobs.put(once(content), { uploader: 'u', bytesMax: MIB, expiresAtHeight: 9 as Height })).cid;
  return { state, image, blobs, store, shelf, context, remote, asked, upload, shredder: new Shredder(context) };
}
type Made = Awaited<ReturnType<typeof made>>;

const idOf = (name: string): Uint8Array => seeded(`record ${name}`, 32);

function sealed(name: string, cid: Uint8Array, { version = 1, epoch = 0 } = {}): SaltedEnvelope {
  const envelope = sealEnvelope(primitives, {
    name: { chainId, recordId: idOf(name), version },
    keyId: { category, epoch },
    cid,
    dataKey: seeded('data key', 32),
    delegatingKey: primitives.publicKeyOf(seededSecret('delegating')),
    author: primitives.publicKeyOf(seededSecret('author')),
    entropy: seeded(`entropy ${name} ${version} ${epoch}`, ENVELOPE_ENTROPY_BYTES),
  });
  return { envelope: encodeEnvelope(accepted(envelope)), salt: seeded(`salt ${name} ${version} ${epoch}`, 32) };
}

function rowOf({ shelf }: Made, cid: Uint8Array, salted: SaltedEnvelope, version: number): RecordRow {
  return {
    owner,
    author: owner,
    sealedBy: owner,
    category,
    epoch: 0,
    version,
    cid,
    ciphertextBytes: 1,
    envelopeHash: shelf.hashOf(salted),
    storedBy: [],
    status: 'live',
    registeredHeight: 0 as Height,
    requests: 0,
  };
}

/** A version stands on chain; its bytes are here, or at the peer alone. */
async function standing(parts: Made, name: string, { version = 1, here = true } = {}) {
  const { state, shelf, remote } = parts;
  const content = seeded(`content ${name} ${version}`, 1_000);
  const elsewhere = here ? parts : await made();
  const text = await elsewhere.upload(content);
  const cid = cidBytes(text) as Uint8Array;
  const salted = sealed(name, cid, { version });
  const row = rowOf(parts, cid, salted, version);
  const before = records.get(state, toHex(idOf(name)));
  if (before !== undefined) recordVersions.set(state, before, toHex(idOf(name)), String(before.version));
  records.set(state, row, toHex(idOf(name)));
  contents.set(state, idOf(name), toHex(cid));
  if (here) accepted(await shelf.keepWithUpload(cid, salted));
  remote.set(toHex(cid), content);
  remote.set(toHex(row.envelopeHash), encodeSaltedEnvelope(salted));
  return { cid: text, cidBytes: cid, row, salted };
}

function shreds({ state }: Made, name: string): void {
  const row = records.get(state, toHex(idOf(name))) as RecordRow;
  records.set(state, { ...row, status: 'shredded' }, toHex(idOf(name)));
}

const held = async ({ blobs, shelf }: Made, { cid, row }: Awaited<ReturnType<typeof standing>>) =>
  (await blobs.has(cid)) || (await shelf.has(row.envelopeHash)) || (await shelf.hasAny(row.cid));

describe('a shredded record', () => {
  it('leaves nothing here of any version, nor of an envelope that was to replace one; another record stays', async () => {
    const parts = await made();
    const first = await standing(parts, 'one');
    const second = await standing(parts, 'one', { version: 2 });
    const waiting = sealed('one', second.cidBytes, { version: 2, epoch: 1 });
    const replacement = accepted(await parts.shelf.keepWithUpload(second.cidBytes, waiting));
    const other = await standing(parts, 'two');
    await parts.shredder.shred(toHex(idOf('one')));
    expect(await held(parts, first)).toBe(true);

    shreds(parts, 'one');
    await parts.shredder.shred(toHex(idOf('one')));
    expect([await held(parts, first), await held(parts, second), await parts.shelf.has(replacement)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await held(parts, other)).toBe(true);
    const pieces = [first, second].flatMap(({ salted }) => [salted.salt, salted.envelope]);
    for (const value of parts.image.rows.values())
      for (const piece of pieces) expect(Buffer.from(value).includes(Buffer.from(piece))).toBe(false);
  });

  it('is erased once, and found by a scan where a crash left it, or where its content came in again', async () => {
    const parts = await made();
    const one = await standing(parts, 'one');
    shreds(parts, 'one');
    const erasing = vi.spyOn(parts.blobs, 'delete').mockRejectedValueOnce(new Error('the power failed'));
    await expect(parts.shredder.scan()).rejects.toThrow('the power failed');
    expect(await parts.store.isShredded(idOf('one'))).toBe(false);

    await parts.shredder.scan();
    expect([await held(parts, one), await parts.store.isShredded(idOf('one'))]).toEqual([false, true]);
    await parts.shredder.scan();
    expect(erasing).toHaveBeenCalledTimes(2);

    await parts.upload(seeded('content one 1', 1_000));
    expect(await held(parts, one)).toBe(true);
    await parts.shredder.scan();
    expect(await held(parts, one)).toBe(false);
  });

  it('is given to no peer, also before its bytes are erased', async () => {
    const parts = await made();
    const one = await standing(parts, 'one');
    const ask = async (kind: 'blob' | 'envelope', body: Uint8Array) => {
      const answer = answerRequest(parts.context, {} as never, { from: peer, kind, body }, () => {});
      let bytes = 0;
      for await (const piece of answer) bytes += piece.length;
      return bytes;
    };
    expect(await ask('blob', one.cidBytes)).toBe(1_000);
    expect(await ask('envelope', one.row.envelopeHash)).toBeGreaterThan(300);
    shreds(parts, 'one');
    await expect(ask('blob', one.cidBytes)).rejects.toMatchObject({ code: 'duty.content-shredded' });
    await expect(ask('envelope', one.row.envelopeHash)).rejects.toMatchObject({ code: 'duty.envelope-missing' });
  });

  it('is fetched no more, however long it was looked for', async () => {
    const parts = await made();
    const gone = await standing(parts, 'one', { here: false });
    const other = await standing(parts, 'two', { here: false });
    const replicator = new Replicator(parts.context, new RecordFetcher(parts.context, new PeerGate()), (error) => {
      throw error;
    });
    for (const name of ['one', 'two']) await replicator.registered({ record: toHex(idOf(name)), version: 1 });
    expect(replicator.missing).toBe(2);
    shreds(parts, 'one');
    replicator.wake();
    await replicator.stop();
    expect([await held(parts, gone), await held(parts, other)]).toEqual([false, true]);
    expect(parts.asked).toEqual(['blob', 'envelope']);
    await replicator.registered({ record: toHex(idOf('one')), version: 1 });
    expect(replicator.missing).toBe(0);
  });

  it('does not stay where it was shredded while it came from a peer', async () => {
    const parts = await made();
    const one = await standing(parts, 'one', { here: false });
    const { request } = parts.context.network;
    parts.context.network.request = (to, kind, body, timeoutMs) => {
      if (kind === 'blob') shreds(parts, 'one');
      return request(to, kind, body, timeoutMs);
    };
    const fetcher = new RecordFetcher(parts.context, new PeerGate());
    expect(await fetcher.fetchRegistered({ record: toHex(idOf('one')), version: 1 })).toBe(false);
    expect([await held(parts, one), parts.asked]).toEqual([false, ['blob']]);
  });
});

describe('an envelope that was replaced', () => {
  it('does not stay where it was replaced while it came from a peer: the new one is fetched', async () => {
    const parts = await made();
    const one = await standing(parts, 'one', { here: false });
    const next = sealed('one', one.cidBytes, { epoch: 1 });
    const envelopeHash = parts.shelf.hashOf(next);
    parts.remote.set(toHex(envelopeHash), encodeSaltedEnvelope(next));
    const { request } = parts.context.network;
    parts.context.network.request = (to, kind, body, timeoutMs) => {
      if (kind === 'envelope') records.set(parts.state, { ...one.row, envelopeHash, epoch: 1 }, toHex(idOf('one')));
      return request(to, kind, body, timeoutMs);
    };
    const fetcher = new RecordFetcher(parts.context, new PeerGate());
    const version = { record: toHex(idOf('one')), version: 1 };
    expect(await fetcher.fetchRegistered(version)).toBe(false);
    expect(await parts.shelf.has(one.row.envelopeHash)).toBe(false);
    expect(await fetcher.fetchRegistered(version)).toBe(true);
    expect([await parts.shelf.has(one.row.envelopeHash), await parts.shelf.has(envelopeHash)]).toEqual([false, true]);
  });
});
