import { describe, expect, it } from 'vitest';
import { FOREIGN_FOLDERS, forbiddenIn, NOT_SEARCHED } from './forbidden-text.ts';
import { filesBelow, read } from './sources.ts';

const TEXT = /(^|\/)[^.]+$|\.(ts|tsx|mjs|js|json|md|css|html|svg|cedar|cedarschema|sh|yml|yaml|txt)$|(^|\/)\.[a-z]+$/;

describe('the text of the repository', () => {
  it('names no machine, registry or workplace', () => {
    const files = filesBelow('.').filter(
      (path) =>
        TEXT.test(path) && !NOT_SEARCHED.includes(path) && !FOREIGN_FOLDERS.some((folder) => path.startsWith(folder)),
    );
    expect(files).toContain('package.json');
    expect(files).toContain('.ci/run');
    // The lock file's funding addresses and package names are npm's; its own test below says what it must not hold.
    const searched = files.filter((path) => path !== 'package-lock.json');
    expect(searched.flatMap((path) => forbiddenIn(path, read(path)))).toEqual([]);
  });

  it('locks packages by content and not by the host they came from', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { resolved?: string; integrity?: string; inBundle?: boolean }>;
    };
    const packages = Object.entries(lock.packages).filter(([path]) => path !== '');
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
    // What a package brings along in its own archive is held by that archive's hash.
    const fetched = packages.filter(([, { inBundle }]) => inBundle !== true);
    expect(fetched.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
  });

  it.each([
    'see /work/main/src',
    "const dir = '/tmp/x';",
    'in /home/someone/carechain',
    'https://registry.example.com/left-pad',
    'fetched from npmjs.org',
  ])('would notice %s', (line) => {
    expect(forbiddenIn('a.md', line)).toHaveLength(1);
  });

  it.each([
    'GET /v1/work/12',
    'the work/life balance',
    'docs/home/index.md',
    'registry.register(metric)',
    'npm run build',
    '$HOME/tmp/x',
  ])('does not mind %s', (line) => {
    expect(forbiddenIn('a.md', line)).toEqual([]);
  });
});
