import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, equal, toHex } from '../../src/base/bytes.ts';
import type { Result } from '../../src/base/result.ts';
import { CHUNK_BYTES, createOpener, createSealer, type Opener, sealedLengthOf } from '../../src/crypto/cobblestone.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { openIndependently, sealIndependently } from './support/independent-cobblestone.ts';
import { bytesFrom, hex, loadVectors, tally, type WycheproofCase } from './support/vectors.ts';

const native = nativePrimitives();
const key = bytesFrom('record key', 32);
const salt = bytesFrom('record salt', 24);
const context = bytesFrom('record context', 50);
const SEALED_CHUNK = CHUNK_BYTES + 16;
const HEADER = 56;

function seal(text: Uint8Array, pieceBytes = text.length + 1, primitives = native): Uint8Array {
  const sealer = createSealer(primitives, { key, salt, context });
  const parts: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += pieceBytes) parts.push(sealer.update(text.subarray(at, at + pieceBytes)));
  return concat(...parts, sealer.finish());
}

/** Feeds a message in pieces; what came out before the first refusal, and that refusal's code. */
function open(
  opener: Opener,
  message: Uint8Array,
  pieceBytes = message.length + 1,
): { text: Uint8Array; code: string } {
  const parts: Uint8Array[] = [];
  const take = (result: Result<Uint8Array>): string => {
    if (!result.ok) return result.rejection.code;
    parts.push(result.value);
    return '';
  };
  let code = '';
  for (let at = 0; at < message.length && code === ''; at += pieceBytes)
    code = take(opener.update(message.subarray(at, at + pieceBytes)));
  if (code === '') code = take(opener.finish());
  return { text: concat(...parts), code: code === '' ? 'ok' : code };
}

const openOurs = (message: Uint8Array, pieceBytes?: number) =>
  open(createOpener(native, { key, context }), message, pieceBytes);

/** 'ok' where the message opens to exactly this text. */
function opensTo(text: Uint8Array, message: Uint8Array, pieceBytes?: number): string {
  const opened = openOurs(message, pieceBytes);
  return opened.code !== 'ok' || equal(opened.text, text) ? opened.code : 'another text';
}

describe('Cobblestone-256', () => {
  it('passes Wycheproof: 6 messages open and seal to the same bytes, 20 are refused, none gives a byte too much', () => {
    const file = loadVectors('wycheproof/cobblestone_256_subset.json') as { tests: WycheproofCase[] };
    const outcomes = tally();
    for (const test of file.tests) outcomes.add(judge(test));
    expect(outcomes.counts()).toEqual({
      'valid: ok': 6,
      'invalid: key refused': 2,
      'invalid: crypto-record.truncated': 9,
      'invalid: crypto-record.commitment-mismatch': 4,
      'invalid: crypto-record.chunk-invalid': 3,
      'invalid: crypto-record.final-chunk-invalid': 2,
    });
  });

  function judge(test: WycheproofCase): string {
    const options = { key: hex(test.key), context: hex(test.ctx) };
    const message = new Uint8Array(inflateSync(hex(test.ct)));
    if (test.flags.includes('InvalidKeySize')) {
      expect(() => open(createOpener(native, options), message)).toThrow('32 bytes');
      return 'invalid: key refused';
    }
    const { text, code } = open(createOpener(native, options), message, 1_000);
    const sha512 = createHash('sha512').update(text).digest('hex');
    if (test.msgSha512 !== undefined) expect(sha512, `tcId ${test.tcId}`).toBe(test.msgSha512);
    else expect(text.length, `tcId ${test.tcId}`).toBe(0);
    if (test.result === 'valid') {
      const sealer = createSealer(native, { ...options, salt: message.slice(0, 24) });
      expect(toHex(concat(sealer.update(text), sealer.finish())), `tcId ${test.tcId}`).toBe(toHex(message));
    }
    return `${test.result}: ${code}`;
  }

  const lengths = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 5_000];

  it.each(lengths)('makes of %i bytes what an independent implementation makes, and opens it', (length) => {
    const text = bytesFrom('text', length);
    const message = seal(text);
    expect(Buffer.from(message).equals(sealIndependently(key, salt, context, text))).toBe(true);
    expect(message.length).toBe(HEADER + length + 16 * (Math.floor(length / CHUNK_BYTES) + 1));
    expect(openIndependently(key, context, message).equals(text)).toBe(true);
    expect(opensTo(text, message)).toBe('ok');
  });

  it('makes the same message of the same text, however it arrives, with either primitives', () => {
    const text = bytesFrom('text', 2 * CHUNK_BYTES + 77);
    const whole = seal(text);
    expect(equal(seal(text, undefined, noblePrimitives), whole)).toBe(true);
    fc.assert(
      fc.property(fc.integer({ min: 50, max: 40_000 }), (pieceBytes) => {
        expect(equal(seal(text, pieceBytes), whole)).toBe(true);
        expect(opensTo(text, whole, pieceBytes)).toBe('ok');
      }),
      { numRuns: 20 },
    );
  });

  it('crosses the byte boundary of the chunk counter as the independent implementation does', () => {
    const text = new Uint8Array(258 * CHUNK_BYTES + 3);
    const message = seal(text);
    expect(Buffer.from(message).equals(sealIndependently(key, salt, context, text))).toBe(true);
  });

  it('releases a chunk as soon as it is whole, and nothing of a chunk that is not', () => {
    const text = bytesFrom('text', 2 * CHUNK_BYTES);
    const message = seal(text);
    const opener = createOpener(native, { key, context });
    expect(opener.update(message.subarray(0, HEADER + SEALED_CHUNK - 1))).toEqual({
      ok: true,
      value: new Uint8Array(0),
    });
    const next = opener.update(message.subarray(HEADER + SEALED_CHUNK - 1, HEADER + SEALED_CHUNK));
    expect(next).toEqual({ ok: true, value: text.slice(0, CHUNK_BYTES) });
  });
});

