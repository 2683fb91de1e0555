import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { concat, equal } from '../../src/base/bytes.ts';
import { type Content, contentOfBlob, inPiecesOf, streamOf } from '../../src/client/content.ts';
import { contentIdOf } from '../../src/client/content-id.ts';
import { hostDevice } from '../../src/client/device.ts';
import { collect } from '../../src/client/http.ts';
import { CLIENT_LIMITS } from '../../src/client/limits.ts';
import { sealContentForOwner } from '../../src/client/seal.ts';
import { openStream, sealStream } from '../../src/client/stream-record.ts';
import { CHUNK_BYTES, sealedLengthOf } from '../../src/crypto/cobblestone.ts';
import { padmeLength } from '../../src/crypto/padme.ts';
import { openRecord, sealRecord } from '../../src/crypto/record.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { bytesFrom } from '../crypto/support/vectors.ts';
import { publicOf, secretOf } from '../ledger/town.ts';

const primitives = nativePrimitives();
const keys = {
  key: bytesFrom('data key', 32),
  salt: bytesFrom('salt', 24),
  name: { chainId: bytesFrom('chain', 32) as Hash, recordId: bytesFrom('record', 32), version: 1 },
};

const contentOf = (bytes: Uint8Array, pieceBytes = 10_007): Content => ({
  bytes: bytes.length,
  open: () => cut(bytes, pieceBytes),
});
async function* cut(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
const all = (pieces: AsyncIterable<Uint8Array>) => collect(pieces, 2 ** 30);

/** What a consumer sees: bytes, and whether it was told that they are all, or that they are not. */
function consumer() {
  const parts: Uint8Array[] = [];
  const seen = { told: 'nothing' as 'nothing' | 'whole' | 'not whole', text: () => concat(...parts) };
  const sink = new WritableStream<Uint8Array>({
    write: (piece) => void parts.push(piece.slice()),
    close() {
      seen.told = 'whole';
    },
    abort() {
      seen.told = 'not whole';
    },
  });
  return { seen, sink };
}

async function opened(message: Uint8Array, cid: Uint8Array, pieceBytes = 9_999) {
  const { seen, sink } = consumer();
  const result = await openStream(primitives, { ...keys, cid }, cut(message, pieceBytes), sink);
  return { code: result.ok ? 'ok' : result.rejection.code, told: seen.told, text: seen.text() };
}

describe('a streamed record', () => {
  it.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 700_000])(
    'of %i bytes is what a record in memory is, whichever way it is cut',
    async (bytes) => {
      const text = bytesFrom('text', bytes);
      const whole = sealRecord(primitives, keys, text);
      const message = await all(sealStream(primitives, keys, contentOf(text)));
      expect(whole.ok && equal(whole.value, message)).toBe(true);
      expect(message.length).toBe(sealedLengthOf(padmeLength(bytes + 1)));
      const inMemory = openRecord(primitives, keys, message);
      expect(inMemory.ok && equal(inMemory.value, text)).toBe(true);
      const { code, told, text: received } = await opened(message, await contentIdOf(message));
      expect([code, told, equal(received, text)]).toEqual(['ok', 'whole', true]);
    },
  );

  it('is told to be whole once everything held, and not a moment before', async () => {
    const message = await all(sealStream(primitives, keys, contentOf(bytesFrom('text', 200_000))));
    const { seen, sink } = consumer();
    async function* watched() {
      for await (const piece of cut(message, 20_000)) {
        expect(seen.told).toBe('nothing');
        yield piece;
      }
      expect(seen.told).toBe('nothing');
    }
    const cid = await contentIdOf(message);
    expect((await openStream(primitives, { ...keys, cid }, watched(), sink)).ok).toBe(true);
    expect(seen.told).toBe('whole');
  });

  it('asks for no more ciphertext than its consumer takes plaintext', async () => {
    const message = await all(sealStream(primitives, keys, contentOf(bytesFrom('text', 900_000))));
    let asked = 0;
    async function* counted() {
      for await (const piece of cut(message, CHUNK_BYTES)) {
        asked += piece.length;
        yield piece;
      }
    }
    let goOn: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const sink = new WritableStream<Uint8Array>({ write: () => held });
    const running = openStream(primitives, { ...keys, cid: await contentIdOf(message) }, counted(), sink);
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    expect(asked).toBeLessThan(5 * CHUNK_BYTES);
    goOn();
    expect((await running).ok).toBe(true);
  });

  it('comes from a Blob as from bytes', async () => {
    const text = bytesFrom('text', 300_000);
    const fromBlob = await all(
      sealStream(primitives, keys, contentOfBlob(new Blob([text as Uint8Array<ArrayBuffer>]))),
    );
    expect(equal(fromBlob, await all(sealStream(primitives, keys, contentOf(text))))).toBe(true);
  });
});

