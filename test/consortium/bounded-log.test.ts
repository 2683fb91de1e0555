import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BoundedLog } from '../../src/consortium/bounded-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const contentOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

describe('a bounded log', () => {
  it('never exceeds its limit in either file, and ends with what was written last', () => {
    const bytesMax = 16;
    let run = 0;
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 24 }), { maxLength: 12 }),
        (chunks) => {
          run += 1;
          const path = join(folder, `${run}`, 'node.log');
          const log = new BoundedLog(path, bytesMax);
          for (const chunk of chunks) log.write(bytes(chunk));
          log.close();
          const [older, newer] = [contentOf(`${path}.1`), contentOf(path)];
          expect(log.failure).toBeUndefined();
          expect(older.length).toBeLessThanOrEqual(bytesMax);
          expect(newer.length).toBeLessThanOrEqual(bytesMax);
          const kept = chunks.map((chunk) => chunk.slice(-bytesMax)).join('');
          expect(kept.endsWith(older + newer)).toBe(true);
          expect((older + newer).length).toBeGreaterThanOrEqual(Math.min(kept.length, 1));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('goes on in the file that an earlier run left, within the same limit', () => {
    const path = join(folder, 'node.log');
    writeFileSync(path, 'before ');
    const log = new BoundedLog(path, 10);
    log.write(bytes('now'));
    log.write(bytes('later'));
    log.close();
    expect([contentOf(`${path}.1`), contentOf(path)]).toEqual(['before now', 'later']);
  });

  it('drops output and says why when the disk refuses, and throws nothing', () => {
    writeFileSync(join(folder, 'file'), '');
    const log = new BoundedLog(join(folder, 'file', 'node.log'));
    expect(() => log.write(bytes('lost'))).not.toThrow();
    log.close();
    expect(log.failure).toMatchObject({ code: expect.stringMatching(/^(ENOTDIR|EEXIST)$/) });
  });
});
