import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';
import { STAGES } from '../../src/bench/costs/devices-plan.ts';
import type { CostsReport } from '../../src/bench/costs/report.ts';
import { freshProgram } from '../consortium/fresh-program.ts';

const { modulePath, execArgv } = await freshProgram();
const TIMEOUT_MS = 120_000;
/** Small on purpose: whether the figures hold together, not how large they are. */
const ARGS = ['bench', '--costs', '--seconds', '3', '--readers', '2', '--block-ms', '250', '--json'];

it('records, grants and reads of real hospitals are weighed and timed, and every read opens', {
  timeout: TIMEOUT_MS,
}, async () => {
  const run = await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: 1 << 24 };
    execFile(process.execPath, [...execArgv, modulePath, ...ARGS], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
  expect(run.code, run.stderr).toBe(0);
  const { bytes, reads, verifyMicroseconds } = JSON.parse(run.stdout) as CostsReport;
  expect(bytes.record).toMatchObject({ items: 32, transactions: { registerRecord: { perItem: 1 } } });
  expect(bytes.grant).toMatchObject({ items: 8, transactions: { grant: { perItem: 1 } } });
  // Those of the warm-up and of the end count on chain, and not in the window.
  expect(bytes.read?.items).toBeGreaterThanOrEqual(reads.reads);
  expect(bytes.read?.transactions.respond?.perItem).toBeGreaterThan(0);

  expect(reads.reads).toBeGreaterThan(0);
  expect(reads.refusals).toEqual({});
  expect(reads.perSecond).toBeCloseTo(reads.reads / reads.seconds, 1);
  for (const stage of STAGES) expect(reads.stagesMs[stage], stage).toBeGreaterThan(0);
  expect(reads.stagesMs.block).toBeLessThanOrEqual(reads.latencyMs.max);
  expect(reads.httpRequestsByCall).toMatchObject({ proofs: 2, submit: 1, readEnvelope: 1, readShares: 1 });
  expect(reads.httpReceivedBytes).toBeGreaterThan(reads.plaintextBytes);
  expect(verifyMicroseconds.node).toBeGreaterThan(0);
});
