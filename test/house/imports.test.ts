import { describe, expect, it } from 'vitest';
import { ALLOWED_IMPORTS, PURE_FOLDERS } from './allowed-imports.ts';
import { importViolations } from './import-rules.ts';
import { filesBelow, isTypeScript, read } from './sources.ts';

const sources = ['src', 'bin', 'web'].flatMap(filesBelow).filter(isTypeScript);

describe('imports run downwards (DESIGN.md, "The house")', () => {
  it('keeps every file to the table of allowed imports', () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.flatMap((path) => importViolations(path, read(path)))).toEqual([]);
  });

  it('has a table without a cycle, so that downwards means something', () => {
    const below = (folder: string, path: readonly string[]): void => {
      expect(path, `${[...path, folder].join(' → ')}`).not.toContain(folder);
      // A single file, such as consensus/evidence.ts, is no way into its folder: its own imports are checked where it lives.
      const whole = ALLOWED_IMPORTS[folder]?.folders.filter((name) => !name.includes('/')) ?? [];
      for (const next of whole) below(next, [...path, folder]);
    };
    for (const folder of Object.keys(ALLOWED_IMPORTS)) below(folder, []);
  });

  it('lets nothing a browser runs reach a folder that needs Node', () => {
    for (const folder of [...PURE_FOLDERS, 'fhir', 'client']) {
      for (const name of ALLOWED_IMPORTS[folder]?.folders ?? []) {
        expect(ALLOWED_IMPORTS[name.split('/')[0] ?? '']?.nodeBuiltins, `${folder} → ${name}`).toBe(false);
      }
    }
  });
});

describe('the import rules themselves', () => {
  it.each([
    ['src/vm/a.ts', "import { x } from '../ledger/b.ts';"],
    ['src/consensus/qbft/a.ts', "import type { x } from '../../ledger/block.ts';"],
    ['src/ledger/a.ts', "export * from '../consensus/vote.ts';"],
    ['src/storage/a.ts', "import '../network/b.ts';"],
    ['src/api/a.ts', "type X = import('../node/b.ts').X;"],
    ['src/client/a.ts', "const fs = await import('node:fs');"],
    ['src/client/a.ts', "import fs from 'fs/promises';"],
    ['src/base/a.ts', "import level from 'classic-level';"],
    ['src/node/a.ts', "import '../../test/house/sources.ts';"],
    ['src/cellar/a.ts', 'export {};'],
  ])('refuse in %s: %s', (path, source) => {
    expect(importViolations(path, source)).toHaveLength(1);
  });

  it.each([
    ['src/ledger/a.ts', "import { x } from '../consensus/evidence.ts';"],
    ['src/ledger/tree/a.ts', "import { x } from '../../base/result.ts';"],
    ['src/base/a.ts', "import { sha256 } from '@noble/hashes/sha2.js';"],
    ['src/node/a.ts', "import fs from 'node:fs';"],
    ['bin/carechain.ts', "import { up } from '../src/consortium/up.ts';"],
  ])('allow in %s: %s', (path, source) => {
    expect(importViolations(path, source)).toEqual([]);
  });
});
