import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Consortium } from '../../src/consortium/consortium.ts';
import { makeConsortium } from '../../src/consortium/genesis-maker.ts';
import { logPath } from '../../src/consortium/layout.ts';
import { anyFreePorts } from '../../src/consortium/ports.ts';
import type { MemberExit } from '../../src/consortium/process-tree.ts';
import { fetchHeader, fetchStatus } from '../../src/consortium/status.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { until } from '../support/until.ts';

const HOSPITALS = 4;
const VICTIM = 3;

let data: string;
let consortium: Consortium;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'carechain-disk-'));
  const primitives = nativePrimitives();
  await makeConsortium(primitives, data, {
    name: 'x',
    hospitals: HOSPITALS,
    peerPorts: await anyFreePorts(HOSPITALS),
    apiPorts: Array.from({ length: HOSPITALS }, () => 0),
    timestampMs: Date.now(),
    parameters: { blockIntervalMs: 250, heartbeatMs: 500, roundTimeoutMs: 1_000 },
  });
  consortium = await Consortium.open(primitives, data);
  await consortium.startAll();
});
afterEach(async () => {
  await consortium.stopAll();
  rmSync(data, { recursive: true });
});

const reached = (hospital: number, height: number) =>
  until(async () => (await fetchStatus(consortium.api(hospital))).height >= height, {
    timeoutMs: 30_000,
    what: `height ${height} at hospital ${hospital}`,
  });

/** From now on the system refuses the process's writes beyond a file's first byte (setrlimit(2), EFBIG), as a full disk does. */
function fillDiskOf(hospital: number): void {
  const lock = readFileSync(join(consortium.hospital(hospital).folder, 'LOCK'), 'utf8');
  const { status } = spawnSync('prlimit', ['--pid', lock.split(' ')[0] as string, '--fsize=1']);
  expect(status).toBe(0);
}

it.runIf(process.platform === 'linux')(
  'a hospital whose disk refuses writes stops itself with a code; the others go on; with room again it catches up',
  async () => {
    await reached(VICTIM, 3);
    const ended = new Promise<MemberExit>((resolve) => {
      consortium.onExit((number, exit) => {
        if (number === VICTIM) resolve(exit);
      });
    });
    fillDiskOf(VICTIM);
    // 70: it stopped itself. Nobody had asked it to.
    expect(await ended).toMatchObject({ code: 70, signal: null, expected: false });
    expect(readFileSync(logPath(data, VICTIM), 'utf8')).toMatch(/"event":"node halts","code":"storage\.write-failed"/);

    const { height } = await fetchStatus(consortium.api(1));
    await reached(1, height + 3);
    const { height: startsAt } = await consortium.start(VICTIM);
    expect(startsAt).toBeLessThan(height + 3);
    await reached(VICTIM, height + 3);
    const [there, here] = await Promise.all([1, VICTIM].map((n) => fetchHeader(consortium.api(n), height + 3)));
    expect(here).toEqual(there);
    // Its signing record was not lost with the write that failed: it may vote again.
    await until(async () => (await fetchStatus(consortium.api(VICTIM))).ready, { timeoutMs: 20_000, what: 'ready' });
    expect((await fetchStatus(consortium.api(VICTIM))).reason).toBeNull();
  },
);
