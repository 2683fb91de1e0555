import { type ChildProcess, fork, type Serializable, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { BoundedLog } from './bounded-log.ts';
import { CONSORTIUM_CODES, type ConsortiumCode } from './codes.ts';

/** Processes one supervisor runs at a time; a consortium on one machine is far smaller. */
export const MEMBERS_MAX = 64;
/** Time a member may take to end after SIGTERM, unless the caller says otherwise. */
const GRACE_MS = 5_000;

export interface MemberOptions {
  /** Unique among the running members; free again once the member has ended. */
  readonly name: string;
  /** The JavaScript file to run with this Node. It calls `exitWithParent` first thing. */
  readonly modulePath: string;
  readonly args?: readonly string[];
  /** Added to the supervisor's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Options of Node itself; none by default, whatever the supervisor was started with. */
  readonly execArgv?: readonly string[];
  /** Receives what the member prints; bounded, see `BoundedLog`. */
  readonly logFile: string;
  readonly logFileBytesMax?: number;
}

/** How a member ended. */
export interface MemberExit {
  readonly name: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** False when the supervisor neither signalled nor stopped it: it crashed, or ended by itself. */
  readonly expected: boolean;
  /** Why the log file is incomplete, if it is. */
  readonly logFailure: Error | undefined;
}

export interface Member {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process is gone and its output is in the log file; never rejects. */
  readonly exited: Promise<MemberExit>;
  /** Sends over the channel; false when the member is gone or does not keep up. */
  send(message: Serializable): boolean;
  onMessage(listener: (message: unknown) => void): void;
}

/** The supervisor's machinery failed, or was asked for the impossible. */
export class ProcessTreeError extends Error {
  override readonly name = 'ProcessTreeError';
  readonly code: ConsortiumCode;

  constructor(code: ConsortiumCode, member: string, options?: ErrorOptions) {
    super(`${member}: ${CONSORTIUM_CODES[code].meaning}`, options);
    this.code = code;
  }
}

/** What the supervisor knows of a member from the moment its name is taken. */
interface Slot {
  readonly name: string;
  readonly child: ChildProcess;
  readonly exited: Promise<MemberExit>;
  isExpected: boolean;
  /** Wakes a paused member should the supervisor die; see `guardPaused`. */
  guard: ChildProcess | undefined;
}

/**
 * The processes below one supervisor. Each is joined to it by a channel that the kernel closes when the supervisor dies, in
 * whatever way; members end themselves then (`exitWithParent`). No process is left behind.
 */
export class ProcessTree {
  readonly #slots = new Map<string, Slot>();
  readonly #exitListeners = new Set<(exit: MemberExit) => void>();

  /** Names of the members that run. */
  get names(): readonly string[] {
    return [...this.#slots.keys()];
  }

  /** Starts a member; resolves once its process exists. Rejects with `ProcessTreeError`. */
  async spawnMember(options: MemberOptions): Promise<Member> {
    const { name } = options;
    if (this.#slots.has(name)) throw new ProcessTreeError('consortium-process.name-taken', name);
    if (this.#slots.size >= MEMBERS_MAX) throw new ProcessTreeError('consortium-process.too-many', name);

    const child = fork(options.modulePath, [...(options.args ?? [])], {
      cwd: options.cwd ?? process.cwd(),
      env: { ...process.env, ...options.env },
      execArgv: [...(options.execArgv ?? [])],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const slot = this.#register(name, child, new BoundedLog(options.logFile, options.logFileBytesMax));
    try {
      await once(child, 'spawn');
    } catch (cause) {
      this.#slots.delete(name);
      throw new ProcessTreeError('consortium-process.spawn-failed', name, { cause });
    }
    return memberOf(slot);
  }

  /** Signals one member. Its exit counts as expected then. One stopped by SIGSTOP still ends with its supervisor. */
  kill(name: string, signal: NodeJS.Signals): void {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw new ProcessTreeError('consortium-process.unknown', name);
    if (signal === 'SIGSTOP') slot.guard ??= guardPaused(slot.child);
    else if (signal !== 'SIGCONT') slot.isExpected = true;
    slot.child.kill(signal);
    if (signal === 'SIGCONT') releaseGuard(slot);
  }

  /** Ends every member: SIGTERM, then SIGKILL for what is left after `graceMs`. Resolves when all are gone. */
  async stopAll({ graceMs = GRACE_MS }: { readonly graceMs?: number } = {}): Promise<readonly MemberExit[]> {
    const slots = [...this.#slots.values()];
    const signalAll = (...signals: NodeJS.Signals[]): void => {
      for (const { name, child } of slots) {
        if (this.#slots.get(name)?.child === child) for (const signal of signals) this.kill(name, signal);
      }
    };
    signalAll('SIGTERM', 'SIGCONT'); // A paused member hears SIGTERM only once it is awake.
    const timer = setTimeout(signalAll, graceMs, 'SIGKILL');
    const exits = await Promise.all(slots.map(({ exited }) => exited));
    clearTimeout(timer);
    return exits;
  }

  /** Calls the listener once for each member that ends, however it ends. Returns a function that stops the calls. */
  onExit(listener: (exit: MemberExit) => void): () => void {
    this.#exitListeners.add(listener);
    return () => {
      this.#exitListeners.delete(listener);
    };
  }

  /** Takes the name at once, before anything is awaited, and gives it back when the process is gone. */
  #register(name: string, child: ChildProcess, log: BoundedLog): Slot {
    for (const output of [child.stdout, child.stderr]) output?.on('data', (chunk: Uint8Array) => log.write(chunk));
    // A signal or message that comes too late is an 'error' event, which nobody listening to would end the supervisor.
    child.on('error', () => {});
    const exited = new Promise<MemberExit>((resolve) => {
      child.once('close', (code, signal) => {
        log.close();
        releaseGuard(slot);
        this.#slots.delete(name);
        const exit = { name, code, signal, expected: slot.isExpected, logFailure: log.failure };
        resolve(exit);
        for (const listener of this.#exitListeners) listener(exit);
      });
    });
    const slot: Slot = { name, child, exited, isExpected: false, guard: undefined };
    this.#slots.set(name, slot);
    return slot;
  }
}

function memberOf({ name, child, exited }: Slot): Member {
  return {
    name,
    pid: child.pid as number,
    exited,
    send: (message) => child.connected && child.send(message, () => {}),
    onMessage: (listener) => {
      child.on('message', listener);
    },
  };
}

/**
 * A member stopped by SIGSTOP cannot notice that its supervisor died. This shell can: it waits for the end of its standard
 * input, which is the supervisor's end, and wakes the member, which then ends itself.
 */
function guardPaused(child: ChildProcess): ChildProcess {
  const script = `trap '' INT TERM HUP; read -r _; kill -CONT "$1"`;
  const guard = spawn('/bin/sh', ['-c', script, 'guard', String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'] });
  guard.on('error', () => {});
  guard.unref();
  return guard;
}

function releaseGuard(slot: Slot): void {
  slot.guard?.kill('SIGKILL');
  slot.guard = undefined;
}
