import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { toHex } from '../base/bytes.ts';
import { type Device, hostDevice } from '../client/device.ts';
import { trustGenesis } from '../client/trust.ts';
import { engineOf } from '../consensus/engines.ts';
import type { Consortium } from '../consortium/consortium.ts';
import { EXIT, type ExitCode } from '../consortium/exit-codes.ts';
import { CommandError, type Output } from '../consortium/output.ts';
import { must } from '../consortium/people.ts';
import { fetchStatus } from '../consortium/status.ts';
import { untilStopped } from '../consortium/until-stopped.ts';
import { waitFor } from '../consortium/wait.ts';
import { nativePrimitives } from '../node/primitives.ts';
import { benchConsortium } from './bench-consortium.ts';
import { type Cast, prepareCast } from './cast.ts';
import { cpuSecondsOf } from './cpu-time.ts';
import type { LoadPlan, LoadRun } from './load-plan.ts';
import { LoadRunner, type ReadyLoad } from './load-runner.ts';
import { accountsOf, loadedIn, measure, type Window, windowOf } from './measure.ts';
import { type BenchOptions, type BenchSettings, settingsOf } from './options.ts';
import { clearProfiles, collectProfiles } from './profiles.ts';
import { type BenchReport, reportText } from './report.ts';
import { LOAD_KIND } from './sign-load.ts';
import { measureVerify } from './verify-time.ts';

const VALIDITY_HEIGHTS = 900_000;
/** How long what was accepted may still take to become final once no more is handed in. */
const DRAIN_MS = 60_000;
const AGREE_TIMEOUT_MS = 20_000;
/** With one there is a figure; it says how large a block was, and nothing of how many there are in a second. */
const LOADED_BLOCKS_MIN = 2;

