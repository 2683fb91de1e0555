import { createHash } from 'node:crypto';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { equal, toHex } from '../../base/bytes.ts';
import { openCategory } from '../../client/categories.ts';
import { type Device, hostDevice } from '../../client/device.ts';
import { grantAccess } from '../../client/grant.ts';
import { readRecord } from '../../client/read-record.ts';
import { createSession } from '../../client/session.ts';
import { type ChainTrust, trustGenesis } from '../../client/trust.ts';
import { createWallet } from '../../client/wallet.ts';
import { writeRecord } from '../../client/write-record.ts';
import type { Consortium } from '../../consortium/consortium.ts';
import { exitWithParent } from '../../consortium/exit-with-parent.ts';
import { deskOf, joinConsortium, must, type Person, personAt, type Surroundings } from '../../consortium/people.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { spreadOf } from '../percentiles.ts';
import { DeviceMeter } from './device-meter.ts';
import { type DevicesMessage, type DevicesPlan, type ReadStages, type ReadsMeasured, STAGES } from './devices-plan.ts';

/*
 * All patients' and doctors' devices of one run, as a process of their own, so that their CPU is their own. A patient at each hospital writes
 * records and grants them to every doctor; then the doctors read, each as soon as its last read is open.
 */
const CATEGORY = 'general';
const GRANT_MS = 3_600_000;
/** Uploads and grants of one patient that are under way at a time. */
const AT_A_TIME = 4;

const tell = (message: DevicesMessage): void => void process.send?.(message);

exitWithParent();
process.once('message', (plan) => {
  run(plan as DevicesPlan).catch((error: unknown) =>
    tell({ type: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});

interface Patient extends Person {
  readonly records: Uint8Array[];
}

async function run(plan: DevicesPlan): Promise<void> {
  const device = hostDevice(nativePrimitives(), () => createHash('sha256'));
  const trust = must(trustGenesis(device.primitives, plan.genesisText), 'the genesis file is read');
  const around: Surroundings = { consortium: elsewhere(plan), device, trust };
  const { patients, doctors } = await cast(around, plan);
  const plaintext = device.random(plan.plaintextBytes);
  const height = async (): Promise<number> => (await (doctors[0] as Person).session.api.status()).height;

  const from = await height();
  await Promise.all(patients.map((patient) => writeAll(patient, plan.records, plaintext)));
  const granting = await height();
  await Promise.all(patients.map((patient) => grantAll(patient, doctors)));
  const reading = await height();
  const measured = await readAll({ plan, device, trust }, { patients, doctors, plaintext });
  const to = await height();
  const phases = {
    record: { kind: 'registerRecord', from, to: granting },
    grant: { kind: 'grant', from: granting, to: reading },
    read: { kind: 'readRecord', from: reading, to },
  };
  tell({ type: 'done', phases, measured });
}

async function cast(around: Surroundings, { apis, readers }: DevicesPlan) {
  const numbers = apis.map((_, i) => i + 1);
  const desks = await Promise.all(numbers.map((number) => deskOf(around, number)));
  const join = async (title: string, role: 'patient' | 'practitioner', hospital: number): Promise<Person> => {
    const person = personAt(around, { title, role, hospital, wallet: createWallet(around.device) });
    await joinConsortium(around, desks[hospital - 1] as (typeof desks)[number], person, `bench|${title}`);
    return person;
  };
  const [patients, doctors] = await Promise.all([
    Promise.all(
      numbers.map(async (number): Promise<Patient> => {
        const patient = await join(`patient ${number}`, 'patient', number);
        must(await openCategory(patient.session, patient.wallet, CATEGORY), 'a patient publishes a delegating key');
        return { ...patient, records: [] };
      }),
    ),
    Promise.all(
      Array.from({ length: readers }, (_, i) => join(`doctor ${i + 1}`, 'practitioner', (i % numbers.length) + 1)),
    ),
  ]);
  return { patients, doctors };
}

async function writeAll({ session, wallet, records }: Patient, count: number, plaintext: Uint8Array): Promise<void> {
  const input = { owner: wallet.id, category: wallet.categoryOf(CATEGORY), plaintext };
  await someAtATime(count, async () => {
    records.push(must(await writeRecord(session, wallet, input), 'a record is registered').record);
  });
}

const grantAll = ({ session, wallet }: Patient, doctors: readonly Person[]): Promise<void> =>
  someAtATime(doctors.length, async (i) => {
    const grantee = { type: 'person' as const, id: toHex((doctors[i] as Person).wallet.id) };
    const wish = { grantee, labels: [CATEGORY], purposes: ['TREAT' as const], access: 'read' as const, uses: null };
    const expires = session.device.nowMs() + GRANT_MS;
    must(await grantAccess(session, wallet, { ...wish, expires }), 'a grant is made');
  });

async function someAtATime(count: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count) }, lane));
}

