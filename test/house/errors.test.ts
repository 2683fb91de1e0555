import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CodeEntry } from '../../src/base/result.ts';
import { filesBelow, ROOT, read } from './sources.ts';

const codeFiles = filesBelow('src').filter((path) => path.endsWith('/codes.ts'));

/** [code, entry, file] of every code in the house. */
const codes = (
  await Promise.all(
    codeFiles.map(async (path) => {
      const module: Record<string, unknown> = await import(pathToFileURL(join(ROOT, path)).href);
      const tables = Object.values(module).filter((value) => typeof value === 'object' && value !== null);
      return tables.flatMap((table) =>
        Object.entries(table as Record<string, CodeEntry>).map(([code, entry]) => ({ code, entry, path })),
      );
    }),
  )
).flat();

describe('the error catalogue', () => {
  it('gives each code to one folder only', () => {
    expect(codes.length).toBeGreaterThan(0);
    const repeated = codes.filter(({ code }, index) => codes.findIndex((other) => other.code === code) !== index);
    expect(repeated).toEqual([]);
  });

  it('spells every code topic.reason, with an HTTP error status and a sentence', () => {
    const bad = codes.filter(
      ({ code, entry }) =>
        !/^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+$/.test(code) ||
        !(Number.isInteger(entry.status) && entry.status >= 400 && entry.status <= 599) ||
        !/^[A-Z\d].*\.$/.test(entry.meaning),
    );
    expect(bad).toEqual([]);
  });

  it('is listed whole in docs/errors.md', () => {
    const page = read('docs/errors.md');
    expect(codes.filter(({ code }) => !page.includes(`| \`${code}\` |`)).map(({ code }) => code)).toEqual([]);
    // The page is exactly what the script would write now: nothing stale, nothing added by hand.
    execFileSync(process.execPath, [join(ROOT, 'scripts', 'write-error-docs.mjs'), '--check'], { stdio: 'pipe' });
  });
});
