import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportChain } from '../../src/consortium/commands/export.ts';
import { type ChangeName, governancePropose, governanceVote } from '../../src/consortium/commands/governance.ts';
import { governanceList } from '../../src/consortium/commands/governance-list.ts';
import { hospitalNew } from '../../src/consortium/commands/hospital.ts';
import { rotateValidatorKey } from '../../src/consortium/commands/rotate-validator-key.ts';
import { verify } from '../../src/consortium/commands/verify.ts';
import { Consortium } from '../../src/consortium/consortium.ts';
import { makeConsortium, peerAddress } from '../../src/consortium/genesis-maker.ts';
import { genesisPath, hospitalFolder } from '../../src/consortium/layout.ts';
import type { Output } from '../../src/consortium/output.ts';
import { anyFreePorts } from '../../src/consortium/ports.ts';
import { fetchHeader, fetchStatus } from '../../src/consortium/status.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { until } from '../support/until.ts';
import { freshProgram } from './fresh-program.ts';

/**
 * One story on real processes: a fifth hospital reads along while it is under vote, joins, validates; one validator changes its key, one leaves;
 * and the chain that all of them followed verifies from its first block to its last.
 */
const PROGRAM = await freshProgram();
const PATIENCE_MS = 30_000;
const NEWCOMER = 5;

let data: string;
let consortium: Consortium;
let newcomer: ChildProcess | undefined;
let apis: readonly string[];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'carechain-governance-'));
  data = join(folder, 'data');
  const ports = await anyFreePorts(10);
  apis = ports.slice(5).map((port) => `http://127.0.0.1:${port}`);
  await makeConsortium(nativePrimitives(), data, {
    name: 'A consortium that changes',
    hospitals: 4,
    peerPorts: ports.slice(0, 4),
    apiPorts: ports.slice(5, 9),
    timestampMs: Date.now(),
    parameters: { blockIntervalMs: 100, heartbeatMs: 300, roundTimeoutMs: 1_000, validatorChangeDelayMin: 4 },
  });
  consortium = await Consortium.open(nativePrimitives(), data);
  await consortium.startAll();
  await hospitalNew(
    hospitalFolder(data, NEWCOMER),
    {
      genesis: genesisPath(data),
      name: 'Hospital 5',
      tier: 'secondary',
      listen: [peerAddress(ports[4] as number)],
      apiHost: '127.0.0.1',
      apiPort: ports[9] as number,
    },
    silent(),
  );
});
afterAll(async () => {
  newcomer?.kill('SIGTERM');
  await consortium?.stopAll();
  rmSync(join(data, '..'), { recursive: true, force: true });
});

function silent(results: Record<string, unknown>[] = []): Output {
  return { json: true, say: () => {}, result: (value) => void results.push(value as Record<string, unknown>) };
}

const folderOf = (number: number): string => hospitalFolder(data, number);
const apiOf = (number: number): string => apis[number - 1] as string;
const heightOf = async (number: number): Promise<number> => (await fetchStatus(apiOf(number))).height;
const reached = (number: number, height: number) =>
  until(async () => (await heightOf(number).catch(() => 0)) >= height, {
    timeoutMs: PATIENCE_MS,
    what: `height ${height} at hospital ${number}`,
  });
const keysOf = (number: number) =>
  JSON.parse(readFileSync(join(folderOf(number), 'keys.json'), 'utf8')) as Record<string, string>;

async function listed(number = 1) {
  const results: Record<string, unknown>[] = [];
  await governanceList({ data: folderOf(number), all: true }, silent(results));
  return results[0] as {
    readonly validators: readonly string[];
    readonly hospitals: readonly { readonly id: string; readonly name: string; readonly status: string }[];
    readonly proposals: readonly { readonly status: string }[];
  };
}
const idOf = async (number: number): Promise<string> =>
  (await listed()).hospitals.find(({ name }) => name === `Hospital ${number}`)?.id as string;
const statusOf = async (number: number): Promise<string | undefined> =>
  (await listed()).hospitals.find(({ name }) => name === `Hospital ${number}`)?.status;

async function proposed(by: number, change: ChangeName, words: readonly string[], at?: number): Promise<string> {
  const results: Record<string, unknown>[] = [];
  await governancePropose(change, words, { data: folderOf(by), ...(at !== undefined && { at }) }, silent(results));
  return results[0]?.proposal as string;
}

/** All vote yes until it is passed. */
async function pass(proposal: string, voters: readonly number[]): Promise<void> {
  for (const voter of voters) {
    const results: Record<string, unknown>[] = [];
    await governanceVote(proposal.slice(0, 12), 'yes', { data: folderOf(voter) }, silent(results));
    if (results[0]?.status === 'passed') return;
  }
  throw new Error('the votes did not pass it');
}

/** Heights at and after `from` whose certificate holds, or does not hold, the hospital's signature. */
async function certifies(number: number, from: number, signed: boolean): Promise<void> {
  const id = await idOf(number);
  let height = from;
  await until(
    async () => {
      await reached(1, height);
      const response = await fetch(new URL(`/v1/blocks/${height++}`, apiOf(1)));
      const { certificate } = (await response.json()) as { certificate: { validators: string[] } };
      return certificate.validators.includes(id) === signed;
    },
    { timeoutMs: PATIENCE_MS, what: `a certificate ${signed ? 'with' : 'without'} hospital ${number}` },
  );
}

