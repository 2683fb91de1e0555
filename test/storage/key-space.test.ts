import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from '../../src/base/bytes.ts';
import {
  KEY_SPACES,
  keyIn,
  keySpaceName,
  rangeIn,
  staleKey,
  staleNodeKey,
  staleTarget,
  treeNodeKey,
} from '../../src/storage/key-space.ts';

const path = fc.string({ unit: fc.constantFrom('0', '1'), maxLength: 256 });
const version = fc.nat();

describe('key spaces', () => {
  it('has one prefix byte each, and the specification lists exactly these', async () => {
    const page = await readFile(new URL('../../docs/specification/key-spaces.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| 0x'));
    const table = Object.entries(KEY_SPACES).map(
      ([name, { prefix, database, key, value }]) =>
        `| 0x${prefix.toString(16).padStart(2, '0')} | ${name} | ${database} | ${key} | ${value} |`,
    );
    expect(rows).toEqual(table);
    expect(new Set(Object.values(KEY_SPACES).map(({ prefix }) => prefix)).size).toBe(table.length);
  });

  it('names the space of every key, and none for a foreign prefix', () => {
    expect(keySpaceName(keyIn('audit'))).toBe('audit');
    expect([keySpaceName(Uint8Array.of(0xee)), keySpaceName(new Uint8Array(0))]).toEqual(['unknown', 'unknown']);
  });

  it('ranges hold the keys with their prefix and no other', () => {
    const bytes = fc.uint8Array({ maxLength: 4 });
    fc.assert(
      fc.property(bytes, bytes, (prefix, name) => {
        const { gte, lt } = rangeIn('state', prefix);
        const key = keyIn('state', name);
        const inside = compareBytes(key, gte) >= 0 && compareBytes(key, lt) < 0;
        expect(inside).toBe(prefix.every((byte, i) => name[i] === byte));
      }),
      { examples: [[Uint8Array.of(0xff, 0xff), Uint8Array.of(0xff, 0xff, 1)]] },
    );
  });

  it('keeps different tree paths and versions apart, also where they share their bits', () => {
    fc.assert(
      fc.property(path, version, path, version, (pathA, versionA, pathB, versionB) => {
        const [a, b] = [
          treeNodeKey({ path: pathA, version: versionA }),
          treeNodeKey({ path: pathB, version: versionB }),
        ];
        expect(compareBytes(a, b) === 0).toBe(pathA === pathB && versionA === versionB);
      }),
      {
        examples: [
          ['0', 1, '00', 1],
          ['', 1, '0', 1],
          ['1', 1, '10000000', 1],
        ],
      },
    );
  });

  it('finds the row that a stale key names', () => {
    fc.assert(
      fc.property(path, version, version, (at, wrote, stale) => {
        const row = treeNodeKey({ path: at, version: wrote });
        expect(staleTarget('treeNode', staleKey('staleNode', stale, row))).toEqual(row);
        expect(staleNodeKey(stale, { path: at, version: wrote })).toEqual(staleKey('staleNode', stale, row));
      }),
    );
  });
});
