import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { faultsOf } from '../../base/validators.ts';
import { type Device, hostDevice } from '../../client/device.ts';
import { trustGenesis } from '../../client/trust.ts';
import { createWallet } from '../../client/wallet.ts';
import type { Genesis } from '../../ledger/genesis.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { Consortium } from '../consortium.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { makeConsortium } from '../genesis-maker.ts';
import { type Output, usageError } from '../output.ts';
import { deskOf, joinConsortium, must, personAt, type Surroundings } from '../people.ts';
import { nextFreePort } from '../ports.ts';
import { fetchStatus } from '../status.ts';
import { untilStopped } from '../until-stopped.ts';
import { type Findings, reportOf } from './findings.ts';
import { Injector } from './injector.ts';
import { Journal } from './journal.ts';
import { Random } from './random.ts';
import { chaosSchedule } from './schedule.ts';
import { Sender } from './sender.ts';
import { untilInStep } from './settle.ts';
import { examineChains } from './verify-chains.ts';

export interface ChaosOptions {
  /** How long faults are made; what follows takes up to a minute more, longer after hours. */
  readonly seconds: number;
  readonly seed: number;
  readonly engine: Genesis['engine'];
  /** Leaves the data folders and the exported chains there. */
  readonly keep?: string;
}

const HOSPITALS = 4;
const PATIENTS = 12;
/** Quick blocks: more of them fall into each fault. */
const PACE = { blockIntervalMs: 250, heartbeatMs: 1_500, roundTimeoutMs: 1_500 };
/** Below the ports that systems give to outgoing connections: none of those may sit on a hospital's port while it is down. */
const PORT_FIRST = 12_000;
const PORT_SPREAD = 15_000;
/** For transactions under way when the last fault is over, and for the chain to be in step again. */
const DRAIN_MS = 25_000;
const IN_STEP_MS = 45_000;
const PROGRESS_MS = 10_000;

/** Four hospitals as processes, killed, paused, stopped and started at random under load; then everything is compared. */
export async function runChaos(options: ChaosOptions, output: Output): Promise<ExitCode> {
  const folder = options.keep === undefined ? await temporaryFolder() : await emptyFolder(options.keep);
  const device = hostDevice(nativePrimitives());
  const stopped = untilStopped({ supervised: false });
  let consortium: Consortium | undefined;
  try {
    consortium = await createConsortium(device, folder, options);
    const findings = await Promise.race([torment(device, consortium, options, output), stopped.then(() => undefined)]);
    if (findings === undefined) return EXIT.unknown;
    const { result, text, ok } = reportOf(findings, options);
    output.result(result, text);
    return ok ? EXIT.holds : EXIT.violated;
  } finally {
    await consortium?.stopAll();
    if (options.keep === undefined) await rm(folder, { recursive: true, force: true });
  }
}

async function createConsortium(device: Device, folder: string, { engine }: ChaosOptions): Promise<Consortium> {
  const taken = new Set<number>();
  const ports: number[] = [];
  const first = new Random(device.nowMs()).between(PORT_FIRST, PORT_FIRST + PORT_SPREAD);
  while (ports.length < 2 * HOSPITALS) {
    const port = await nextFreePort(ports.at(-1) ?? first, taken);
    taken.add(port);
    ports.push(port);
  }
  await makeConsortium(device.primitives, folder, {
    name: 'Consortium in chaos',
    hospitals: HOSPITALS,
    peerPorts: ports.slice(0, HOSPITALS),
    apiPorts: ports.slice(HOSPITALS),
    timestampMs: device.nowMs(),
    engine,
    parameters: PACE,
  });
  return Consortium.open(device.primitives, folder);
}

async function torment(
  device: Device,
  consortium: Consortium,
  { seconds, seed }: ChaosOptions,
  output: Output,
): Promise<Findings> {
  const { say } = output;
  await consortium.startAll();
  const trust = must(trustGenesis(device.primitives, consortium.genesisText), 'the genesis file is read');
  const around = { consortium, device, trust };
  const journal = new Journal();
  const senders = await enrolSenders(around, journal, seed);
  say(`${senders.length} patients are admitted; ${seconds} s of faults begin, seed ${seed}`);

  const injector = new Injector(consortium, say);
  const endMs = performance.now() + seconds * 1_000;
  let isOver = false;
  let drainUntilMs = Number.POSITIVE_INFINITY;
  const load = Promise.all(
    senders.map((sender) =>
      sender.run(
        () => isOver,
        () => drainUntilMs,
      ),
    ),
  );
  const progress = setInterval(() => void sayProgress(consortium, journal, say), PROGRESS_MS);
  try {
    await injector.run(chaosSchedule(seed, HOSPITALS, faultsOf(HOSPITALS)), endMs);
    say('the faults are over; every hospital runs again …');
    for (const { number } of consortium.hospitals) await injector.restart(number);
    isOver = true;
    drainUntilMs = performance.now() + DRAIN_MS;
    await load;
    const inStep = await untilInStep(consortium, IN_STEP_MS).catch((error: Error) => {
      say(error.message);
      return [];
    });
    const { faults, halts } = { faults: injector.counts, halts: injector.halts };
    await consortium.stopAll();
    say('all are stopped; their chains are compared and verified …');
    const chains = await examineChains(device.primitives, consortium, journal);
    return { faults, halts, inStep, counts: journal.counts, ...chains };
  } finally {
    isOver = true;
    drainUntilMs = 0;
    clearInterval(progress);
  }
}

async function enrolSenders(around: Surroundings, journal: Journal, seed: number): Promise<readonly Sender[]> {
  const desks = await Promise.all(around.consortium.hospitals.map(({ number }) => deskOf(around, number)));
  return Promise.all(
    Array.from({ length: PATIENTS }, async (_, index) => {
      const hospital = (index % desks.length) + 1;
      const wallet = createWallet(around.device);
      const person = personAt(around, { title: `patient ${index + 1}`, role: 'patient', wallet, hospital });
      await joinConsortium(around, desks[hospital - 1] as (typeof desks)[number], person, `chaos|${index}`);
      const nonce = await person.session.api.nonce(wallet.id);
      return new Sender(around, { wallet, nonce }, journal, new Random(seed + index + 1));
    }),
  );
}

async function sayProgress(consortium: Consortium, { counts }: Journal, say: (line: string) => void): Promise<void> {
  const heights = await Promise.all(
    consortium.hospitals.map(({ number }) =>
      fetchStatus(consortium.api(number)).then(
        ({ height }) => height,
        () => '–',
      ),
    ),
  );
  say(`  ${counts.submitted} handed in, ${counts.acknowledged} final; heights ${heights.join(' ')}`);
}

const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'carechain-chaos-'));

async function emptyFolder(path: string): Promise<string> {
  const folder = resolve(path);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw usageError(`${path} is not empty`);
  return folder;
}