interface Reading {
  readonly patients: readonly Patient[];
  readonly doctors: readonly Person[];
  readonly plaintext: Uint8Array;
}

interface OneRead {
  readonly endedMs: number;
  readonly latencyMs: number;
  readonly stages: ReadStages;
  readonly traffic: ReturnType<DeviceMeter['take']>;
}

interface Bench {
  readonly plan: DevicesPlan;
  readonly device: Device;
  readonly trust: ChainTrust;
}

/** Every doctor one read after another until the window closes; a read counts in which it ended. */
async function readAll(bench: Bench, reading: Reading): Promise<ReadsMeasured> {
  const { warmUpMs, measureMs } = bench.plan;
  const reads: OneRead[] = [];
  const refusals = new Map<string, number>();
  let stopped = false;
  const all = reading.patients.flatMap(({ records }) => records);
  const work = reading.doctors.map(async (doctor, number) => {
    const { session, meter } = meteredSession(bench, doctor);
    for (let turn = number; !stopped; turn += 1) {
      const record = all[turn % all.length] as Uint8Array;
      meter.take();
      const beganMs = performance.now();
      const opened = await readRecord(session, doctor.wallet, { record, purpose: 'TREAT' });
      const endedMs = performance.now();
      if (!opened.ok) {
        const { code } = opened.rejection;
        refusals.set(code, (refusals.get(code) ?? 0) + 1);
        continue;
      }
      if (!equal(opened.value.plaintext, reading.plaintext)) throw new Error('a read opened something else');
      const stages = meter.stages(beganMs, endedMs);
      reads.push({ endedMs, latencyMs: endedMs - beganMs, stages, traffic: meter.take() });
    }
  });
  const failed = Promise.all(work);
  await Promise.race([pause(warmUpMs), failed]);
  tell({ type: 'opened' });
  const [fromMs, cpu] = [performance.now(), process.cpuUsage()];
  await Promise.race([pause(measureMs), failed]);
  const [toMs, spent] = [performance.now(), process.cpuUsage(cpu)];
  tell({ type: 'closed' });
  stopped = true;
  await failed;
  const within = reads.filter(({ endedMs }) => endedMs >= fromMs && endedMs <= toMs);
  return measuredOf(within, { seconds: (toMs - fromMs) / 1_000, cpuMicroseconds: spent.user + spent.system, refusals });
}

function meteredSession({ plan, device, trust }: Bench, { wallet, hospital }: Person) {
  const { account } = wallet;
  const baseUrl = plan.apis[hospital - 1] as string;
  const meter = new DeviceMeter({ baseUrl, chainId: trust.chainId, device, account });
  return { meter, session: createSession({ device, trust, api: meter.api, account }) };
}

function measuredOf(
  reads: readonly OneRead[],
  around: {
    readonly seconds: number;
    readonly cpuMicroseconds: number;
    readonly refusals: ReadonlyMap<string, number>;
  },
): ReadsMeasured {
  const mean = (of: (read: OneRead) => number): number =>
    reads.reduce((sum, read) => sum + of(read), 0) / Math.max(1, reads.length);
  const calls = new Set(reads.flatMap(({ traffic }) => [...traffic.byCall.keys()]));
  const tenth = (value: number): number => Math.round(10 * value) / 10;
  return {
    reads: reads.length,
    seconds: around.seconds,
    latencyMs: spreadOf(reads.map(({ latencyMs }) => latencyMs)) ?? { p50: 0, p95: 0, p99: 0, max: 0 },
    stagesMs: Object.fromEntries(
      STAGES.map((name) => [name, tenth(mean(({ stages }) => stages[name]))]),
    ) as unknown as ReadStages,
    httpRequests: tenth(mean(({ traffic }) => traffic.requests)),
    httpSentBytes: Math.round(mean(({ traffic }) => traffic.sentBytes)),
    httpReceivedBytes: Math.round(mean(({ traffic }) => traffic.receivedBytes)),
    httpRequestsByCall: Object.fromEntries(
      [...calls].sort().map((name) => [name, tenth(mean(({ traffic }) => traffic.byCall.get(name) ?? 0))]),
    ),
    deviceCpuMicroseconds: Math.round(around.cpuMicroseconds / Math.max(1, reads.length)),
    refusals: Object.fromEntries(around.refusals),
  };
}

/** What a person needs of a consortium that another process runs. */
const elsewhere = ({ apis, folders }: DevicesPlan): Consortium =>
  ({
    api: (number: number) => apis[number - 1],
    hospital: (number: number) => ({ folder: folders[number - 1] }),
  }) as unknown as Consortium;
