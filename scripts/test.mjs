// `npm test`: sets the clone up, then lint, both typechecks and the unit tests; the last line counts them all.
// `npm test -- test/ledger` passes its arguments to vitest and runs nothing else.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BootstrapError, bootstrap } from './bootstrap.mjs';
import { countsLine, sum, vitestCounts } from './lib/counts.mjs';
import { inRoot, ROOT } from './lib/paths.mjs';
import { run } from './lib/run-captured.mjs';

const inModules = (...parts) => [process.execPath, inRoot('node_modules', ...parts)];
const TSC = inModules('typescript', 'bin', 'tsc');
const CHECKS = [
  { name: 'biome', command: [...inModules('@biomejs', 'biome', 'bin', 'biome'), 'check', '.'] },
  { name: 'typecheck', command: [...TSC, '-p', 'tsconfig.json', '--noEmit'] },
  { name: 'pure-typecheck', command: [...TSC, '-p', 'tsconfig.pure.json', '--noEmit'] },
];

/** What runs real processes, asks judges or breaks disks are campaigns of their own: `npm test -- --project system`, `judge`, `fault`. */
const PROJECTS = ['--project', 'unit'];

async function check({ name, command }) {
  const startedMs = performance.now();
  const { ok, how, output } = await run(command, { cwd: ROOT });
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  console.log(ok ? `ok      ${name} (${seconds} s)` : `FAILED  ${name} (${how})\n${output}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

/** A clone that cannot be built still runs what tests it can; the build counts as one failed check. */
async function setUp() {
  try {
    await bootstrap();
    return { passed: 1, failed: 0 };
  } catch (error) {
    if (!(error instanceof BootstrapError)) throw error;
    console.log(`FAILED  set-up: ${error.message}`);
    return { passed: 0, failed: 1 };
  }
}

async function vitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'carechain-test-'));
  const reportFile = join(folder, 'report.json');
  const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  try {
    const command = [...inModules('vitest', 'vitest.mjs'), 'run', ...report, ...args];
    const succeeded = await inherit(command);
    return vitestCounts(readJson(reportFile), succeeded);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command on our own terminal; true when it exits 0. */
function inherit([file, ...args]) {
  const child = spawn(file, args, { cwd: ROOT, stdio: 'inherit' });
  // Ctrl-C reaches the child by itself; a signal sent to us alone does not.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

const args = process.argv.slice(2);
const counts = [await setUp()];
if (args.length === 0) for (const entry of CHECKS) counts.push(await check(entry));
counts.push(await vitest(args.length === 0 ? PROJECTS : args));
const total = sum(counts);
console.log(`\n${countsLine(total)}`);
process.exitCode = total.failed === 0 ? 0 : 1;
