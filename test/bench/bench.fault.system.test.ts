import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BenchReport } from '../../src/bench/report.ts';
import { freshProgram } from '../consortium/fresh-program.ts';

const { modulePath, execArgv } = await freshProgram();
const TIMEOUT_MS = 85_000;

/** Small on purpose: whether the figures hold together, not how large they are. */
const ARGS = ['bench', '--seconds', '3', '--rate', '40', '--batch', '8', '--block-ms', '250', '--json'];

let folder: string;
let exitCode: number;
let report: BenchReport;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-bench-test-'));
  const args = [...execArgv, modulePath, ...ARGS, '--profile', folder];
  const run = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, args, { timeout: TIMEOUT_MS, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
  exitCode = run.code;
  expect(run.stdout, run.stderr).not.toBe('');
  report = JSON.parse(run.stdout) as BenchReport;
}, TIMEOUT_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('carechain bench', () => {
  it('commits what it hands in, loses nothing, and ends with one state at all hospitals', () => {
    expect(exitCode).toBe(0);
    const { accounts, stateRootsAgree, failures } = report;
    expect(failures).toEqual({});
    expect(accounts.submitted).toBeGreaterThan(0);
    expect(accounts).toMatchObject({ accepted: accounts.submitted, applied: accounts.submitted, lost: 0 });
    expect(stateRootsAgree).toBe(true);
  });

  it('prints figures that hold together', () => {
    expect(report).toMatchObject({ engine: 'qbft', finality: 'certificate', validators: 4 });
    expect(report.notFinal).toBeUndefined();
    expect(report.perSecond).toBeCloseTo(report.transactions / report.seconds, 6);
    expect(report.transactionsPerBlock.mean * report.blocks).toBeCloseTo(report.transactions, 6);
    expect(report.transactions).toBeLessThanOrEqual(report.accounts.applied);
    const { p50, p95, p99, max } = report.latencyMs;
    expect(p50).toBeGreaterThan(0);
    expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].sort((a, b) => a - b));
    expect(report.verifyMicroseconds.node).toBeGreaterThan(0);
    expect(Object.keys(report.cpuSecondsPerProcess)).toEqual([
      'hospital-1',
      'hospital-2',
      'hospital-3',
      'hospital-4',
      'load',
    ]);
  });

  it('says where the CPU goes, from a profile of each hospital', () => {
    expect(readdirSync(folder).sort()).toEqual([1, 2, 3, 4].map((number) => `hospital-${number}.cpuprofile`));
    const places = report.profile?.byPlace.map(({ name }) => name) ?? [];
    expect(places).toContain('src/ledger');
    expect(places).toContain('secp256k1');
    const total = report.profile?.byPlace.reduce((sum, { microseconds }) => sum + microseconds, 0) ?? 0;
    expect(total / (report.profile?.busyMicroseconds ?? 0)).toBeCloseTo(1, 2);
  });
});
