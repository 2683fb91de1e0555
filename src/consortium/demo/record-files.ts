import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FHIR_LIMITS } from '../../fhir/limits.ts';
import { type LoadPlan, planLoad } from '../../fhir/plan.ts';
import { samplePatientText } from '../../fhir/sample.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandError, usageError } from '../output.ts';

/** A patient bundle that becomes one record. */
export interface RecordText {
  /** The file's name. */
  readonly name: string;
  readonly text: string;
  /** Whom it is about: for the hospital's desk only. */
  readonly identifier: string;
}

export interface RecordFiles {
  readonly records: readonly RecordText[];
  /** Public names of hospitals, from Synthea's file of them. */
  readonly hospitalNames: readonly string[];
  readonly practitioners: readonly string[];
  readonly skipped: LoadPlan['skipped'];
  /** What must be found nowhere. */
  readonly markers: readonly string[];
}

/** Bundles that one demonstration takes; more are reported as skipped. */
const RECORDS_MAX = 64;
const FILES_MAX = 1_024;
/** Of the passage of a bundle that is looked for beside the marker. */
const PASSAGE_CHARACTERS = 64;

/** A text that nobody else has written. */
const freshMarker = (): string => `carechain-marker-${randomBytes(12).toString('hex')}`;

export async function readRecordFiles(folder: string | undefined, marker: string | undefined): Promise<RecordFiles> {
  const planted = marker ?? freshMarker();
  if (folder === undefined) {
    const sample = { name: 'sample-patient.json', text: samplePatientText({ marker: planted }), identifier: 'sample' };
    return { records: [sample], hospitalNames: [], practitioners: [], skipped: [], markers: [planted] };
  }
  const plan = planLoad(await readFolder(folder));
  const [first, ...rest] = plan.records.slice(0, RECORDS_MAX).map(({ name, text, bundle }) => ({
    name,
    text,
    identifier: bundle.members[0]?.identifier ?? name,
  }));
  if (first === undefined) throw usageError(`${folder} holds no FHIR R4 Bundle of a patient`);
  // Without a marker of the caller's, the files stay byte for byte what they are.
  const records = [marker === undefined ? first : { ...first, text: plant(first.text, marker) }, ...rest];
  return {
    records,
    hospitalNames: plan.hospitals.flatMap(({ bundle }) =>
      bundle.members.flatMap(({ name }) => (name === null ? [] : [name])),
    ),
    practitioners: plan.practitioners.flatMap(({ bundle }) => bundle.members.map(({ identifier }) => identifier)),
    skipped: plan.skipped,
    markers: [...(marker === undefined ? [] : [marker]), ...records.map(({ text }) => passageOf(text))],
  };
}

/** One more entry in the bundle, which holds the marker. */
function plant(text: string, marker: string): string {
  const bundle = JSON.parse(text) as { entry?: unknown[] };
  const resource = { resourceType: 'Basic', id: 'planted', code: { text: marker } };
  return JSON.stringify({ ...bundle, entry: [...(bundle.entry ?? []), { resource }] });
}

/** A passage from the middle of the text: where it shows up, plaintext has got out. */
function passageOf(text: string): string {
  const start = Math.max(0, Math.floor((text.length - PASSAGE_CHARACTERS) / 2));
  return Array.from(text.slice(start, start + PASSAGE_CHARACTERS)).join('');
}

async function readFolder(folder: string): Promise<readonly { name: string; text: string }[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    const code = 'consortium-command.file-missing';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${folder}`, { exitCode: EXIT.usage, cause });
  });
  const files: { name: string; text: string }[] = [];
  for (const name of names.sort().slice(0, FILES_MAX)) {
    const path = join(folder, name);
    const { size } = await stat(path).then((entry) => (entry.isFile() ? entry : { size: -1 }));
    if (size < 0) continue;
    // A file beyond the limit is not read: its size alone gets it refused, and reported.
    files.push({
      name,
      text: size > FHIR_LIMITS.textMax ? ' '.repeat(FHIR_LIMITS.textMax + 1) : await readFile(path, 'utf8'),
    });
  }
  return files;
}
