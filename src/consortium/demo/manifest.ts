import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { filesBelow } from '../marker-search.ts';

const MANIFEST_FILE = 'manifest.json';

/** What a file is, by its place; the first that fits. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^genesis\.json$/, 'the genesis file: its SHA-256 is the chain id'],
  [/^hospital-\d+\.car$/, "a hospital's exported chain"],
  [/^proofs\//, 'an offline proof: check it with carechain verify'],
  [/^recordings\/hospital-\d+\/api\//, 'traffic of an API above encryption, one route and direction'],
  [/^recordings\/hospital-\d+\/peers\//, 'traffic with a peer above encryption, one protocol and direction'],
  [/^logs\//, 'what a node printed'],
  [/^hospital-\d+\/keys\.json$/, "a hospital's keys, of this throw-away consortium alone"],
  [/^hospital-\d+\/(genesis|node)\.json$/, "a node's configuration"],
  [/^hospital-\d+\/chain\//, "a hospital's database of blocks and state"],
  [/^hospital-\d+\/blobs\//, "a hospital's database of ciphertexts, envelopes and fragments"],
  [/^hospital-\d+\/signing-state/, 'what a validator has voted'],
  [/^hospital-\d+\//, "a file of a hospital's data folder"],
  [/^report\.json$/, 'what the demonstration has shown'],
];

/** Lists every file below the folder with what it is, its bytes and its SHA-256. */
export async function writeManifest(folder: string): Promise<void> {
  const files = [];
  for (const path of await filesBelow(folder)) {
    const name = relative(folder, path).split(sep).join('/');
    if (name === MANIFEST_FILE) continue;
    const what = KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? 'other';
    files.push({ path: name, what, ...(await digestOf(path)) });
  }
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify({ version: 1, files }, null, 2)}\n`);
}

async function digestOf(path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
