import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Device } from '../../client/device.ts';
import { hostDevice } from '../../client/device.ts';
import { trustGenesis } from '../../client/trust.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { StorageError } from '../../storage/errors.ts';
import { lockFolder } from '../../storage/folder-lock.ts';
import { type DemoAccount, demoAccounts, enrolDemoAccounts } from '../accounts.ts';
import { banner, bannerFacts } from '../banner.ts';
import { choosePorts } from '../choose-ports.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { Consortium } from '../consortium.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { makeConsortium } from '../genesis-maker.ts';
import { keepAlive } from '../keep-alive.ts';
import { hasConsortium } from '../layout.ts';
import { CommandError, type Output, usageError } from '../output.ts';
import { must } from '../people.ts';
import { nextFreePort } from '../ports.ts';
import { fetchStatus } from '../status.ts';
import { untilStopped } from '../until-stopped.ts';
import { waitFor } from '../wait.ts';

export interface UpOptions {
  readonly data: string;
  readonly hospitals?: number;
  readonly apiPort: number;
  readonly peerPort: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

const HOSPITALS_DEFAULT = 4;
/** On one machine messages are quick: an idle chain beats often, so that a start shows a block soon. */
const PACE = { heartbeatMs: 5_000, roundTimeoutMs: 1_500 };
const FIRST_BLOCK_TIMEOUT_MS = 60_000;

/** `carechain up`: runs until it is told to end. */
export async function up(options: UpOptions, output: Output): Promise<ExitCode> {
  const data = resolve(options.data);
  const stopped = untilStopped({ supervised: false });
  await mkdir(data, { recursive: true });
  const unlock = await lockFolder(join(data, 'LOCK')).catch((cause: unknown) => {
    if (!(cause instanceof StorageError)) throw cause;
    const code = 'consortium-folder.in-use';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${data}`, { detail: cause.detail, cause });
  });
  const device = hostDevice(nativePrimitives());
  try {
    const consortium = await prepare(device, data, options, output);
    let ended = false;
    void stopped.then((signal) => {
      ended = true;
      output.say(`${signal}: the hospitals end …`);
    });
    try {
      await Promise.race([run(device, consortium, output, () => ended), stopped]);
      await stopped;
      return EXIT.holds;
    } finally {
      await consortium.stopAll();
    }
  } finally {
    await unlock();
  }
}

async function prepare(device: Device, data: string, options: UpOptions, output: Output): Promise<Consortium> {
  const isNew = !hasConsortium(data);
  if (isNew) await create(device, data, options, output);
  const consortium = await Consortium.open(device.primitives, data);
  const count = consortium.hospitals.length;
  if (options.hospitals !== undefined && options.hospitals !== count) {
    const code = 'consortium-folder.hospitals-differ';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} It has ${count}.`, { exitCode: EXIT.usage });
  }
  await choosePorts(consortium, options.apiPort);
  output.say(isNew ? `A new consortium of ${count} hospitals in ${data}` : `The consortium in ${data} goes on`);
  return consortium;
}

async function create(device: Device, data: string, options: UpOptions, output: Output): Promise<void> {
  const hospitals = options.hospitals ?? HOSPITALS_DEFAULT;
  const taken = new Set<number>();
  const peerPorts: number[] = [];
  for (let index = 0; index < hospitals; index++) {
    const port = await nextFreePort(options.peerPort + index, taken);
    taken.add(port);
    peerPorts.push(port);
  }
  output.say('making keys and the genesis file …');
  await makeConsortium(device.primitives, data, {
    name: `Consortium of ${hospitals} hospitals`,
    hospitals,
    peerPorts,
    apiPorts: peerPorts.map((_port, index) => (options.apiPort === 0 ? 0 : options.apiPort + index)),
    timestampMs: device.nowMs(),
    parameters: PACE,
    tls: tlsOf(options),
  });
}

function tlsOf({ tlsCert, tlsKey }: UpOptions): { certificatePath: string; keyPath: string } | null {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) throw usageError('--tls-cert and --tls-key go together');
  return { certificatePath: resolve(tlsCert), keyPath: resolve(tlsKey) };
}

async function run(device: Device, consortium: Consortium, output: Output, isEnded: () => boolean): Promise<void> {
  if (isEnded()) return;
  output.say(`starting ${consortium.hospitals.length} nodes …`);
  const startMs = performance.now();
  const started = consortium.startAll();
  // Meanwhile: key files are slow to make on purpose.
  const accounts = await demoAccounts(device, consortium.data, consortium.hospitals.length);
  await started;
  if (isEnded()) return;
  keepAlive(consortium, output.say);
  output.result(bannerFacts(consortium, accounts), `${banner(consortium, accounts)}\n`);
  await Promise.all([showFirstBlock(consortium, startMs, output), showAccounts(device, consortium, accounts, output)]);
  if (!isEnded()) output.say('Ctrl-C ends all of them; the next start continues this chain.');
}

/** The first block that is finalised after this start. */
async function showFirstBlock(consortium: Consortium, startMs: number, output: Output): Promise<void> {
  const before = consortium.hospital(1).ready?.height ?? 0;
  const higher = async () => {
    const status = await fetchStatus(consortium.api(1));
    return status.height > before ? status : undefined;
  };
  const code = 'consortium-chain.stalled';
  const status = await waitFor(higher, { timeoutMs: FIRST_BLOCK_TIMEOUT_MS, code, what: 'the first block' }).catch(
    ({ message }: Error) => output.say(message),
  );
  if (status === undefined) return;
  const { height, blockHash } = status;
  const seconds = Math.round((performance.now() - startMs) / 100) / 10;
  output.result(
    { event: 'first-block', height, blockHash, seconds },
    `Finalised block ${height} (${blockHash.slice(0, 16)}…), ${seconds} s after the start.`,
  );
}

async function showAccounts(
  device: Device,
  consortium: Consortium,
  accounts: readonly DemoAccount[],
  output: Output,
): Promise<void> {
  const trust = must(trustGenesis(device.primitives, consortium.genesisText), 'the genesis file is read');
  try {
    await enrolDemoAccounts({ consortium, device, trust }, accounts);
    output.say('The demo accounts are enrolled and admitted.');
  } catch (error) {
    // The consortium runs without them.
    output.say(`The demo accounts could not be enrolled: ${error instanceof Error ? error.message : String(error)}`);
  }
}
