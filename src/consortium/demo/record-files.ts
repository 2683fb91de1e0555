import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { FHIR_LIMITS } from '../../fhir/limits.ts';
import { type LoadPlan, planLoad } from '../../fhir/plan.ts';
import { samplePatientText } from '../../fhir/sample.ts';
import { CONSORTIUM_CODES } from '../codes.ts';
import { EXIT } from '../exit-codes.ts';
import { CommandError, usageError } from '../output.ts';
import { type DocumentKind, documentKind, passageIn } from './documents.ts';

/** A file that becomes one record of one patient. */
export interface RecordText {
  /** The file's name; below a folder, with the folder's. */
  readonly name: string;
  /** As the file has them: the record is these bytes. */
  readonly bytes: Uint8Array;
  readonly kind: 'bundle' | DocumentKind;
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
    const bytes = Buffer.from(samplePatientText({ marker: planted }), 'utf8');
    const sample = { name: 'sample-patient.json', bytes, kind: 'bundle', identifier: 'sample' } as const;
    return { records: [sample], hospitalNames: [], practitioners: [], skipped: [], markers: [planted] };
  }
  const files = await readFolder(folder);
  const plan = planLoad(
    files.flatMap(({ name, bytes }) => (documentKind(bytes) === undefined ? [textOf(name, bytes)] : [])),
  );
  const records = [...bundlesOf(plan, files), ...documentsOf(files)].slice(0, RECORDS_MAX);
  if (records.length === 0)
    throw usageError(`${folder} holds no FHIR R4 Bundle of a patient, no DICOM and no PDF file`);
  const told = marker === undefined ? records : plantedIn(records, marker);
  return {
    records: told,
    hospitalNames: plan.hospitals.flatMap(({ bundle }) =>
      bundle.members.flatMap(({ name }) => (name === null ? [] : [name])),
    ),
    practitioners: plan.practitioners.flatMap(({ bundle }) => bundle.members.map(({ identifier }) => identifier)),
    skipped: plan.skipped,
    markers: [...(marker === undefined ? [] : [marker]), ...told.flatMap(passageOf)],
  };
}

interface FileBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const textOf = (name: string, bytes: Uint8Array) => ({ name, text: Buffer.from(bytes).toString('utf8') });

const bundlesOf = (plan: LoadPlan, files: readonly FileBytes[]): readonly RecordText[] =>
  plan.records.flatMap(({ name, bundle }) => {
    const bytes = files.find((file) => file.name === name)?.bytes;
    const identifier = bundle.members[0]?.identifier ?? name;
    return bytes === undefined ? [] : [{ name, bytes, kind: 'bundle' as const, identifier }];
  });

/** Nobody looks into a document: each is of a patient of its own. */
const documentsOf = (files: readonly FileBytes[]): readonly RecordText[] =>
  files.flatMap(({ name, bytes }) => {
    const kind = documentKind(bytes);
    return kind === undefined ? [] : [{ name, bytes, kind, identifier: `document|${name}` }];
  });

/** Into the first bundle. Without a marker of the caller's, the files stay byte for byte what they are. */
function plantedIn(records: readonly RecordText[], marker: string): readonly RecordText[] {
  const first = records.findIndex(({ kind }) => kind === 'bundle');
  if (first < 0) throw usageError('--marker needs a bundle that it can be planted in');
  return records.map((record, index) =>
    index === first
      ? { ...record, bytes: Buffer.from(plant(Buffer.from(record.bytes).toString('utf8'), marker), 'utf8') }
      : record,
  );
}

/** One more entry in the bundle, which holds the marker. */
function plant(text: string, marker: string): string {
  const bundle = JSON.parse(text) as { entry?: unknown[] };
  const resource = { resourceType: 'Basic', id: 'planted', code: { text: marker } };
  return JSON.stringify({ ...bundle, entry: [...(bundle.entry ?? []), { resource }] });
}

/** A passage of what people could read in it: where it shows up, plaintext has got out. A document may have none. */
function passageOf({ kind, bytes }: RecordText): readonly string[] {
  if (kind !== 'bundle') return passageIn(bytes);
  const text = Buffer.from(bytes).toString('utf8');
  const start = Math.max(0, Math.floor((text.length - PASSAGE_CHARACTERS) / 2));
  return [Array.from(text.slice(start, start + PASSAGE_CHARACTERS)).join('')];
}

async function readFolder(folder: string): Promise<readonly FileBytes[]> {
  const entries = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    const code = 'consortium-command.file-missing';
    throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} ${folder}`, { exitCode: EXIT.usage, cause });
  });
  const files: FileBytes[] = [];
  for (const entry of entries.sort().slice(0, FILES_MAX)) {
    const path = join(folder, entry);
    const { size } = await stat(path).then((found) => (found.isFile() ? found : { size: -1 }));
    if (size < 0) continue;
    // A name is also a file's name: of the proof about it.
    const name = entry.split(sep).join('_');
    // A file beyond the limit is not read: its size alone gets it refused, and reported.
    files.push({
      name,
      bytes: size > FHIR_LIMITS.textMax ? Buffer.alloc(FHIR_LIMITS.textMax + 1, ' ') : await readFile(path),
    });
  }
  return files;
}