describe('a streamed record that was tampered with', async () => {
  const text = bytesFrom('text', 5 * CHUNK_BYTES + 100);
  const message = await all(sealStream(primitives, keys, contentOf(text)));
  const other = await all(
    sealStream(primitives, { ...keys, salt: bytesFrom('other salt', 24) }, contentOf(bytesFrom('other', text.length))),
  );
  const cid = await contentIdOf(message);
  const sealed = CHUNK_BYTES + 16;
  const chunk = (i: number, of = message) => of.subarray(56 + i * sealed, 56 + (i + 1) * sealed);
  const head = message.subarray(0, 56);
  const rest = (from: number) => message.subarray(56 + from * sealed);

  it.each([
    ['swapped', concat(head, chunk(1), chunk(0), rest(2))],
    ['dropped', concat(head, chunk(0), rest(2))],
    ['duplicated', concat(head, chunk(0), chunk(0), rest(1))],
    ['duplicated in place of another', concat(head, chunk(0), chunk(0), rest(2))],
    ['truncated at a chunk', message.slice(0, 56 + 4 * sealed)],
    ['truncated within a chunk', message.slice(0, 56 + 4 * sealed + 99)],
    ['truncated to nothing', new Uint8Array(0)],
    ['spliced from another record', concat(head, chunk(0), chunk(1, other), rest(2))],
    ['spliced from another place', concat(head, chunk(0), chunk(3), rest(2))],
    ['longer', concat(message, Uint8Array.of(0))],
    ['twice', concat(message, message)],
  ])('chunks %s: refused, the consumer is told, and what it got is a prefix', async (_, changed) => {
    // Even a hospital that could name the changed bytes on chain gets no further.
    for (const named of [cid, await contentIdOf(changed)]) {
      const { code, told, text: received } = await opened(changed, named);
      expect(code).not.toBe('ok');
      expect(told).toBe('not whole');
      expect(received.length).toBeLessThanOrEqual(text.length);
      expect(equal(received, text.subarray(0, received.length))).toBe(true);
    }
  });

  it('cut anywhere, in pieces of any size: never told to be whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(message.length - 1),
        fc.integer({ min: 500, max: 40_000 }),
        async (length, pieceBytes) => {
          const { told } = await opened(message.subarray(0, length), cid, pieceBytes);
          expect(told).toBe('not whole');
        },
      ),
      { numRuns: 25 },
    );
  });

  it('replaced whole by what the same key opens, but not the content that the chain names: refused', async () => {
    const { code, told } = await opened(other, cid);
    expect([code, told]).toEqual(['client-read.content-mismatch', 'not whole']);
  });

  it('a sender that breaks off, and a sink that fails, are thrown on; the consumer is told', async () => {
    async function* broken() {
      yield message.subarray(0, 40_000);
      throw new Error('connection reset');
    }
    const { seen, sink } = consumer();
    await expect(openStream(primitives, { ...keys, cid }, broken(), sink)).rejects.toThrow('connection reset');
    expect(seen.told).toBe('not whole');
    const full = new WritableStream<Uint8Array>({ write: () => Promise.reject(new Error('disk full')) });
    await expect(openStream(primitives, { ...keys, cid }, cut(message, 40_000), full)).rejects.toThrow('disk full');
  });
});

describe('sealing content for its owner', () => {
  const device = hostDevice(primitives);
  const input = {
    name: keys.name,
    keyId: { category: bytesFrom('category', 32), epoch: 0 },
    delegatingKey: publicOf('owner'),
    author: primitives.publicKeyOf(secretOf('author')),
  };
  const text = bytesFrom('text', 600_000);

  it('knows length, digest and content id of what it then sends, once', async () => {
    const sealed = await sealContentForOwner(device, input, contentOf(text));
    if (!sealed.ok) throw new Error(sealed.rejection.code);
    const { ciphertext, cid, erase } = sealed.value;
    const sent = await all(ciphertext.open());
    expect(ciphertext.bytes).toBe(sent.length);
    expect(Buffer.from(ciphertext.sha256)).toEqual(createHash('sha256').update(sent).digest());
    expect(equal(cid, await contentIdOf(sent))).toBe(true);
    expect(() => ciphertext.open()).toThrow('sent once');
    erase();
  });

  it('throws where the content is shorter or longer than it said', async () => {
    for (const bytes of [text.length - 1, text.length + 1])
      await expect(sealContentForOwner(device, input, { ...contentOf(text), bytes })).rejects.toMatchObject({
        code: 'client-record.content-changed',
      });
  });

  it('refuses what no hospital takes, before it reads a byte', async () => {
    const open = () => {
      throw new Error('read');
    };
    const sealed = await sealContentForOwner(device, input, { bytes: CLIENT_LIMITS.streamBytesMax, open });
    expect(sealed).toMatchObject({ ok: false, rejection: { code: 'crypto-record.too-large' } });
  });
});

describe('pieces', () => {
  it('of one size hold the same bytes, and none is written again', async () => {
    const bytes = bytesFrom('bytes', 100_001);
    const pieces: Uint8Array[] = [];
    for await (const piece of inPiecesOf(4_096, cut(bytes, 999))) pieces.push(piece);
    expect(equal(concat(...pieces), bytes)).toBe(true);
    expect(new Set(pieces.slice(0, -1).map((piece) => piece.length))).toEqual(new Set([4_096]));
  });

  it('of a stream are made when they are asked for, and no more once it is cancelled', async () => {
    let made = 0;
    let left = false;
    async function* source() {
      try {
        for (;;) {
          made++;
          yield new Uint8Array(10);
        }
      } finally {
        left = true;
      }
    }
    const reader = streamOf(source()).getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    expect([made, left]).toEqual([2, true]);
  });
});
