import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressText } from '../../base/digest.ts';
import { contentOfBlob } from '../../client/content.ts';
import { hostDevice } from '../../client/device.ts';
import { ensureCategory } from '../../client/ensure-category.ts';
import { grantAccess } from '../../client/grant.ts';
import { readRecordInto } from '../../client/read-record.ts';
import { trustGenesis } from '../../client/trust.ts';
import { createWallet } from '../../client/wallet.ts';
import { writeRecord } from '../../client/write-record.ts';
import { Consortium } from '../../consortium/consortium.ts';
import { makeConsortium } from '../../consortium/genesis-maker.ts';
import { deskOf, joinConsortium, must, type Person, personAt } from '../../consortium/people.ts';
import { anyFreePorts } from '../../consortium/ports.ts';
import { nativePrimitives } from '../../node/primitives.ts';

const HOSPITALS = 4;
const PACE = { blockIntervalMs: 250, heartbeatMs: 1_500, roundTimeoutMs: 1_500 };
const CATEGORY = 'general';
const HOUR_MS = 3_600_000;
/** Files on their way at a time: enough to share blocks. */
const SIDE_BY_SIDE = 4;

export interface RecordsReport {
  readonly hospitals: number;
  readonly files: number;
  readonly plaintextBytes: number;
  readonly ciphertextBytes: number;
  /** Files whose record did not open as the same bytes. */
  readonly differing: number;
  /** Reads that went through before there was a grant. */
  readonly readUngranted: number;
  readonly registerSeconds: number;
  readonly grantSeconds: number;
  readonly readSeconds: number;
}

/**
 * Every file of some folders through register → grant → read: the patient's device seals it at one hospital, and a doctor's, at another, opens it with
 * the shares of a threshold. Four hospitals, each a process of its own; files are streamed, and compared by their digests.
 */
export async function runRecords(folders: readonly string[]): Promise<RecordsReport> {
  const place = await mkdtemp(join(tmpdir(), 'carechain-records-'));
  const consortium = await someHospitals(join(place, 'data'));
  try {
    await consortium.startAll();
    const { patient, doctor } = await someTwo(consortium);
    return await everyFile(await filesIn(folders), patient, doctor);
  } finally {
    await consortium.stopAll();
    await rm(place, { recursive: true, force: true });
  }
}

async function someHospitals(data: string): Promise<Consortium> {
  const { primitives, nowMs } = hostDevice(nativePrimitives());
  await makeConsortium(primitives, data, {
    name: 'Consortium of the records',
    hospitals: HOSPITALS,
    peerPorts: await anyFreePorts(HOSPITALS),
    apiPorts: Array.from({ length: HOSPITALS }, () => 0),
    timestampMs: nowMs(),
    parameters: PACE,
  });
  return Consortium.open(primitives, data);
}

async function someTwo(consortium: Consortium): Promise<{ readonly patient: Person; readonly doctor: Person }> {
  const device = hostDevice(nativePrimitives());
  const trust = must(trustGenesis(device.primitives, consortium.genesisText), 'the genesis file is read');
  const around = { consortium, device, trust };
  const wallet = () => createWallet(device);
  const patient = personAt(around, { title: 'the patient', role: 'patient', hospital: 1, wallet: wallet() });
  const doctor = personAt(around, { title: 'the doctor', role: 'practitioner', hospital: 2, wallet: wallet() });
  await Promise.all(
    [patient, doctor].map(async (person) =>
      joinConsortium(around, await deskOf(around, person.hospital), person, person.title),
    ),
  );
  return { patient, doctor };
}

interface FileRecord {
  readonly path: string;
  readonly bytes: number;
  readonly record: Uint8Array;
  readonly ciphertextBytes: number;
}

async function everyFile(paths: readonly string[], patient: Person, doctor: Person): Promise<RecordsReport> {
  const category = must(await ensureCategory(patient.session, patient.wallet, CATEGORY), 'a category is opened');
  const registered = await timed(() => inTurns(paths, (path) => register(patient, category, path)));
  const before = await inTurns(registered.value, async ({ record }) => (await digestAsRead(doctor, record)) !== null);
  const granted = await timed(() => grantTo(patient, doctor));
  const read = await timed(() =>
    inTurns(
      registered.value,
      async ({ path, record }) => (await digestAsRead(doctor, record)) === (await digestOf(path)),
    ),
  );
  const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);
  return {
    hospitals: HOSPITALS,
    files: registered.value.length,
    plaintextBytes: total(registered.value.map(({ bytes }) => bytes)),
    ciphertextBytes: total(registered.value.map(({ ciphertextBytes }) => ciphertextBytes)),
    differing: read.value.filter((same) => !same).length,
    readUngranted: before.filter((wasRead) => wasRead).length,
    registerSeconds: registered.seconds,
    grantSeconds: granted.seconds,
    readSeconds: read.seconds,
  };
}

async function register({ session, wallet }: Person, category: Uint8Array, path: string): Promise<FileRecord> {
  const plaintext = contentOfBlob(await openAsBlob(path));
  const written = await writeRecord(session, wallet, { owner: wallet.id, category, plaintext });
  const { record, ciphertextBytes } = must(written, `${path} is registered`);
  return { path, bytes: plaintext.bytes, record, ciphertextBytes };
}

async function grantTo(patient: Person, doctor: Person): Promise<void> {
  const given = await grantAccess(patient.session, patient.wallet, {
    grantee: { type: 'person', id: addressText(doctor.wallet.id) },
    labels: [CATEGORY],
    purposes: ['TREAT'],
    access: 'read',
    expires: patient.session.device.nowMs() + HOUR_MS,
    uses: null,
  });
  must(given, 'reading is granted');
}

/** Null where it was denied. */
async function digestAsRead({ session, wallet }: Person, record: Uint8Array): Promise<string | null> {
  const hash = createHash('sha256');
  const sink = new WritableStream<Uint8Array>({ write: (piece) => void hash.update(piece) });
  const opened = await readRecordInto(session, wallet, { record, purpose: 'TREAT' }, sink);
  if (opened.ok) return hash.digest('hex');
  if (opened.rejection.detail?.outcome === 'denied') return null;
  must(opened, 'the record is read');
  return null;
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of contentOfBlob(await openAsBlob(path)).open()) hash.update(piece);
  return hash.digest('hex');
}

async function filesIn(folders: readonly string[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const folder of folders)
    for (const name of (await readdir(folder, { recursive: true })).sort()) {
      const path = join(folder, name);
      if ((await stat(path)).isFile()) paths.push(path);
    }
  return paths;
}

async function inTurns<Item, Found>(
  items: readonly Item[],
  work: (item: Item) => Promise<Found>,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (let first = 0; first < items.length; first += SIDE_BY_SIDE)
    found.push(...(await Promise.all(items.slice(first, first + SIDE_BY_SIDE).map(work))));
  return found;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const startedAtMs = performance.now();
  const value = await work();
  return { value, seconds: Math.round((performance.now() - startedAtMs) / 100) / 10 };
}