it('a hospital under vote reads the chain along, and does nothing else', async () => {
  const { modulePath, execArgv } = PROGRAM;
  newcomer = spawn(process.execPath, [...execArgv, modulePath, 'node', '--data', folderOf(NEWCOMER)], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  await once(newcomer, 'message');
  await reached(1, 3);
  expect(await heightOf(NEWCOMER)).toBe(0);

  const admission = await proposed(1, 'admit', [join(folderOf(NEWCOMER), 'candidate.json')]);
  await reached(NEWCOMER, await heightOf(1));
  expect(await statusOf(NEWCOMER)).toBe('pending');
  // It is no one that the others count on.
  expect(await fetchStatus(apiOf(1))).toMatchObject({ peers: 3, ready: true });
  await expect(proposed(NEWCOMER, 'suspend', ['Hospital 1'])).rejects.toMatchObject({ exitCode: 1 });

  await pass(admission, [1, 2, 3, 4]);
  // Its own node, which its commands go through, is a block behind at times.
  await reached(NEWCOMER, await heightOf(1));
  expect(await statusOf(NEWCOMER)).toBe('active');
  await until(async () => (await fetchStatus(apiOf(1))).peers === 4, { timeoutMs: PATIENCE_MS, what: 'a fourth peer' });
});

it('it validates from its activation height on', async () => {
  const at = (await heightOf(1)) + 25;
  await pass(await proposed(NEWCOMER, 'add-validator', [], at), [1, 2, 3, 4]);
  await reached(1, at - 1);
  await reached(1, at);
  expect((await listed()).validators).toHaveLength(5);
  await certifies(NEWCOMER, at, true);
});

it('a validator changes its key: the old one votes up to that height, the new one from there on, and the process stays', async () => {
  const pid = consortium.pid(2);
  const before = keysOf(2);
  const at = (await heightOf(1)) + 30;
  const results: Record<string, unknown>[] = [];
  await rotateValidatorKey({ data: folderOf(2), at }, silent(results));
  const changing = keysOf(2);
  expect(changing.validator).toBe(before.validator);
  expect(changing.nextValidator).toMatch(/^[0-9a-f]{64}$/);
  expect(statSync(join(folderOf(2), 'keys.json')).mode & 0o777).toBe(0o600);
  // Called again, it makes no second key and no second proposal.
  await rotateValidatorKey({ data: folderOf(2) }, silent(results));
  expect(results[1]).toEqual({ stage: 'proposed', proposal: results[0]?.proposal });
  expect(keysOf(2)).toEqual(changing);

  await pass(results[0]?.proposal as string, [1, 2, 3, 4, NEWCOMER]);
  await certifies(2, await heightOf(1), true);
  await reached(1, at);
  await certifies(2, at, true);
  const { nextValidator, ...after } = keysOf(2);
  expect(nextValidator).toBeUndefined();
  expect(after).toEqual({ ...before, validator: changing.nextValidator });
  expect(consortium.pid(2)).toBe(pid);
  expect(await fetchStatus(apiOf(2))).toMatchObject({ ready: true, reason: null });
});

it('a validator whose signing state is lost follows, and votes again with a new key', async () => {
  await consortium.stop(3);
  rmSync(join(folderOf(3), 'signing-state'));
  await consortium.start(3);
  const reason = async () => (await fetchStatus(apiOf(3))).reason;
  await until(async () => (await reason()) === 'signing-record.lost', { timeoutMs: PATIENCE_MS, what: 'its warning' });

  const at = (await heightOf(1)) + 30;
  const results: Record<string, unknown>[] = [];
  await rotateValidatorKey({ data: folderOf(3), at }, silent(results));
  // Its account key is as good as ever: it votes on its own change.
  await pass(results[0]?.proposal as string, [3, 1, 2, NEWCOMER]);
  await certifies(3, at, true);
  await until(async () => (await reason()) === null, { timeoutMs: PATIENCE_MS, what: 'no warning' });
});

it('a validator leaves, the others go on, and every hospital has the same chain', async () => {
  const at = (await heightOf(1)) + 25;
  await pass(await proposed(1, 'remove-validator', ['Hospital 4'], at), [1, 2, 3, NEWCOMER]);
  await reached(1, at + 3);
  expect((await listed()).validators).not.toContain(await idOf(4));
  await certifies(4, at, false);

  const height = await heightOf(1);
  const headers = await Promise.all(
    [1, 2, 3, 4, NEWCOMER].map(async (number) => {
      await reached(number, height);
      return fetchHeader(apiOf(number), height);
    }),
  );
  expect(new Set(headers.map(({ hash, stateRoot }) => `${hash} ${stateRoot}`)).size).toBe(1);
  expect((await listed()).proposals.map(({ status }) => status)).toEqual(Array(5).fill('passed'));

  const file = join(data, 'chain.car');
  const results: Record<string, unknown>[] = [];
  await exportChain({ data, hospital: NEWCOMER, file }, silent(results));
  expect(await verify({ file, genesis: genesisPath(data) }, silent(results))).toBe(0);
  expect(results[1]).toMatchObject({ verdict: 'holds' });
});
