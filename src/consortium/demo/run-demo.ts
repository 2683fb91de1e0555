import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { hostDevice } from '../../client/device.ts';
import { trustGenesis } from '../../client/trust.ts';
import { createWallet } from '../../client/wallet.ts';
import { nativePrimitives } from '../../node/primitives.ts';
import { Consortium } from '../consortium.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { makeConsortium } from '../genesis-maker.ts';
import { memberName } from '../layout.ts';
import { MARKER_BYTES_MAX, MARKER_BYTES_MIN } from '../marker-forms.ts';
import { type Output, usageError } from '../output.ts';
import { deskOf, must, personAt } from '../people.ts';
import { anyFreePorts } from '../ports.ts';
import { untilStopped } from '../until-stopped.ts';
import { CHAPTERS, OFFLINE_CHAPTERS, tellChapters } from './chapters.ts';
import { Checklist, type Verdict } from './checklist.ts';
import { writeManifest } from './manifest.ts';
import { recordingsFolder } from './no-plaintext.ts';
import { type RecordFiles, readRecordFiles } from './record-files.ts';
import { HOSPITAL_A, HOSPITAL_B, HOSPITALS, type Story } from './story.ts';
import { DISPUTE_WINDOW_MS } from './wrong-share.ts';

export interface DemoOptions {
  readonly records?: string;
  readonly keep?: string;
  readonly marker?: string;
}

/** A throw-away consortium beats fast, so that the story is short. */
const PACE = {
  blockIntervalMs: 250,
  heartbeatMs: 1_500,
  roundTimeoutMs: 1_500,
  disputeWindowMs: DISPUTE_WINDOW_MS,
  guardianMaturingMinMs: 1_500,
};
/** The whole story with one record, and what each further record may add. */
const TIME_MAX_MS = 105_000;
const TIME_PER_RECORD_MS = 9_000;

export async function runDemo(options: DemoOptions, output: Output): Promise<ExitCode> {
  const bytes = Buffer.byteLength(options.marker ?? 'a marker of ours', 'utf8');
  if (bytes < MARKER_BYTES_MIN || bytes > MARKER_BYTES_MAX)
    throw usageError(`--marker takes a text of ${MARKER_BYTES_MIN} to ${MARKER_BYTES_MAX} bytes`);
  const files = await readRecordFiles(options.records, options.marker);
  const folder = options.keep === undefined ? await temporaryFolder() : await emptyFolder(options.keep);
  const checks = new Checklist(files.records.map(({ name }) => name));
  let consortium: Consortium | undefined;
  const stopped = untilStopped({ supervised: false });
  try {
    consortium = await createConsortium(folder, files);
    // Told to end, the story breaks off here; what is under way ends with this process.
    await Promise.race([tell({ consortium, folder, files, checks, output }), stopped]);
    return report(checks, output, options.keep === undefined ? undefined : folder);
  } finally {
    await consortium?.stopAll();
    if (options.keep === undefined) await rm(folder, { recursive: true, force: true });
    else await writeManifest(folder);
  }
}

async function createConsortium(folder: string, files: RecordFiles): Promise<Consortium> {
  const device = hostDevice(nativePrimitives());
  await makeConsortium(device.primitives, folder, {
    name: 'Demonstration consortium',
    hospitals: HOSPITALS,
    hospitalNames: files.hospitalNames,
    peerPorts: await anyFreePorts(HOSPITALS),
    apiPorts: Array.from({ length: HOSPITALS }, () => 0),
    timestampMs: device.nowMs(),
    parameters: PACE,
  });
  return Consortium.open(device.primitives, folder, {
    nodeArgs: (number) => ['--record', join(recordingsFolder(folder), memberName(number))],
  });
}

interface Stage {
  readonly consortium: Consortium;
  readonly folder: string;
  readonly files: RecordFiles;
  readonly checks: Checklist;
  readonly output: Output;
}

async function tell({ consortium, folder, files, checks, output }: Stage): Promise<void> {
  const tellLine = output.json ? output.say : (line: string): void => output.result({}, line);
  introduce(files, tellLine);
  const deadlineMs = performance.now() + TIME_MAX_MS + TIME_PER_RECORD_MS * (files.records.length - 1);
  await consortium.startAll();
  tellLine(
    `${HOSPITALS} hospitals run, each as an operating-system process of its own, and talk over Noise-encrypted TCP.`,
  );
  const story = await castOf({ consortium, folder, files, checks, output }, tellLine);
  const isTold = await tellChapters(story, CHAPTERS, deadlineMs);
  await consortium.stopAll();
  if (isTold) await tellChapters(story, OFFLINE_CHAPTERS, deadlineMs);
}

function introduce(
  { records, hospitalNames, practitioners, skipped }: RecordFiles,
  tellLine: (line: string) => void,
): void {
  if (hospitalNames.length > 0)
    tellLine(`${hospitalNames.length} hospitals are listed; the first ${HOSPITALS} give the consortium their names.`);
  if (practitioners.length > 0)
    tellLine(`${practitioners.length} practitioners are listed; the first two are the doctors of this story.`);
  for (const { name, reason } of skipped) tellLine(`${name} is not loaded: ${reason}`);
  tellLine(`Records: ${records.map(({ name }) => name).join(', ')}`);
}

async function castOf(
  { consortium, folder, files, checks, output }: Stage,
  tellLine: (line: string) => void,
): Promise<Story> {
  const device = hostDevice(nativePrimitives());
  const trust = must(trustGenesis(device.primitives, consortium.genesisText), 'the genesis file is read');
  const around = { consortium, device, trust };
  const person = (title: string, role: 'patient' | 'practitioner', hospital: number) =>
    personAt(around, { title, role, hospital, wallet: createWallet(device) });
  return {
    ...around,
    folder,
    checks,
    output,
    tell: tellLine,
    markers: files.markers,
    records: files.records.map((text, index) => ({
      text,
      patient: person(`patient ${index + 1}`, 'patient', HOSPITAL_A),
      attempts: [],
    })),
    doctorA: person('doctor A', 'practitioner', HOSPITAL_A),
    doctorB: person('doctor B', 'practitioner', HOSPITAL_B),
    doctorIdentifiers: [files.practitioners[0] ?? 'demo|doctor-a', files.practitioners[1] ?? 'demo|doctor-b'],
    deskA: await deskOf(around, HOSPITAL_A),
    deskB: await deskOf(around, HOSPITAL_B),
  };
}

async function report(checks: Checklist, output: Output, kept: string | undefined): Promise<ExitCode> {
  const { verdict } = checks;
  const result = { ok: verdict === 'holds', verdict, checks: checks.all };
  if (kept !== undefined) await writeFile(join(kept, 'report.json'), `${JSON.stringify(result, null, 2)}\n`);
  const lines = checks.all.map(
    (check) =>
      `  ${WORDS[check.verdict].padEnd(11)}  ${check.name}${check.ok ? '' : ` ${JSON.stringify(check.detail)}`}`,
  );
  output.result(result, ['', ...lines, '', LAST_WORDS[verdict]].join('\n'));
  return EXIT[verdict];
}

const WORDS: Readonly<Record<Verdict, string>> = { holds: 'holds', violated: 'FAILED', unknown: 'not reached' };
const LAST_WORDS: Readonly<Record<Verdict, string>> = {
  holds: 'Everything holds.',
  violated: 'Not everything holds.',
  unknown: 'Nothing failed, but not everything was reached in time.',
};

const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'carechain-demo-'));

async function emptyFolder(path: string): Promise<string> {
  const folder = resolve(path);
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw usageError(`${path} is not empty`);
  return folder;
}
