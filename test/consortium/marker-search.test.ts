import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formsOf, MARKER_BYTES_MAX, MARKER_BYTES_MIN } from '../../src/consortium/marker-forms.ts';
import { MarkerScanner, searchFile, searchFolders } from '../../src/consortium/marker-search.ts';

const MARKER = 'Zebra "quoted" Ünï marker';
const FORMS = formsOf(MARKER);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-marker-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The marker between other bytes, written by the platform's own encoders and not by ours. */
const written: readonly (readonly [string, Buffer])[] = [
  ['UTF-8', Buffer.from(`before ${MARKER} behind`)],
  ['UTF-16LE', Buffer.from(`before ${MARKER} behind`, 'utf16le')],
  ['UTF-16BE', Buffer.from(`before ${MARKER} behind`, 'utf16le').swap16()],
  ['JSON', Buffer.from(JSON.stringify({ note: MARKER }))],
  ['lower-case hexadecimal', Buffer.from(Buffer.from(`before ${MARKER} behind`).toString('hex'))],
  ['upper-case hexadecimal', Buffer.from(Buffer.from(`before ${MARKER} behind`).toString('hex').toUpperCase())],
  ...['', 'x', 'xy', 'xyz'].map(
    (start) =>
      [
        `base64 after ${start.length} bytes`,
        Buffer.from(Buffer.from(`${start}${MARKER}behind`).toString('base64')),
      ] as const,
  ),
  ['base64url', Buffer.from(Buffer.from(`xx${MARKER}behind`).toString('base64url'))],
];

describe('the search for a marker', () => {
  it.each(written)('finds it as %s', (_name, bytes) => {
    const scanner = new MarkerScanner(FORMS);
    scanner.push(bytes);
    expect(scanner.found.size).toBeGreaterThan(0);
  });

  it.each(written)('finds it as %s across any two chunks', (_name, bytes) => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const scanner = new MarkerScanner(FORMS);
      scanner.push(bytes.subarray(0, cut));
      scanner.push(bytes.subarray(cut));
      expect(scanner.found.size).toBeGreaterThan(0);
    }
  });

  it('says where it begins, however the bytes come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 700 }), (before, chunkBytes) => {
        const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(MARKER), Buffer.alloc(9)]);
        const scanner = new MarkerScanner(FORMS);
        for (let at = 0; at < bytes.length; at += chunkBytes) scanner.push(bytes.subarray(at, at + chunkBytes));
        expect(scanner.found.get('utf-8')).toBe(before);
      }),
    );
  });

  it('finds nothing in other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4_000 }), (bytes) => {
        const scanner = new MarkerScanner(FORMS);
        scanner.push(bytes);
        expect([...scanner.found]).toEqual([]);
      }),
    );
  });

  it('looks into every file below a folder, beyond the size of one read, and at their names', async () => {
    const deep = join(folder, 'large');
    writeFileSync(deep, Buffer.concat([Buffer.alloc(2 * 1_048_576 - 3), Buffer.from(MARKER)]));
    writeFileSync(join(folder, 'x-planted-name'), '');
    expect((await searchFile(deep, FORMS)).map(({ encoding, offset }) => [encoding, offset])).toEqual([
      ['utf-8', 2 * 1_048_576 - 3],
    ]);
    const { hits, files } = await searchFolders([folder], [...FORMS, ...formsOf('planted-name')]);
    expect(files).toBe(2);
    expect(hits.map(({ encoding }) => encoding).sort()).toEqual(['name:utf-8', 'utf-8']);
  });

  it('takes no marker so short that chance would find it, and none beyond the limit', () => {
    expect(() => formsOf('x'.repeat(MARKER_BYTES_MIN - 1))).toThrow(RangeError);
    expect(() => formsOf('x'.repeat(MARKER_BYTES_MAX + 1))).toThrow(RangeError);
    expect(formsOf('x'.repeat(MARKER_BYTES_MIN)).length).toBeGreaterThan(0);
    expect(formsOf('x'.repeat(MARKER_BYTES_MAX)).length).toBeGreaterThan(0);
  });
});