/** `carechain bench`: 0 where nothing was lost and all state roots agree, else 1. */
export async function bench(options: BenchOptions, output: Output): Promise<ExitCode> {
  const settings = settingsOf(options);
  const profileFolder = options.profile === undefined ? undefined : resolve(options.profile);
  if (profileFolder !== undefined) await clearProfiles(profileFolder, settings.validators);
  const device = hostDevice(nativePrimitives());
  output.say('measuring what one verification costs here …');
  const verifyMicroseconds = measureVerify();
  const folder = await mkdtemp(join(tmpdir(), 'carechain-bench-'));
  const stopped = untilStopped({ supervised: false });
  const runner = new LoadRunner(join(folder, 'logs', 'load.log'));
  let consortium: Consortium | undefined;
  try {
    output.say(`starting ${settings.validators} hospitals …`);
    consortium = await benchConsortium(device, folder, settings, { profileFolder });
    const staged = { device, consortium, settings, runner, say: output.say };
    const ended = await Promise.race([race(staged), stopped]);
    if (typeof ended === 'string') return EXIT.unknown;
    await runner.stop();
    await consortium.stopAll();
    const [open, close] = ended.notes;
    const window = { fromMicroseconds: open.atMicroseconds, toMicroseconds: close.atMicroseconds };
    const profile =
      profileFolder === undefined ? undefined : await collectProfiles(profileFolder, settings.validators, window);
    const report: BenchReport = { ...ended.report, verifyMicroseconds, ...(profile === undefined ? {} : { profile }) };
    output.result(report, reportText(report));
    return report.accounts.lost === 0 && report.stateRootsAgree ? EXIT.holds : EXIT.violated;
  } finally {
    await runner.stop();
    await consortium?.stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Stage {
  readonly device: Device;
  readonly consortium: Consortium;
  readonly settings: BenchSettings;
  readonly runner: LoadRunner;
  readonly say: Output['say'];
}

/** What was noted when every hospital had finalised a height. */
interface Note {
  readonly atMicroseconds: number;
  readonly cpuSeconds: Readonly<Record<string, number | null>>;
}

interface Ended {
  readonly report: Omit<BenchReport, 'verifyMicroseconds' | 'profile'>;
  /** At the window's two ends. */
  readonly notes: readonly [Note, Note];
}

async function race({ device, consortium, settings, runner, say }: Stage): Promise<Ended> {
  await consortium.startAll();
  say('enrolling senders and registering records …');
  const trust = must(trustGenesis(device.primitives, consortium.genesisText), 'the genesis file is read');
  const cast = await prepareCast({ consortium, device, trust });
  say(`signing ${settings.presigned} transactions before the clock starts …`);
  const load = await runner.prepare(planOf(consortium, cast, settings));
  say(`loading for ${(settings.warmUpMs + settings.measureMs) / 1_000} s …`);
  const notes = new Map<number, Note>();
  const run = await load.run((height) => notes.set(height, noteOf(consortium, load)));
  const window = windowOf(run);
  const ends = window === null ? [] : [notes.get(window.openHeight), notes.get(window.closeHeight)];
  const [open, close] = ends;
  const loaded = window === null ? 0 : loadedIn(run, window);
  if (window === null || open === undefined || close === undefined || loaded < LOADED_BLOCKS_MIN)
    throw new CommandError('consortium-chain.stalled', tooFewText(run, loaded));
  const stateRootsAgree = await agree(consortium);
  return { report: reportOf({ settings, load, run, window, stateRootsAgree }, open, close), notes: [open, close] };
}

const tooFewText = ({ accepted, startedAtMs, stoppedAtMs, warmUpMs, blocks }: LoadRun, loaded: number): string => {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(0);
  return (
    `Too few blocks to measure: ${loaded} with transactions of this run were final within ${seconds(stoppedAtMs - startedAtMs - warmUpMs)} s, ` +
    `of ${blocks.length} in the whole run, which accepted ${accepted}. This machine is too slow or too busy for the load: try a lower --in-flight, a --rate, or more --seconds.`
  );
};

const planOf = (consortium: Consortium, cast: Cast, settings: BenchSettings): LoadPlan => ({
  type: 'plan',
  chainId: toHex(consortium.chainId),
  apis: consortium.hospitals.map(({ number }) => consortium.api(number)),
  observerSecret: toHex(cast.observerSecret),
  senders: cast.senders.map(({ secretKey, nonce }) => ({ secretKey: toHex(secretKey), nonce })),
  records: cast.records.map(toHex),
  validUntilHeight: VALIDITY_HEIGHTS,
  presigned: settings.presigned,
  batch: settings.batch,
  pace: settings.pace,
  warmUpMs: settings.warmUpMs,
  measureMs: settings.measureMs,
  rampMs: settings.rampMs,
  windowBlocks: settings.windowBlocks,
  measureMsMax: settings.measureMsMax,
  drainMs: DRAIN_MS,
});

const noteOf = (consortium: Consortium, { pid }: ReadyLoad): Note => ({
  atMicroseconds: Number(process.hrtime.bigint() / 1_000n),
  cpuSeconds: Object.fromEntries([
    ...consortium.hospitals.map(({ number }) => [`hospital-${number}`, cpuSecondsOf(consortium.pid(number))]),
    ['load', cpuSecondsOf(pid)],
  ]),
});

interface Finished {
  readonly settings: BenchSettings;
  readonly load: ReadyLoad;
  readonly run: LoadRun;
  readonly window: Window;
  readonly stateRootsAgree: boolean;
}

function reportOf(
  { settings, load, run, window, stateRootsAgree }: Finished,
  open: Note,
  close: Note,
): Ended['report'] {
  const { engine, validators, pace, batch, blockIntervalMs, windowBlocks } = settings;
  const { finality } = engineOf(engine);
  const measured = measure(run, window);
  const cpuSecondsPerProcess = Object.fromEntries(
    Object.entries(close.cpuSeconds).map(([name, at]) => {
      const before = open.cpuSeconds[name] ?? null;
      return [name, at === null || before === null ? null : Math.round(100 * (at - before)) / 100];
    }),
  );
  const ofHospitals = Object.entries(cpuSecondsPerProcess).flatMap(([name, seconds]) =>
    name === 'load' ? [] : [seconds],
  );
  const known = ofHospitals.every((seconds) => seconds !== null);
  const cpu = ofHospitals.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0);
  return {
    engine,
    finality,
    ...(loadedIn(run, window) < windowBlocks ? { fewBlocks: 'too few blocks for a steady figure' } : {}),
    ...(finality === 'depth' ? { notFinal: 'not final: a deeper reversal is unlikely, not impossible' } : {}),
    validators,
    ...measured,
    pace,
    batch,
    warmUpSeconds: run.warmUpMs / 1_000,
    transaction: { kind: LOAD_KIND, bytes: load.transactionBytes },
    accounts: accountsOf(run),
    failures: run.refused,
    exhausted: run.exhausted,
    stateRootsAgree,
    blockIntervalConfiguredMs: blockIntervalMs,
    signMicroseconds: load.signMicroseconds,
    cpuSecondsPerProcess,
    hospitalCpuMicrosecondsPerTransaction:
      known && measured.transactions > 0 ? (cpu * 1_000_000) / measured.transactions : null,
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
  };
}

/** Waits until all hospitals answer with one height; then their state roots are one, or something is broken. */
async function agree(consortium: Consortium): Promise<boolean> {
  const same = async (): Promise<boolean | undefined> => {
    const all = await Promise.all(consortium.hospitals.map(({ number }) => fetchStatus(consortium.api(number))));
    if (new Set(all.map(({ height }) => height)).size > 1) return undefined;
    return new Set(all.map(({ stateRoot, blockHash }) => stateRoot + blockHash)).size === 1;
  };
  return waitFor(same, {
    timeoutMs: AGREE_TIMEOUT_MS,
    code: 'consortium-chain.stalled',
    what: 'one height at all hospitals',
  });
}
