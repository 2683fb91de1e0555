import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vectors } from '../../src/consortium/commands/vectors.ts';
import type { Output } from '../../src/consortium/output.ts';
import { checkVectors, type VectorsReport } from '../../src/consortium/vectors/check-file.ts';
import { combinations } from '../../src/consortium/vectors/combinations.ts';
import { VECTORS_LIMITS } from '../../src/consortium/vectors/limits.ts';
import { noblePrimitives } from '../../src/crypto/noble.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../support/fixtures.ts';
import { corruptions, everyDigit } from './vectors/corruptions.ts';
import { freshSuite, type Suite } from './vectors/fresh-suite.ts';

const native = nativePrimitives();
const fileOf = (...suites: readonly unknown[]): string =>
  JSON.stringify({ name: 'fresh', generator: 'x', note: 'y', suites });
const check = (text: string): VectorsReport => {
  const report = checkVectors(native, text);
  if (!report.ok) throw new Error(report.rejection.code);
  return report.value;
};
const codeOf = (text: string): string => {
  const report = checkVectors(native, text);
  return report.ok ? 'read' : report.rejection.code;
};
const counts = ({ suites, passed, failed }: VectorsReport) => [suites, passed, failed];

const fixtures = fixturesFolder();
const published = fixtures && join(fixtures, 'vectors', 'umbral-pre-0.10.0-e2e.json');
const suite = freshSuite(2, 3);
const other = freshSuite(2, 3);

describe('the published vectors of umbral-pre 0.10.0', () => {
  const text = published === undefined ? '' : readFileSync(published, 'utf8');
  const skipped = published === undefined ? FIXTURES_SKIPPED : '';

  it.skipIf(published === undefined)(`hold in every relation ${skipped}`, () => {
    expect(checkVectors(native, text)).toEqual({ ok: true, value: { suites: 3, passed: 3, failed: 0, failures: [] } });
  });

  it.skipIf(published === undefined)(`hold with @noble, of which the first must do: it is slow ${skipped}`, () => {
    const { suites } = JSON.parse(text) as { suites: readonly unknown[] };
    const report = checkVectors(noblePrimitives, fileOf(suites[0]));
    expect(report).toEqual({ ok: true, value: { suites: 1, passed: 1, failed: 0, failures: [] } });
  });
});

describe('a fresh file, made by the library', () => {
  it.each([
    [1, 1],
    [1, 4],
    [2, 2],
    [3, 4],
    [6, 8],
  ])('holds with %i of %i', (threshold, shares) => {
    expect(counts(check(fileOf(freshSuite(threshold, shares))))).toEqual([1, 1, 0]);
  });

  it('is counted suite by suite: a wrong one hides no other', () => {
    const wrong = { ...other, decrypted_ok: false };
    const { failed, passed, failures } = check(fileOf(suite, wrong, other, null));
    expect([passed, failed]).toEqual([2, 2]);
    expect(failures).toEqual([
      { suite: 1, check: 'decrypted_ok', code: 'consortium-vectors.wrong' },
      { suite: 3, check: 'suite', code: 'consortium-vectors.malformed' },
    ]);
  });
});

describe('a corrupted suite', () => {
  it.each(corruptions(suite, other))('fails: %s', (_, corrupted) => {
    expect(counts(check(fileOf(corrupted)))).toEqual([1, 0, 1]);
  });

  it('fails with any digit of any field changed (a sample of them; all with CARECHAIN_VECTORS_STRIDE=1)', () => {
    const stride = Number(process.env.CARECHAIN_VECTORS_STRIDE ?? 89);
    const held = everyDigit(suite, stride).filter(({ corrupted }) => check(fileOf(corrupted)).failed !== 1);
    expect(held.map(({ place }) => place)).toEqual([]);
  });

  it.each(Object.keys(suite))('fails without %s, or with it of another type', (name) => {
    const { [name]: _, ...without } = suite as Record<string, unknown>;
    for (const wrong of [without, ...[null, 1.5, 'xyz', -1, [1], {}].map((value) => ({ ...suite, [name]: value }))]) {
      const text = fileOf(wrong);
      expect(text.includes('1.5') ? codeOf(text) : check(text).failed).toEqual(
        text.includes('1.5') ? 'consortium-vectors.malformed' : 1,
      );
    }
  });

  it('fails with a field that nobody would check', () => {
    expect(check(fileOf({ ...suite, more: 1 })).failures).toEqual([
      { suite: 0, check: 'more', code: 'consortium-vectors.malformed' },
    ]);
  });
});

