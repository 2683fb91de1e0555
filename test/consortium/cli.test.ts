import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exportChain } from '../../src/consortium/commands/export.ts';
import { governanceList } from '../../src/consortium/commands/governance-list.ts';
import { hospitalNew } from '../../src/consortium/commands/hospital.ts';
import { rotateValidatorKey } from '../../src/consortium/commands/rotate-validator-key.ts';
import { status } from '../../src/consortium/commands/status.ts';
import { verify } from '../../src/consortium/commands/verify.ts';
import { walletNew, walletShow } from '../../src/consortium/commands/wallet.ts';
import { Consortium } from '../../src/consortium/consortium.ts';
import { makeConsortium } from '../../src/consortium/genesis-maker.ts';
import { readCandidate } from '../../src/consortium/governance/candidate.ts';
import { logPath } from '../../src/consortium/layout.ts';
import { errorLine, type Output } from '../../src/consortium/output.ts';
import { anyFreePorts } from '../../src/consortium/ports.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
import { StorageError } from '../../src/storage/errors.ts';
import { freshProgram } from './fresh-program.ts';

const PROGRAM = await freshProgram();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-cli-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function run(...args: readonly string[]) {
  const { modulePath, execArgv } = PROGRAM;
  const { CARECHAIN_PASSWORD: _, ...env } = process.env;
  return spawnSync(process.execPath, [...execArgv, modulePath, ...args], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
}

/** What a command said, in place of the terminal. */
function listening() {
  const results: Record<string, unknown>[] = [];
  const output: Output = {
    json: true,
    say: () => {},
    result: (value) => void results.push(value as Record<string, unknown>),
  };
  return { output, results };
}

/** Of a consortium of one hospital, with its folder beside it. */
async function genesisFile(): Promise<string> {
  const data = join(folder, 'data');
  const timestampMs = 1_700_000_000_000;
  await makeConsortium(nativePrimitives(), data, {
    name: 'x',
    hospitals: 1,
    peerPorts: [9_001],
    apiPorts: [0],
    timestampMs,
  });
  return join(data, 'genesis.json');
}

describe('the command line', () => {
  it('explains itself on stdout, and every command is there', () => {
    const { status: exitCode, stdout, stderr } = run('--help');
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    for (const name of [
      'up',
      'node',
      'demo',
      'status',
      'export',
      'verify',
      'vectors',
      'governance',
      'rotate-validator-key',
      'help',
    ])
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
  });

  it('answers a wrong call with 64, on stderr alone', () => {
    for (const args of [['bogus'], ['up', '--hospitals', '0'], ['verify', 'x.car'], []]) {
      const { status: exitCode, stdout, stderr } = run(...args);
      expect([args, exitCode, stdout]).toEqual([args, 64, '']);
      expect(stderr).not.toBe('');
    }
  });

  it('names the code of an error once', () => {
    const broken = new StorageError('storage.corrupt', { height: 7 });
    expect(errorLine(broken.code, broken.message)).toBe(broken.message);
    expect(broken.message.split('storage.corrupt')).toHaveLength(2);
    expect(errorLine('internal', 'it broke')).toBe('internal: it broke');
  });

  it('asks for no password where there is no terminal, and says so with a code', () => {
    const { status: exitCode, stdout, stderr } = run('wallet', 'new', 'keys.json', '--json');
    expect(exitCode).toBe(64);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'consortium-command.no-password' } });
    expect(stderr).toContain('consortium-command.no-password');
    expect(existsSync(join(folder, 'keys.json'))).toBe(false);
  });
});

describe('a hospital that does not start', () => {
  it('is told of with the path of its log', async () => {
    const data = join(await genesisFile(), '..');
    writeFileSync(join(data, 'hospital-1', 'node.json'), 'not JSON');
    const consortium = await Consortium.open(nativePrimitives(), data);
    await expect(consortium.start(1)).rejects.toMatchObject({
      code: 'consortium-member.not-ready',
      message: expect.stringContaining(`Hospital 1: its process has ended. Its log: ${logPath(data, 1)}`),
    });
    expect(readFileSync(logPath(data, 1), 'utf8')).not.toBe('');
    // A node from source takes its time where the machine does other work too.
  }, 60_000);
});

describe('carechain wallet', () => {
  it('writes keys that only the password opens, for their owner alone, and overwrites nothing', async () => {
    const file = join(folder, 'keys.json');
    const { output, results } = listening();
    vi.stubEnv('CARECHAIN_PASSWORD', 'a long password of a test');
    expect(await walletNew({ file }, output)).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await walletShow({ file }, output)).toBe(0);
    expect(results[1]).toEqual(results[0]);
    await expect(walletNew({ file }, output)).rejects.toMatchObject({ code: 'consortium-command.file-exists' });
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, 'another password\n');
    await expect(walletShow({ file, passwordFile }, output)).rejects.toMatchObject({ exitCode: 64 });
  });
});

