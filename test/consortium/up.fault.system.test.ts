import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { carechain as runCarechain } from '../../src/consortium/demo/carechain-process.ts';
import { fetchHeader, fetchStatus } from '../../src/consortium/status.ts';
import { until } from '../support/until.ts';
import { freshProgram } from './fresh-program.ts';

const PROGRAM = await freshProgram();
const carechain = (args: readonly string[]) => runCarechain(args, PROGRAM);
const START_TIMEOUT_MS = 60_000;

interface Ready {
  readonly hospitals: readonly {
    readonly api: string;
    readonly peerId: string;
    readonly tier: string;
    readonly data: string;
  }[];
  readonly accounts: readonly { readonly title: string; readonly id: string }[];
  readonly genesis: string;
}

/** One `carechain up` without a terminal, and what it has said. */
class Up {
  readonly process: ChildProcess;
  said = '';
  #results = '';

  constructor(data: string) {
    const { modulePath, execArgv } = PROGRAM;
    const args = [...execArgv, modulePath, 'up', '--data', data, '--api-port', '0', '--json'];
    this.process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#results += text;
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said += text;
    });
  }

  result(event: string): Promise<Record<string, unknown>> {
    return until(() => this.#lines().find((line) => line.event === event), {
      timeoutMs: START_TIMEOUT_MS,
      what: event,
    });
  }

  says(text: string): Promise<boolean> {
    return until(() => this.said.includes(text), { timeoutMs: START_TIMEOUT_MS, what: text });
  }

  async ready(): Promise<Ready> {
    return (await this.result('ready')) as unknown as Ready;
  }

  /** Pids of its nodes. */
  nodes(): readonly number[] {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    return lines.flatMap((line) => {
      const [pid, parent, ...args] = line.trim().split(/\s+/);
      return Number(parent) === this.process.pid && args.includes('node') && args.includes('--data')
        ? [Number(pid)]
        : [];
    });
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    this.process.kill(signal);
    const [exitCode] = (await once(this.process, 'exit')) as [number | null];
    return exitCode;
  }

  #lines(): readonly Record<string, unknown>[] {
    const whole = this.#results.slice(0, this.#results.lastIndexOf('\n') + 1);
    return whole.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]));
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const allGone = (pids: readonly number[]): Promise<boolean> =>
  until(() => !pids.some(isAlive), { timeoutMs: 15_000, what: 'the end of every node' });

let folder: string;
let data: string;
let first: { readonly ready: Ready; readonly height: number; readonly hash: string };
let up: Up | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-up-'));
  data = join(folder, 'data');
});
afterEach(async () => {
  await up?.end('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('carechain up', () => {
  it('runs four hospitals without a terminal, finalises a block, admits the demo accounts, and ends whole on SIGTERM', async () => {
    up = new Up(data);
    const ready = await up.ready();
    expect(ready.hospitals).toHaveLength(4);
    expect(new Set(ready.hospitals.map(({ peerId }) => peerId)).size).toBe(4);
    expect(ready.accounts.map(({ title }) => title)).toEqual(['patient', 'doctor-a', 'doctor-b']);
    await up.result('first-block');
    await up.says('enrolled and admitted');

    const api = ready.hospitals[0]?.api as string;
    const { height } = await fetchStatus(api);
    const { hash } = await fetchHeader(api, height);
    first = { ready, height, hash };
    const nodes = up.nodes();
    expect(nodes).toHaveLength(4);
    expect(await up.end('SIGTERM')).toBe(0);
    await allGone(nodes);
  });

  it('exports a stopped hospital, and the file verifies from the genesis file alone', async () => {
    const file = join(folder, 'chain.car');
    const exported = await carechain(['export', '--data', data, '--hospital', '3', file]);
    expect(exported).toMatchObject({ exitCode: 0 });
    const verified = await carechain(['verify', file, '--genesis', first.ready.genesis]);
    expect(verified).toMatchObject({ exitCode: 0, result: { verdict: 'holds', heights: exported.result.heights } });
    expect(verified.result.heights).toBeGreaterThanOrEqual(first.height);
  });

  it('continues the same chain at the next start, and starts a hospital again that died', async () => {
    up = new Up(data);
    const ready = await up.ready();
    const api = ready.hospitals[0]?.api as string;
    expect(ready.accounts).toEqual(first.ready.accounts);
    expect((await fetchHeader(api, first.height)).hash).toBe(first.hash);
    const { height } = await up.result('first-block');
    expect(height).toBeGreaterThan(first.height);

    const inUse = await carechain(['export', '--data', data, '--hospital', '1', join(folder, 'in-use.car')]);
    expect(inUse).toMatchObject({ exitCode: 70, result: { error: { code: 'storage.locked' } } });
    const second = await carechain(['up', '--data', data]);
    expect(second).toMatchObject({ exitCode: 70, result: { error: { code: 'consortium-folder.in-use' } } });

    const [victim] = up.nodes() as [number];
    process.kill(victim, 'SIGKILL');
    await up.says('starts again');
    await up.says('is back');
    const nodes = up.nodes();
    expect(nodes).toHaveLength(4);
    expect(nodes).not.toContain(victim);
  });

  it('leaves no node behind when it is killed itself', async () => {
    up = new Up(data);
    await up.ready();
    const nodes = up.nodes();
    expect(nodes).toHaveLength(4);
    await up.end('SIGKILL');
    await allGone(nodes);
  });

  it('keeps no secret in what it prints', () => {
    const secrets = [1, 2, 3, 4].flatMap((number) => {
      const keys = JSON.parse(readFileSync(join(data, `hospital-${number}`, 'keys.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      return Object.values(keys).filter((value): value is string => typeof value === 'string');
    });
    expect(secrets).toHaveLength(16);
    for (const number of [1, 2, 3, 4]) {
      const log = readFileSync(join(data, 'logs', `hospital-${number}.log`), 'utf8');
      expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
    }
  });
});
