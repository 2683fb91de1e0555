import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exportChain } from '../../src/consortium/commands/export.ts';
import { status } from '../../src/consortium/commands/status.ts';
import { verify } from '../../src/consortium/commands/verify.ts';
import { walletNew, walletShow } from '../../src/consortium/commands/wallet.ts';
import { makeConsortium } from '../../src/consortium/genesis-maker.ts';
import type { Output } from '../../src/consortium/output.ts';
import { anyFreePorts } from '../../src/consortium/ports.ts';
import { nativePrimitives } from '../../src/node/primitives.ts';
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

describe('the command line', () => {
  it('explains itself on stdout, and every command is there', () => {
    const { status: exitCode, stdout, stderr } = run('--help');
    expect(exitCode).toBe(0);
    expect(stderr).toBe('');
    for (const name of ['up', 'node', 'demo', 'status', 'export', 'verify', 'wallet', 'help'])
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
  });

  it('answers a wrong call with 64, on stderr alone', () => {
    for (const args of [['bogus'], ['up', '--hospitals', '0'], ['verify', 'x.car'], []]) {
      const { status: exitCode, stdout, stderr } = run(...args);
      expect([args, exitCode, stdout]).toEqual([args, 64, '']);
      expect(stderr).not.toBe('');
    }
  });

  it('asks for no password where there is no terminal, and says so with a code', () => {
    const { status: exitCode, stdout, stderr } = run('wallet', 'new', 'keys.json', '--json');
    expect(exitCode).toBe(64);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'consortium-command.no-password' } });
    expect(stderr).toContain('consortium-command.no-password');
    expect(existsSync(join(folder, 'keys.json'))).toBe(false);
  });
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
    await expect(walletShow({ file, passwordFile }, output)).rejects.toMatchObject({ exitCode: 1 });
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
  const genesisFile = async (): Promise<string> => {
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
  };

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
