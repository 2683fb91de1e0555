import { describe, expect, it } from 'vitest';
import { PURE_FOLDERS } from './allowed-imports.ts';
import { fenceViolations } from './fence.ts';
import { filesBelow, isTypeScript, read } from './sources.ts';

describe('the fence around the pure core', () => {
  it.each(PURE_FOLDERS)('finds no clock, chance, promise, locale or I/O in src/%s', (folder) => {
    const files = filesBelow(`src/${folder}`).filter(isTypeScript);
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((path) => fenceViolations(path, read(path)))).toEqual([]);
  });

  it.each([
    'const now = Date.now();',
    'const when: Date | undefined = undefined;',
    'const x = Math.random();',
    "const x = Math['random']();",
    'const { random } = Math;',
    'const x = Math.log2(8);',
    'async function f() {}',
    'const f = async () => 1;',
    'class A { async f() {} }',
    'const o = { async f() {} };',
    'await 1;',
    'export {}; for await (const x of []) {}',
    'let p: Promise<void>;',
    'setTimeout(f, 1);',
    'process.exit();',
    'const o = { process };',
    'console.log(1);',
    'name.toLocaleUpperCase();',
    "name['toLocaleString']();",
    'names.sort((a, b) => a.localeCompare(b));',
    'new Intl.Collator();',
    "import { hash } from 'node:crypto';",
    "export { hash } from 'node:crypto';",
    "const x = import('./x.ts');",
    'const here = import.meta.url;',
    "eval('1');",
  ])('refuses %s', (source) => {
    expect(fenceViolations('a.ts', source)).not.toEqual([]);
  });

  it.each([
    'const a = Math.floor(7 / 2) + Math.max(1, 2) + Math.PI;',
    'interface Host { process(block: unknown): void; readonly console: string }',
    'const effect = { process: 1, Date: 2 }; effect.process; effect.Date;',
    'export type Decoded = { readonly asynchronous: boolean };',
    "import { x } from '../base/result.ts';",
    "const text = 'Date, Promise and process.exit()'; // console.log",
  ])('accepts %s', (source) => {
    expect(fenceViolations('a.ts', source)).toEqual([]);
  });
});