describe('the fixed vectors', () => {
  interface Vector {
    readonly name: string;
    readonly key: string;
    readonly salt: string;
    readonly context: string;
    readonly textBytes: number;
    readonly messageBytes: number;
    readonly header: string;
    readonly lastTag: string;
    readonly messageSha256: string;
    readonly message?: string;
  }
  const { cases } = loadVectors('crypto/cobblestone.json') as unknown as { cases: readonly Vector[] };
  const textOf = (length: number) => new Uint8Array(length).map((_, i) => (7 * i + (i >> 8)) & 255);

  it('are of every length that matters, with and without context', () => {
    const lengths = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 4 * CHUNK_BYTES + 5_000];
    expect(cases.map(({ textBytes }) => textBytes)).toEqual(lengths.flatMap((length) => [length, length]));
    expect(cases.map(({ context: given }) => given.length / 2)).toEqual(lengths.flatMap(() => [0, 50]));
  });

  it.each(cases)('$name: both implementations make and open it', (vector) => {
    const [vectorKey, vectorSalt, vectorContext] = [hex(vector.key), hex(vector.salt), hex(vector.context)];
    const text = textOf(vector.textBytes);
    const sealer = createSealer(native, { key: vectorKey, salt: vectorSalt, context: vectorContext });
    const parts = sealer.parts(text);
    const ours = concat(...parts, sealer.finish());
    for (const message of [ours, sealIndependently(vectorKey, vectorSalt, vectorContext, text)]) {
      expect(message.length).toBe(vector.messageBytes);
      expect(sealedLengthOf(vector.textBytes)).toBe(vector.messageBytes);
      expect(toHex(message.subarray(0, HEADER))).toBe(vector.header);
      expect(toHex(message.subarray(-16))).toBe(vector.lastTag);
      expect(createHash('sha256').update(message).digest('hex')).toBe(vector.messageSha256);
      if (vector.message !== undefined) expect(toHex(message)).toBe(vector.message);
      const opened = open(createOpener(native, { key: vectorKey, context: vectorContext }), message, 9_000);
      expect([opened.code, equal(opened.text, text)]).toEqual(['ok', true]);
      expect(openIndependently(vectorKey, vectorContext, message).equals(text)).toBe(true);
    }
  });
});