describe('what is no file of vectors', () => {
  it.each([
    ['no JSON', '{"suites": ['],
    ['nothing', ''],
    ['a list', '[]'],
    ['no suites', '{}'],
    ['an empty list of suites, of which all would hold', '{"suites": []}'],
    ['suites that are a map', '{"suites": {}}'],
    ['a key twice', '{"suites": [1], "suites": [2]}'],
    ['a forbidden key', '{"__proto__": 1, "suites": [1]}'],
    ['nesting without end', '['.repeat(1_000_000)],
    ['a number that rounds', '{"suites": [1e400]}'],
  ])('is refused: %s', (_, text) => {
    expect(codeOf(text)).toBe('consortium-vectors.malformed');
  });

  it('ends soon, however much it holds', () => {
    const many = { ...suite, threshold: 255, shares: 255, kfrags_msgpack: Array(256).fill(suite.kfrags_msgpack[0]) };
    expect(check(fileOf(many)).failures[0]?.code).toBe('consortium-vectors.malformed');
    const long = { ...suite, capsule_simple: 'ab'.repeat(1_000_000) };
    expect(check(fileOf(long)).failures[0]?.code).toBe('crypto-umbral.malformed');
    const suites = (count: number) => `{"suites": [${'0,'.repeat(count - 1)}0]}`;
    const { suitesMax } = VECTORS_LIMITS;
    expect(counts(check(suites(suitesMax)))).toEqual([suitesMax, 0, suitesMax]);
    expect(codeOf(suites(suitesMax + 1))).toBe('consortium-vectors.malformed');
  });
});

describe('the combinations that are tried', () => {
  it('are all of them where they are few', () => {
    expect(new Set(combinations(5, 3).map(String)).size).toBe(10);
    expect(combinations(1, 1)[0]).toEqual([0]);
  });

  it('are bounded, and use every share', () => {
    for (const [count, size] of [
      [255, 128],
      [20, 10],
      [255, 255],
      [200, 1],
    ] as const) {
      const tried = combinations(count, size);
      expect(tried.length).toBeLessThanOrEqual(VECTORS_LIMITS.combinationsMax + 1);
      expect(tried.every((some) => new Set(some).size === size && Math.max(...some) < count)).toBe(true);
      expect(tried.flat().length).toBeLessThanOrEqual(VECTORS_LIMITS.combinedSharesMax + size);
      expect(tried.at(-1)).toContain(count - 1);
    }
  });
});

describe('carechain vectors', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'carechain-vectors-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = async (text: string) => {
    const results: object[] = [];
    const lines: string[] = [];
    const output: Output = {
      json: true,
      say: () => {},
      result: (value, words) => {
        results.push(value);
        lines.push(words);
      },
    };
    const file = join(folder, 'vectors.json');
    writeFileSync(file, text);
    return { exitCode: await vectors({ file }, output), results, lines };
  };

  it('answers 0 and the counts where all hold, 1 and the reasons where one does not', async () => {
    const good = await run(fileOf(suite));
    expect([good.exitCode, good.results]).toEqual([0, [{ suites: 1, passed: 1, failed: 0, failures: [] }]]);
    const bad = await run(fileOf(suite, { ...suite, threshold: 3 }));
    expect([bad.exitCode, bad.results]).toEqual([
      1,
      [
        {
          suites: 2,
          passed: 1,
          failed: 1,
          failures: [{ suite: 1, check: 'threshold, kfrags_msgpack', code: 'consortium-vectors.wrong' }],
        },
      ],
    ]);
    expect(bad.lines[0]).toContain('1 of 2 suites hold');
  });

  it('fails with a code for a file that is none of vectors, too large, or not there', async () => {
    await expect(run('{')).rejects.toMatchObject({ code: 'consortium-vectors.malformed', exitCode: 1 });
    await expect(run(' '.repeat(VECTORS_LIMITS.fileBytesMax + 1))).rejects.toMatchObject({
      code: 'consortium-vectors.too-large',
      exitCode: 1,
    });
    const output: Output = { json: true, say: () => {}, result: () => {} };
    const missing = vectors({ file: join(folder, 'none.json') }, output);
    await expect(missing).rejects.toMatchObject({ code: 'consortium-command.file-missing', exitCode: 64 });
    await expect(vectors({ file: folder }, output)).rejects.toMatchObject({ code: 'consortium-command.file-missing' });
  });
});

it('a suite has the fields of the published format', () => {
  const expected: readonly (keyof Suite)[] = [
    'threshold',
    'shares',
    'delegating_sk',
    'delegating_pk',
    'signing_sk',
    'verifying_pk',
    'receiving_sk',
    'receiving_pk',
    'plaintext',
    'capsule_simple',
    'capsule_msgpack',
    'ciphertext',
    'kfrags_msgpack',
    'cfrags_simple',
    'cfrags_msgpack',
    'decrypted_ok',
    'shared_point_compressed',
  ];
  expect(Object.keys(suite).sort()).toEqual([...expected].sort());
});
