import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Member, type MemberExit, ProcessTree } from '../../src/consortium/process-tree.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
const execArgv = ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];

let folder: string;
let server: Server;
let port: number;
let tree: ProcessTree;
/** Per name: the connection that a process holds open for as long as it lives. */
let arrivals: Map<string, PromiseWithResolver<Socket>>;

interface PromiseWithResolver<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function arrivalOf(name: string): PromiseWithResolver<Socket> {
  let resolve: (socket: Socket) => void = () => {};
  const promise = new Promise<Socket>((settle) => {
    resolve = settle;
  });
  const arrival = arrivals.get(name) ?? { promise, resolve };
  arrivals.set(name, arrival);
  return arrival;
}

const present = (name: string): Promise<Socket> => arrivalOf(name).promise;

async function gone(name: string): Promise<void> {
  const socket = await present(name);
  if (!socket.closed) await once(socket, 'close');
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'carechain-processes-'));
  arrivals = new Map();
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (bytes) => arrivalOf(bytes.toString().trim()).resolve(socket));
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
  tree = new ProcessTree();
});

afterEach(async () => {
  await tree.stopAll({ graceMs: 0 });
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const logFile = (name: string): string => join(folder, `${name}.log`);

async function start(name: string, mode = ''): Promise<Member> {
  const options = {
    name,
    modulePath: fixture('member'),
    args: [name, String(port), mode],
    execArgv,
    logFile: logFile(name),
  };
  const member = await tree.spawnMember(options);
  await present(name);
  return member;
}

const answerOf = (member: Member): Promise<unknown> => new Promise((resolve) => member.onMessage(resolve));

describe('a process tree', () => {
  it('runs a member, talks with it, keeps what it prints and ends it', async () => {
    const member = await start('one');
    const answer = answerOf(member);
    expect(member.send('hello')).toBe(true);
    expect(await answer).toEqual({ echo: 'hello' });
    expect(await tree.stopAll()).toMatchObject([{ name: 'one', signal: 'SIGTERM', expected: true }]);
    await gone('one');
    expect(readFileSync(logFile('one'), 'utf8')).toBe('one speaks\n');
    expect(tree.names).toEqual([]);
    expect(member.send('anyone?')).toBe(false);
  });

  it('reports a member that crashes as unexpected, once, and frees its name', async () => {
    const exits: MemberExit[] = [];
    tree.onExit((exit) => exits.push(exit));
    const member = await start('one', 'crash');
    member.send('now');
    expect(await member.exited).toMatchObject({ name: 'one', code: 3, signal: null, expected: false });
    expect(exits).toHaveLength(1);
    await start('one');
    expect(tree.names).toEqual(['one']);
  });

  it('kills a member by name, and the others go on', async () => {
    const [one, two] = [await start('one'), await start('two')];
    tree.kill('one', 'SIGKILL');
    expect(await one.exited).toMatchObject({ signal: 'SIGKILL', expected: true });
    const answer = answerOf(two);
    two.send('still there?');
    expect(await answer).toEqual({ echo: 'still there?' });
  });

  it('kills after the grace what does not end when asked, asleep or stubborn', async () => {
    await start('stubborn', 'stubborn');
    await start('asleep');
    tree.kill('asleep', 'SIGSTOP');
    const exits = await tree.stopAll({ graceMs: 300 });
    expect(exits).toMatchObject([{ signal: 'SIGKILL' }, { signal: 'SIGTERM' }]);
  });

  it('wakes a paused member with SIGCONT', async () => {
    const member = await start('one');
    tree.kill('one', 'SIGSTOP');
    const answer = answerOf(member);
    member.send('wake up');
    tree.kill('one', 'SIGCONT');
    expect(await answer).toEqual({ echo: 'wake up' });
  });

  it('refuses a name that is taken, a name nobody has, and a process the system will not start', async () => {
    await start('one');
    await expect(start('one')).rejects.toMatchObject({ code: 'consortium-process.name-taken' });
    expect(() => tree.kill('nobody', 'SIGTERM')).toThrow(
      expect.objectContaining({ code: 'consortium-process.unknown' }),
    );
    const nowhere = {
      name: 'lost',
      modulePath: fixture('member'),
      logFile: logFile('lost'),
      cwd: join(folder, 'missing'),
    };
    await expect(tree.spawnMember(nowhere)).rejects.toMatchObject({ code: 'consortium-process.spawn-failed' });
    expect(tree.names).toEqual(['one']);
  });
});

describe('however the supervisor dies, no process is left', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'after %s: plain, stubborn and paused members end',
    async (signal) => {
      const args = [...execArgv, fixture('supervisor'), String(port), fixture('member'), folder];
      const supervisor: ChildProcess = spawn(process.execPath, args, { stdio: 'inherit' });
      await Promise.all(['supervisor', 'plain', 'stubborn', 'paused'].map(present));
      supervisor.kill(signal);
      await Promise.all(['supervisor', 'plain', 'stubborn', 'paused'].map(gone));
    },
  );

  it('a member whose supervisor died before it could listen ends too', async () => {
    const child = fork(fixture('member'), ['early', String(port), ''], {
      execArgv,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(child, 'spawn');
    child.disconnect();
    const [code, signal] = await once(child, 'exit');
    expect([code, signal]).toEqual([null, 'SIGTERM']);
  });

  it('a process that a person started, without a channel, stays until it is told to end', async () => {
    const child = spawn(process.execPath, [...execArgv, fixture('member'), 'alone', String(port)], { stdio: 'ignore' });
    await present('alone');
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    await gone('alone');
  });
});
