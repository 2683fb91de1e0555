import { fileURLToPath } from 'node:url';
import { CommandError } from '../consortium/output.ts';
import { type Member, ProcessTree } from '../consortium/process-tree.ts';
import { program } from '../consortium/program.ts';
import type { LoadMessage, LoadPlan, LoadRun } from './load-plan.ts';

const NAME = 'load';

/** The load process, from this side of its channel. */
export class LoadRunner {
  readonly #tree = new ProcessTree();
  readonly #logFile: string;

  constructor(logFile: string) {
    this.#logFile = logFile;
  }

  /** Signs ahead. Resolves with a load that is ready to start. */
  async prepare(plan: LoadPlan): Promise<ReadyLoad> {
    const { modulePath, execArgv } = program();
    const own = fileURLToPath(
      new URL(modulePath.endsWith('.ts') ? './load-process.ts' : './load-process.js', import.meta.url),
    );
    const member = await this.#tree.spawnMember({ name: NAME, modulePath: own, execArgv, logFile: this.#logFile });
    const signed = this.#next(member, 'signed');
    member.send(plan);
    const { transactionBytes, signMicroseconds } = await signed;
    return {
      pid: member.pid,
      transactionBytes,
      signMicroseconds,
      run: async (onBlock) => {
        member.onMessage((message) => {
          const told = message as LoadMessage;
          if (told.type === 'block') onBlock(told.height);
        });
        const done = this.#next(member, 'done');
        member.send({ type: 'start' });
        return (await done).run;
      },
    };
  }

  stop(): Promise<unknown> {
    return this.#tree.stopAll();
  }

  /** The next message of this type. A load process that ends or fails instead breaks the run. */
  #next<Type extends LoadMessage['type']>(member: Member, type: Type): Promise<Extract<LoadMessage, { type: Type }>> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void =>
        reject(new CommandError('internal', `the load process failed: ${reason}`, { detail: { log: this.#logFile } }));
      member.onMessage((message) => {
        const told = message as LoadMessage;
        if (told.type === type) resolve(told as Extract<LoadMessage, { type: Type }>);
        if (told.type === 'failed') fail(told.message);
      });
      void member.exited.then(({ code, signal }) => fail(`it ended with ${code ?? signal}`));
    });
  }
}

export interface ReadyLoad {
  readonly pid: number;
  /** Of one transaction, as it travels. */
  readonly transactionBytes: number;
  readonly signMicroseconds: number;
  /** Starts the clock. `onBlock`: every hospital has finalised this height. */
  run(onBlock: (height: number) => void): Promise<LoadRun>;
}
