import { resolve } from 'node:path';
import process from 'node:process';
import { KEY_CHANGED } from '../../node/voting-key.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { exitWithParent } from '../exit-with-parent.ts';
import type { Output } from '../output.ts';
import { runNode } from '../run-node.ts';
import { untilStopped } from '../until-stopped.ts';

export interface NodeOptions {
  readonly data: string;
  readonly record?: string;
  readonly rateLimits?: boolean;
}

/**
 * `carechain node`: one hospital, until SIGTERM, the end of its supervisor, or a fault that it must not go on with. Where the chain gives the
 * hospital another validator key, the node opens its folder again, in this same process.
 */
export async function node({ data, record, rateLimits }: NodeOptions, output: Output): Promise<ExitCode> {
  const stopped = untilStopped({ supervised: process.send !== undefined });
  exitWithParent();
  const recordFolder = record === undefined ? undefined : resolve(record);
  for (;;) {
    const served = await runNode(resolve(data), { recordFolder, rateLimits });
    const { ready } = served;
    if (process.send === undefined) output.result(ready, `serving at ${ready.api}, height ${ready.height}`);
    else process.send(ready);
    const halt = await Promise.race([stopped.then(() => undefined), served.node.halted]);
    await served.stop();
    if (halt === undefined) return EXIT.holds;
    if (halt.code === KEY_CHANGED) continue;
    output.say(`carechain: the node stopped itself: ${halt.code} ${halt.detail}`);
    return EXIT.internal;
  }
}