describe('a Cobblestone message that was tampered with', () => {
  const text = bytesFrom('text', 3 * CHUNK_BYTES + 100);
  const message = seal(text);
  const chunk = (i: number) => message.subarray(HEADER + i * SEALED_CHUNK, HEADER + (i + 1) * SEALED_CHUNK);
  const head = message.subarray(0, HEADER);

  it.each([
    ['a bit of the salt', 3, 'crypto-record.commitment-mismatch'],
    ['a bit of the commitment', 30, 'crypto-record.commitment-mismatch'],
    ['a bit of a chunk', HEADER + SEALED_CHUNK + 9, 'crypto-record.chunk-invalid'],
    ['a bit of a tag', HEADER + SEALED_CHUNK - 1, 'crypto-record.chunk-invalid'],
    ['a bit of the last chunk', message.length - 20, 'crypto-record.final-chunk-invalid'],
  ])('is refused after a change of %s', (_, at, code) => {
    const changed = message.slice();
    changed[at] = (changed[at] as number) ^ 1;
    expect(openOurs(changed).code).toBe(code);
  });

  it.each([
    ['swapped chunks', concat(head, chunk(1), chunk(0), chunk(2), chunk(3)), 'crypto-record.chunk-invalid'],
    ['a dropped chunk', concat(head, chunk(0), chunk(2), chunk(3)), 'crypto-record.chunk-invalid'],
    ['a dropped last full chunk', concat(head, chunk(0), chunk(1), chunk(3)), 'crypto-record.final-chunk-invalid'],
    ['a repeated chunk', concat(head, chunk(0), chunk(0), chunk(1), chunk(2), chunk(3)), 'crypto-record.chunk-invalid'],
    ['a repeated last chunk', concat(message, chunk(3)), 'crypto-record.final-chunk-invalid'],
    ['one trailing byte', concat(message, Uint8Array.of(0)), 'crypto-record.final-chunk-invalid'],
    ['a trailing chunk’s worth', concat(message, new Uint8Array(SEALED_CHUNK)), 'crypto-record.chunk-invalid'],
    ['no last chunk', message.slice(0, HEADER + 3 * SEALED_CHUNK), 'crypto-record.truncated'],
    ['nothing after the header', head, 'crypto-record.truncated'],
    ['nothing at all', new Uint8Array(0), 'crypto-record.truncated'],
  ])('is refused with %s', (_, changed, code) => {
    expect(openOurs(changed).code).toBe(code);
  });

  it('is refused at every length but its own, releasing a prefix of the text at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: message.length - 1 }), (length) => {
        const opened = openOurs(message.subarray(0, length), 10_000);
        expect(opened.code).not.toBe('ok');
        expect(equal(opened.text, text.subarray(0, opened.text.length))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('is refused before any chunk is decrypted where key or context differ', () => {
    let decrypted = 0;
    const counting = {
      ...native,
      open: (...args: Parameters<typeof native.open>) => {
        decrypted++;
        return native.open(...args);
      },
    };
    const wrong = [
      { key: bytesFrom('other key', 32), context },
      { key, context: bytesFrom('other context', 50) },
    ];
    for (const options of wrong)
      expect(open(createOpener(counting, options), message).code).toBe('crypto-record.commitment-mismatch');
    expect(decrypted).toBe(0);
  });

  it('stays refused, with the first code, whatever comes next', () => {
    const opener = createOpener(native, { key, context });
    const changed = message.slice();
    changed[HEADER] = (changed[HEADER] as number) ^ 1;
    const first = opener.update(changed);
    expect(first).toMatchObject({ ok: false, rejection: { code: 'crypto-record.chunk-invalid' } });
    expect(opener.update(message)).toEqual(first);
    expect(opener.finish()).toEqual(first);
  });
});

describe('the limits of a Cobblestone message', () => {
  it('refuses more chunks than the reader allows, and takes exactly as many', () => {
    const message = seal(bytesFrom('text', 2 * CHUNK_BYTES));
    expect(open(createOpener(native, { key, context, chunksMax: 3 }), message).code).toBe('ok');
    expect(open(createOpener(native, { key, context, chunksMax: 2 }), message).code).toBe('crypto-record.too-large');
  });

  it('ends once: more bytes after the end are refused, and a sealer makes one message', () => {
    const opener = createOpener(native, { key, context });
    expect(open(opener, seal(new Uint8Array(5))).code).toBe('ok');
    for (const result of [opener.update(new Uint8Array(1)), opener.finish()])
      expect(result).toMatchObject({ ok: false, rejection: { code: 'crypto-record.finished' } });
    const sealer = createSealer(native, { key, salt, context });
    sealer.finish();
    expect(() => sealer.update(new Uint8Array(1))).toThrow('one message');
    expect(() => sealer.finish()).toThrow('one message');
  });

  it('takes a key of 32 bytes and a salt of 24, and no other', () => {
    expect(() => createSealer(native, { key: key.slice(1), salt, context })).toThrow('32 bytes');
    expect(() => createSealer(native, { key, salt: salt.slice(1), context })).toThrow('24 bytes');
  });
});