describe('carechain hospital new', () => {
  const OPTIONS = {
    name: 'A hospital that asks to join',
    tier: 'secondary',
    listen: ['/ip4/127.0.0.1/tcp/9105'],
    apiHost: '127.0.0.1',
    apiPort: 8_105,
  } as const;

  it('makes a folder whose keys nobody else reads, and a candidate in which all is public', async () => {
    const genesis = await genesisFile();
    const hospital = join(folder, 'joins');
    const { output, results } = listening();
    expect(await hospitalNew(hospital, { ...OPTIONS, genesis }, output)).toBe(0);
    for (const name of ['keys.json', 'node.json', 'genesis.json'])
      expect([name, statSync(join(hospital, name)).mode & 0o777]).toEqual([name, 0o600]);
    const file = join(hospital, 'candidate.json');
    expect(await readCandidate(file)).toMatchObject({ name: OPTIONS.name, tier: 'secondary', validatorKey: null });
    const keys = JSON.parse(readFileSync(join(hospital, 'keys.json'), 'utf8')) as Record<string, string>;
    const shown = readFileSync(file, 'utf8') + JSON.stringify(results);
    for (const name of ['account', 'validator', 'duty', 'peerSeed']) expect(shown).not.toContain(keys[name]);

    await expect(hospitalNew(hospital, { ...OPTIONS, genesis }, output)).rejects.toMatchObject({
      code: 'consortium-command.file-exists',
    });
    expect(JSON.parse(readFileSync(join(hospital, 'keys.json'), 'utf8'))).toEqual(keys);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['a record with a validator key, which is voted in apart', '{"validatorKey":"00"}'],
  ])('a candidate that is %s is refused by its proposer', async (_what, text) => {
    const file = join(folder, 'candidate.json');
    writeFileSync(file, text);
    await expect(readCandidate(file)).rejects.toMatchObject({ code: 'consortium-command.no-candidate', exitCode: 64 });
  });
});

describe('carechain governance', () => {
  it('needs a hospital folder, and its API: 64 without the one, 2 without the other', async () => {
    const { output } = listening();
    await expect(governanceList({ data: folder }, output)).rejects.toMatchObject({ exitCode: 64 });
    const genesis = await genesisFile();
    const data = join(genesis, '..', 'hospital-1');
    await expect(governanceList({ data }, output)).rejects.toMatchObject({ code: 'consortium-command.usage' });
    const [port] = await anyFreePorts(1);
    const asked = rotateValidatorKey({ data, api: `http://127.0.0.1:${port}` }, output);
    await expect(asked).rejects.toMatchObject({ code: 'client-http.unreachable', exitCode: 2 });
    // No key was made for a vote that nobody heard of.
    expect(readFileSync(join(data, 'keys.json'), 'utf8')).not.toContain('nextValidator');
  });
});

describe('carechain status', () => {
  it('answers 2 where nobody listens', async () => {
    const [port] = await anyFreePorts(1);
    const asked = status({ api: `http://127.0.0.1:${port}` }, listening().output);
    await expect(asked).rejects.toMatchObject({ code: 'consortium-command.unreachable', exitCode: 2 });
  });
});

describe('carechain verify and export', () => {
  it.each([
    ['an empty file', new Uint8Array(0), 'car.truncated'],
    ['bytes that are no CAR', Uint8Array.of(58, 1, 2, 3), 'car.truncated'],
    ['a map that is no proof', Uint8Array.of(0xa0), 'shape.missing-field'],
    ['half a proof', Uint8Array.of(0xa2, 0x61, 0x61), 'encoding.truncated'],
  ])('finds %s violated, with a code', async (_name, bytes, code) => {
    const genesis = await genesisFile();
    const file = join(folder, 'file');
    writeFileSync(file, bytes);
    const { output, results } = listening();
    expect(await verify({ file, genesis }, output)).toBe(1);
    expect(results[0]).toMatchObject({ verdict: 'violated', code });
    expect(results[0]).toHaveProperty('height');
    expect(results[0]).toHaveProperty('field');
  });

  it('finds a chain violated where the genesis file is none', async () => {
    const file = join(folder, 'file.car');
    const genesis = join(folder, 'genesis.json');
    writeFileSync(file, Uint8Array.of(58, 1, 2, 3));
    writeFileSync(genesis, readFileSync(await genesisFile(), 'utf8').replace('"version": 1', '"version":  1'));
    const { output, results } = listening();
    expect(await verify({ file, genesis }, output)).toBe(1);
    expect(results[0]).toMatchObject({ height: 0, field: 'genesis', code: 'genesis.malformed' });
  });

  it('needs its files', async () => {
    const { output } = listening();
    const missing = join(folder, 'missing');
    await expect(verify({ file: missing, genesis: missing }, output)).rejects.toMatchObject({ exitCode: 64 });
    const nothing = exportChain({ data: folder, hospital: 1, file: missing }, output);
    await expect(nothing).rejects.toMatchObject({ code: 'consortium-folder.missing', exitCode: 64 });
  });
});
