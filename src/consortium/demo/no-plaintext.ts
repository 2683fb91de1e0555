import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../base/bytes.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { hospitalFolder } from '../layout.ts';
import { formsOf, type MarkerForm } from '../marker-forms.ts';
import { filesBelow, type MarkerHit, MarkerScanner, searchFolders } from '../marker-search.ts';
import { HOSPITAL_A, HOSPITAL_B, recordOf, type Story } from './story.ts';

export const recordingsFolder = (folder: string): string => join(folder, 'recordings');

/** Keys and values of all key spaces. */
const EVERYTHING = { gte: Uint8Array.of(0), lt: Uint8Array.of(0xff, 0xff) };

/**
 * Looks for the marker, and for a passage of each bundle, in every byte that the hospitals have on disk and of everything that
 * they said and heard. The same search finds it in each form where it was put on purpose, and the recordings hold what they must.
 */
export async function noPlaintext(story: Story): Promise<void> {
  const { folder, markers } = story;
  const forms = markers.flatMap(formsOf);
  const control = await positiveControl(`${folder}-control`, forms);
  const searched = await searchFolders([folder], forms);
  const inside = await searchDatabases(story, forms);
  const recorded = await recordingsAreWhole(story);
  const hits = [...searched.hits, ...inside.hits].map((hit) => ({ ...hit, file: hit.file.slice(folder.length + 1) }));
  const ok = hits.length === 0 && control.missed.length === 0 && recorded.ok;
  story.tell(
    `The marker is looked for in ${searched.files} files (${searched.bytes} bytes) and ${inside.values} database values: ` +
      `found ${hits.length} times. Where it was put on purpose, it was found in all ${control.forms} forms.`,
  );
  story.checks.add('no-plaintext', ok, {
    markers: markers.length,
    files: searched.files,
    bytes: searched.bytes,
    databaseValues: inside.values,
    hits,
    positiveControl: control,
    recordings: recorded,
  });
}

/** A file for each form of each marker, searched like all others: what is missed there would be missed anywhere. */
async function positiveControl(place: string, forms: readonly MarkerForm[]) {
  const missed: string[] = [];
  await mkdir(place, { recursive: true, mode: 0o700 });
  try {
    for (const form of forms) {
      // In the midst of other bytes, as in a database.
      const surroundings = Buffer.alloc(1_000, '_');
      await writeFile(join(place, 'control'), Buffer.concat([surroundings, form.bytes, surroundings]));
      const { hits } = await searchFolders([place], forms);
      if (!hits.some(({ encoding, offset }) => encoding === form.encoding && offset === surroundings.length))
        missed.push(form.encoding);
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
  return { forms: forms.length, missed };
}

/** LevelDB compresses its tables: what a search of the files could overlook is looked at once more as it was stored. */
async function searchDatabases({ consortium, folder }: Story, forms: readonly MarkerForm[]) {
  const hits: MarkerHit[] = [];
  let values = 0;
  for (const { number } of consortium.hospitals)
    for (const name of ['chain', 'blobs']) {
      const path = join(hospitalFolder(folder, number), name);
      const store = await openLevelStore(path, { create: false });
      try {
        for await (const [key, value] of store.iterate(EVERYTHING)) {
          values++;
          const scanner = new MarkerScanner(forms);
          scanner.push(key);
          scanner.push(value);
          for (const encoding of scanner.found.keys()) hits.push({ file: path, encoding, offset: 0 });
        }
      } finally {
        await store.close();
      }
    }
  return { hits, values };
}

/** A recording that missed the traffic would hold no plaintext either: it must hold the ids of the records, at clients and at peers. */
async function recordingsAreWhole({ folder, records }: Story) {
  const texts = records.map((one) => Buffer.from(toHex(recordOf(one)), 'latin1'));
  const ids = records.map((one) => Buffer.from(recordOf(one)));
  const atClients = await holdsAll(join(recordingsFolder(folder), `hospital-${HOSPITAL_A}`, 'api'), texts);
  const atPeers = await holdsAll(join(recordingsFolder(folder), `hospital-${HOSPITAL_B}`, 'peers'), ids);
  return { ok: atClients && atPeers, atClients, atPeers };
}

async function holdsAll(folder: string, wanted: readonly Buffer[]): Promise<boolean> {
  const missing = new Set(wanted);
  for (const path of await filesBelow(folder)) {
    const bytes = await readFile(path);
    for (const one of missing) if (bytes.includes(one)) missing.delete(one);
  }
  return missing.size === 0;
}
