import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SIM_FLAGS, type SimOptions } from '../../src/consortium/commands/sim/flags.ts';
import { keep } from '../../src/consortium/commands/sim/kept-file.ts';
import { asPlan } from '../../src/consortium/commands/sim/plan-file.ts';
import { countedCheckers, replayLine } from '../../src/consortium/commands/sim/words.ts';
import { sim } from '../../src/consortium/commands/sim.ts';
import { EXIT } from '../../src/consortium/exit-codes.ts';
import type { SeedReport } from '../../src/simulator/campaign/run-seed.ts';
import { planOf } from '../../src/simulator/draw-plan.ts';

const OUTSIDER = join(import.meta.dirname, '..', '..', 'docs', 'check-trace.mjs');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-sim-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => join(folder, name);

const DEFAULTS: SimOptions = { engine: 'qbft', seeds: 2, firstSeed: 1, heights: 3, jobs: 1 };

/** Runs the command and answers its exit code, its result and its story. */
async function run(options: Partial<SimOptions>) {
  const results: Record<string, unknown>[] = [];
  const said: string[] = [];
  const output = {
    json: true,
    result: (value: object) => void results.push(value as Record<string, unknown>),
    say: (line: string) => void said.push(line),
  };
  const exitCode = await sim({ ...DEFAULTS, ...options }, output);
  return { exitCode, result: results[0] as Record<string, unknown>, results: results.length, said };
}

describe('carechain sim', () => {
  it('runs a campaign, and prints its figures once', async () => {
    const { exitCode, result, results } = await run({});
    expect(results).toBe(1);
    expect(exitCode).toBe(EXIT.holds);
    expect(result).toMatchObject({ engine: 'qbft', seeds: 2, violations: 0, stalled: 0, signer: 'keyed-hash' });
    expect(result.heights).toBeGreaterThanOrEqual(6);
    for (const figure of ['secondsPerSeed', 'distinctTraces', 'eventsTotal', 'deepestReversal', 'faults'])
      expect(result).toHaveProperty(figure);
    for (const figure of ['rules', 'executed', 'leastSeeds']) expect(result).toHaveProperty(`ruleCoverage.${figure}`);
  });

  it('prints the same trace hash for the same seed, which is that of the file it writes', async () => {
    const [first, again, other] = [
      await run({ seed: 7, trace: file('trace.jsonl') }),
      await run({ seed: 7 }),
      await run({ seed: 8 }),
    ];
    const text = readFileSync(file('trace.jsonl'));
    expect(first.result.traceHash).toBe(createHash('sha256').update(text).digest('hex'));
    expect(again.result.traceHash).toBe(first.result.traceHash);
    expect(other.result.traceHash).not.toBe(first.result.traceHash);
    const out = execFileSync(process.execPath, [OUTSIDER, file('trace.jsonl')], { encoding: 'utf8' });
    expect(out).toMatch(/^[1-9]\d* commits of [1-9]\d* heights, [1-9]\d* votes: 0 problems$/m);
  });

  it('runs the plan of a file as it runs the seed that it came from', async () => {
    const { result } = await run({ seed: 7 });
    writeFileSync(file('plan.json'), JSON.stringify(result.plan));
    expect((await run({ plan: file('plan.json') })).result.traceHash).toBe(result.traceHash);
  });

  it('keeps failures on a list, and runs all of them again', async () => {
    const say = () => {};
    const plan = planOf(3, { engine: 'qbft', heights: 2 });
    for (const what of ['two blocks', 'two more\n at a stack'])
      await keep(file('kept.json'), { plan, checker: 'agreement', what }, say);
    const { exitCode, result } = await run({ kept: file('kept.json') });
    expect(exitCode).toBe(EXIT.holds);
    expect(result).toEqual({ kept: 2, failed: 0, failures: [] });
    expect(JSON.parse(readFileSync(file('kept.json'), 'utf8'))[1].why).toBe('agreement: two more');
  });

  it.each([
    ['no JSON', 'this is none'],
    ['no plan', '{"version":1}'],
    ['a plan of another version', JSON.stringify({ ...planOf(1, { engine: 'qbft' }), version: 9 })],
    ['a plan of an unknown engine', JSON.stringify({ ...planOf(1, { engine: 'qbft' }), engine: 'tendermint' })],
  ])('refuses %s', async (_what, text) => {
    writeFileSync(file('bad.json'), text);
    await expect(run({ plan: file('bad.json') })).rejects.toMatchObject({ exitCode: EXIT.usage });
  });

  it.each([
    [{ bug: 'qbft-lock-dropped', seed: 7, shrink: true }, '--shrink'],
    [{ bug: 'qbft-lock-dropped', trace: 'x.jsonl' }, '--trace'],
    [{ bugs: true, seed: 7 }, '--seed'],
    [{ trace: 'x.jsonl' }, '--trace'],
    [{ shrink: true }, '--shrink'],
    [{ seed: 7, plan: 'plan.json' }, '--seed'],
    [{ twins: true, seed: 7 }, '--seed'],
    [{ seed: 7, search: true }, '--search'],
  ])('refuses %j: it would make nothing of %s', async (options, flag) => {
    await expect(run(options)).rejects.toMatchObject({ exitCode: EXIT.usage, message: expect.stringContaining(flag) });
  });

  it('refuses a file that is not there', async () => {
    await expect(run({ plan: file('none.json') })).rejects.toMatchObject({ code: 'consortium-command.file-missing' });
  });
});

describe('its words', () => {
  it('name each checker once, and how often it found something', () => {
    const found = ['agreement', 'prepared-round', 'prepared-round'].map((checker) => ({ checker }));
    expect(countedCheckers({ violations: found as unknown as SeedReport['violations'] })).toBe(
      'agreement, prepared-round × 2',
    );
  });

  const parse = (name: string) => SIM_FLAGS.find(({ flags }) => flags.startsWith(`--${name} `))?.parse;

  it('take numbers within bounds and engines by their names', () => {
    expect(parse('seed')?.('4294967295')).toBe(4_294_967_295);
    expect(parse('first-seed')?.('random')).toBe('random');
    expect(parse('engine')?.('clique')).toBe('clique');
    for (const [name, text] of [
      ['seed', '4294967296'],
      ['seeds', '0'],
      ['jobs', '1.5'],
      ['engine', 'pow'],
      ['heights', '-1'],
    ] as const)
      expect(() => parse(name)?.(text)).toThrow(/./);
  });

  it('name what shows a seed again', () => {
    expect(replayLine({ engine: 'simplex', validators: 7 }, 12)).toBe(
      'npm run --silent carechain -- sim --engine simplex --seed 12 --validators 7',
    );
  });

  it('know every drawn plan for one', () => {
    for (const seed of [0, 1, 2, 3]) {
      const plan = planOf(seed, { engine: 'clique', validators: 7 });
      expect(asPlan(JSON.parse(JSON.stringify(plan)), 'here')).toEqual(plan);
    }
  });
});
