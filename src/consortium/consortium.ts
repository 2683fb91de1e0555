import { readFile } from 'node:fs/promises';
import type { Address, Hash } from '../base/brand.ts';
import { addressOf } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Genesis } from '../ledger/genesis.ts';
import { parseGenesis } from '../ledger/genesis.ts';
import type { Tier } from '../ledger/vocabulary.ts';
import { CONSORTIUM_CODES, type ConsortiumCode } from './codes.ts';
import { genesisPath, hospitalFolder, hospitalNumbers, logPath, memberName } from './layout.ts';
import { CommandError, refusalText } from './output.ts';
import { type MemberExit, ProcessTree } from './process-tree.ts';
import { program, streamArgs } from './program.ts';
import { type ReadyMessage, readReadyMessage } from './ready-message.ts';

/** From the start of a node's process to its word that it serves, while it lives: many of them may share two busy cores. */
const READY_TIMEOUT_MS = 120_000;

export interface ConsortiumOptions {
  /** Extra arguments of each node's command line. */
  readonly nodeArgs?: (number: number) => readonly string[];
  /** Extra options of Node itself, for each hospital's process. */
  readonly execArgv?: (number: number) => readonly string[];
}

/** One hospital of the consortium, whether its node runs or not. */
export interface Hospital {
  /** From 1, in the order of the genesis file. */
  readonly number: number;
  readonly id: Address;
  readonly name: string;
  readonly tier: Tier;
  readonly isValidator: boolean;
  readonly folder: string;
  /** What its node said last; `undefined` before the first start. */
  readonly ready: ReadyMessage | undefined;
}

/** All hospitals of one data folder as processes below this one. */
export class Consortium {
  readonly data: string;
  readonly genesisText: string;
  readonly genesis: Genesis;
  readonly chainId: Hash;
  readonly #ids: readonly Address[];
  readonly #options: ConsortiumOptions;
  readonly #tree = new ProcessTree();
  readonly #ready = new Map<number, ReadyMessage>();
  readonly #pids = new Map<number, number>();

  private constructor(
    primitives: Primitives,
    data: string,
    genesisText: string,
    parsed: { readonly genesis: Genesis; readonly chainId: Hash },
    options: ConsortiumOptions,
  ) {
    this.data = data;
    this.genesisText = genesisText;
    this.genesis = parsed.genesis;
    this.chainId = parsed.chainId;
    this.#ids = parsed.genesis.hospitals.map(({ accountKey }) => addressOf(primitives, accountKey));
    this.#options = options;
  }

  /** Reads what `makeConsortium` wrote. Nothing runs yet. */
  static async open(primitives: Primitives, data: string, options: ConsortiumOptions = {}): Promise<Consortium> {
    const text = await readFile(genesisPath(data), 'utf8').catch((cause: unknown) => {
      throw failure('consortium-folder.missing', { data }, cause);
    });
    const parsed = parseGenesis(primitives, text);
    if (!parsed.ok) throw new CommandError(parsed.rejection.code, refusalText(parsed.rejection));
    const numbers = await hospitalNumbers(data);
    // One that joined later may have its folder here too: it is run by itself.
    if (numbers.length < parsed.value.genesis.hospitals.length)
      throw failure('consortium-folder.incomplete', { data, hospitals: numbers.length });
    return new Consortium(primitives, data, text, parsed.value, options);
  }

  get hospitals(): readonly Hospital[] {
    return this.genesis.hospitals.map(({ name, tier, validatorKey }, index) => ({
      number: index + 1,
      id: this.#ids[index] as Address,
      name,
      tier,
      isValidator: validatorKey !== null,
      folder: hospitalFolder(this.data, index + 1),
      ready: this.#ready.get(index + 1),
    }));
  }

  hospital(number: number): Hospital {
    const found = this.hospitals[number - 1];
    if (found === undefined) throw failure('consortium-process.unknown', { hospital: number });
    return found;
  }

  /** Address of a hospital's API. */
  api(number: number): string {
    const ready = this.#ready.get(number);
    if (ready === undefined) throw failure('consortium-member.not-ready', { hospital: number });
    return ready.api;
  }

  isRunning(number: number): boolean {
    return this.#tree.names.includes(memberName(number));
  }

  /** The process of a hospital's node, as it was started last. */
  pid(number: number): number {
    const pid = this.#pids.get(number);
    if (pid === undefined) throw failure('consortium-process.unknown', { hospital: number });
    return pid;
  }

  /** Starts every node; resolves when all serve. */
  async startAll(): Promise<void> {
    await Promise.all(this.hospitals.map(({ number }) => this.start(number)));
  }

  /** Starts one node; resolves when it serves. */
  async start(number: number): Promise<ReadyMessage> {
    const { folder } = this.hospital(number);
    const { modulePath, execArgv } = program();
    const extra = this.#options.nodeArgs?.(number) ?? [];
    const member = await this.#tree.spawnMember({
      name: memberName(number),
      modulePath,
      execArgv: [...execArgv, ...streamArgs, ...(this.#options.execArgv?.(number) ?? [])],
      args: ['node', '--data', folder, ...extra],
      logFile: logPath(this.data, number),
    });
    this.#pids.set(number, member.pid);
    return new Promise((resolve, reject) => {
      const fail = (how: string): void => {
        clearTimeout(timer);
        reject(notReady(number, how, logPath(this.data, number)));
      };
      const timer = setTimeout(fail, READY_TIMEOUT_MS, `it runs, and said nothing in ${READY_TIMEOUT_MS / 1_000} s`);
      void member.exited.then(() => fail('its process has ended'));
      member.onMessage((message) => {
        const ready = readReadyMessage(message);
        if (ready === undefined) return;
        clearTimeout(timer);
        this.#ready.set(number, ready);
        resolve(ready);
      });
    });
  }

  /** Ends one node as a power cut would, and waits until its process is gone. */
  async kill(number: number): Promise<void> {
    const gone = this.#exitOf(number);
    this.#tree.kill(memberName(number), 'SIGKILL');
    await gone;
  }

  /** Stops the node's process where it stands (SIGSTOP); its connections stay open, and nobody answers on them. */
  pause(number: number): void {
    this.#tree.kill(memberName(number), 'SIGSTOP');
  }

  /** Lets a paused process go on (SIGCONT). */
  resume(number: number): void {
    this.#tree.kill(memberName(number), 'SIGCONT');
  }

  /** Ends one node in order. */
  async stop(number: number): Promise<void> {
    if (!this.isRunning(number)) return;
    const gone = this.#exitOf(number);
    this.#tree.kill(memberName(number), 'SIGTERM');
    await gone;
  }

  async stopAll(): Promise<void> {
    await this.#tree.stopAll();
  }

  onExit(listener: (number: number, exit: MemberExit) => void): () => void {
    return this.#tree.onExit((exit) => listener(Number(exit.name.split('-')[1]), exit));
  }

  #exitOf(number: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.onExit((ended) => {
        if (ended !== number) return;
        stop();
        resolve();
      });
    });
  }
}

function notReady(hospital: number, how: string, log: string): CommandError {
  const code = 'consortium-member.not-ready';
  const message = `${CONSORTIUM_CODES[code].meaning} Hospital ${hospital}: ${how}. Its log: ${log}`;
  return new CommandError(code, message, { detail: { hospital, log } });
}

const failure = (
  code: ConsortiumCode,
  detail: Readonly<Record<string, string | number>> = {},
  cause?: unknown,
): CommandError => new CommandError(code, CONSORTIUM_CODES[code].meaning, { detail, cause });
