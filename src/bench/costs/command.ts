import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { BlockAnswer } from '../../client/api.ts';
import { createApiClient } from '../../client/api-client.ts';
import { type Device, hostDevice } from '../../client/device.ts';
import { trustGenesis } from '../../client/trust.ts';
import { accountOf } from '../../client/wallet.ts';
import type { Consortium } from '../../consortium/consortium.ts';
import { EXIT, type ExitCode } from '../../consortium/exit-codes.ts';
import { KEYS_FILE } from '../../consortium/layout.ts';
import { CommandError, type Output } from '../../consortium/output.ts';
import { must } from '../../consortium/people.ts';
import { type Member, ProcessTree } from '../../consortium/process-tree.ts';
import { program } from '../../consortium/program.ts';
import { noblePrimitives } from '../../crypto/noble.ts';
import { readHospitalKeys } from '../../node/keys.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { benchConsortium } from '../bench-consortium.ts';
import { cpuSecondsOf } from '../cpu-time.ts';
import { measureVerify } from '../verify-time.ts';
import { weighChain } from './chain-costs.ts';
import type { DevicesMessage, DevicesPlan } from './devices-plan.ts';
import { type CostsReport, costsText } from './report.ts';
import { measureUmbral } from './umbral-costs.ts';

export interface CostsOptions {
  readonly validators: number;
  readonly seconds: number;
  readonly blockMs: number;
  /** Doctors that read at the same time. */
  readonly readers: number;
}

const RECORDS_PER_PATIENT = 8;
const PLAINTEXT_BYTES = 4_096;
const WARM_UP_MS_MAX = 5_000;

/**
 * `carechain bench --costs`: what a record, a grant and a read cost, in bytes on chain, in CPU of each step, and how many reads a second the whole path
 * takes, from a doctor's wish to the opened record. 0 where every read opened, else 1.
 */
export async function benchCosts(options: CostsOptions, output: Output): Promise<ExitCode> {
  const device = hostDevice(nativePrimitives());
  output.say('measuring each step of delivery alone …');
  const verifyMicroseconds = measureVerify();
  const microseconds = { native: measureUmbral(device.primitives), noble: measureUmbral(noblePrimitives) };
  const ran = await runConsortium(options, device, output.say);
  const bytes = weighChain(device.primitives, ran.genesisText, ran.blocks, ran.done.phases);
  const { measured } = ran.done;
  const perRead = (seconds: number | null): number | null =>
    seconds === null || measured.reads === 0 ? null : Math.round((seconds * 1_000_000) / measured.reads);
  const report: CostsReport = {
    bytes,
    microseconds,
    reads: {
      hospitals: options.validators,
      readers: options.readers,
      blockIntervalMs: options.blockMs,
      plaintextBytes: PLAINTEXT_BYTES,
      perSecond: Math.round((100 * measured.reads) / measured.seconds) / 100,
      ...measured,
      hospitalCpuMicroseconds: perRead(ran.hospitalCpuSeconds),
    },
    verifyMicroseconds,
    machine: { cores: cpus().length, model: cpus()[0]?.model ?? 'unknown', node: process.version },
  };
  output.result(report, costsText(report));
  return measured.reads > 0 && Object.keys(measured.refusals).length === 0 ? EXIT.holds : EXIT.violated;
}

type Done = Extract<DevicesMessage, { type: 'done' }>;

interface Ran {
  readonly genesisText: string;
  readonly blocks: readonly BlockAnswer[];
  readonly done: Done;
  /** Of all hospitals together, within the window of the reads; null where the system does not tell. */
  readonly hospitalCpuSeconds: number | null;
}

async function runConsortium(options: CostsOptions, device: Device, say: Output['say']): Promise<Ran> {
  const folder = await mkdtemp(join(tmpdir(), 'carechain-costs-'));
  const tree = new ProcessTree();
  const settings = { engine: 'qbft', validators: options.validators, blockIntervalMs: options.blockMs } as const;
  let consortium: Consortium | undefined;
  try {
    say(`starting ${options.validators} hospitals …`);
    consortium = await benchConsortium(device, join(folder, 'data'), settings);
    await consortium.startAll();
    const member = await startDevices(tree, join(folder, 'devices.log'));
    say(`writing, granting, then reading for ${options.seconds} s with ${options.readers} doctors at a time …`);
    const { done, hospitalCpuSeconds } = await follow(consortium, member, planOf(consortium, options));
    return {
      genesisText: consortium.genesisText,
      blocks: await allBlocks(consortium, device, done.phases.read.to),
      done,
      hospitalCpuSeconds,
    };
  } finally {
    await tree.stopAll();
    await consortium?.stopAll();
    await rm(folder, { recursive: true, force: true });
  }
}

const planOf = (consortium: Consortium, { seconds, readers }: CostsOptions): DevicesPlan => {
  const measureMs = seconds * 1_000;
  return {
    genesisText: consortium.genesisText,
    apis: consortium.hospitals.map(({ number }) => consortium.api(number)),
    folders: consortium.hospitals.map(({ folder }) => folder),
    readers,
    records: RECORDS_PER_PATIENT,
    plaintextBytes: PLAINTEXT_BYTES,
    warmUpMs: Math.min(WARM_UP_MS_MAX, Math.round(measureMs / 2)),
    measureMs,
  };
};

function startDevices(tree: ProcessTree, logFile: string): Promise<Member> {
  const { modulePath, execArgv } = program();
  const own = modulePath.endsWith('.ts') ? './devices-process.ts' : './devices-process.js';
  return tree.spawnMember({
    name: 'devices',
    modulePath: fileURLToPath(new URL(own, import.meta.url)),
    execArgv,
    logFile,
  });
}

/** Sends the plan, and notes the hospitals' CPU when the window opens and closes. */
function follow(
  consortium: Consortium,
  member: Member,
  plan: DevicesPlan,
): Promise<Pick<Ran, 'done' | 'hospitalCpuSeconds'>> {
  const notes: (number | null)[] = [];
  const spent = (): number | null => {
    const each = consortium.hospitals.map(({ number }) => cpuSecondsOf(consortium.pid(number)));
    return each.reduce((sum, one) => (sum === null || one === null ? null : sum + one), 0 as number | null);
  };
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      reject(new CommandError('internal', `the devices' process failed: ${reason}`));
    member.onMessage((message) => {
      const told = message as DevicesMessage;
      if (told.type === 'failed') fail(told.message);
      else if (told.type !== 'done') notes.push(spent());
      else {
        const [open = null, close = null] = notes;
        resolve({ done: told, hospitalCpuSeconds: open === null || close === null ? null : close - open });
      }
    });
    void member.exited.then(({ code, signal }) => fail(`it ended with ${code ?? signal}`));
    member.send(plan as never);
  });
}

/** Whole blocks are for those who run the chain. */
async function allBlocks(consortium: Consortium, device: Device, to: number): Promise<readonly BlockAnswer[]> {
  const trust = must(trustGenesis(device.primitives, consortium.genesisText), 'the genesis file is read');
  const keys = await readHospitalKeys(join(consortium.hospital(1).folder, KEYS_FILE));
  const account = accountOf(device.primitives, keys.account);
  const client = createApiClient({ baseUrl: consortium.api(1), chainId: trust.chainId, device, account });
  const blocks: BlockAnswer[] = [];
  for (let height = 1; height <= to; height++) blocks.push(await client.block(height));
  return blocks;
}
