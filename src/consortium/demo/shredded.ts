import { readFile } from 'node:fs/promises';
import { toHex } from '../../base/bytes.ts';
import { requestRead } from '../../client/allowed-read.ts';
import { collect } from '../../client/http.ts';
import { readRecord } from '../../client/read-record.ts';
import { shredRecord } from '../../client/shred.ts';
import { filesBelow } from '../marker-search.ts';
import { must } from '../people.ts';
import { waitFor } from '../wait.ts';
import { forEachRecord } from './for-each-record.ts';
import { attempt, type RecordStory, recordOf, type Story } from './story.ts';

const ERASE_TIMEOUT_MS = 20_000;
const CIPHERTEXT_BYTES_MAX = 16 * 1_048_576;
/** So much of the ciphertext is looked for: no other record holds the same. */
const WINDOW_BYTES = 64;

/**
 * The patient has a record shredded. Every byte of every hospital's data folder is searched for its wrapped key and a piece of its ciphertext: found
 * before, and nowhere after. A tombstone stays on the chain.
 */
export async function shredded(story: Story): Promise<void> {
  await forEachRecord(story, 'shredded', (record) => shredOne(story, record));
  story.tell(
    'The patient has the record shredded: no hospital holds its wrapped key or ciphertext any more. A tombstone stays.',
  );
}

async function shredOne(story: Story, record: RecordStory) {
  const { session, wallet } = record.patient;
  const wish = { record: recordOf(record), purpose: 'PATRQT' } as const;
  const { answer } = await attempt(record, 'readRecord', () => requestRead(session, wish));
  const { sent, envelope } = must(answer, 'the patient reads');
  const ciphertext = await collect(await session.api.readCiphertext(sent.id), CIPHERTEXT_BYTES_MAX);
  const middle = Math.floor(ciphertext.length / 2);
  // Capsule and salt stand on the chain since the dispute: they lead nowhere without the wrapped key.
  const marks = { wrappedKey: envelope.wrappedKey, ciphertext: ciphertext.slice(middle, middle + WINDOW_BYTES) };
  const before = await foldersWith(story, marks);
  const shred = must(await shredRecord(session, recordOf(record)), 'the patient shreds the record');
  const after = await waitFor(
    async () => {
      const found = await foldersWith(story, marks);
      return Object.values(found).every((count) => count === 0) ? found : undefined;
    },
    { timeoutMs: ERASE_TIMEOUT_MS, code: 'consortium-chain.stalled', what: 'every hospital has erased the record' },
  );
  const again = await readRecord(session, wallet, wish);
  const code = again.ok ? 'opened' : again.rejection.code;
  return {
    ok: Object.values(before).every((count) => count > 0) && !again.ok,
    facts: { height: shred.height, before, after, readAfterwards: code, id: toHex(recordOf(record)) },
  };
}

/** How many hospitals' data folders hold each mark in any of their files. */
async function foldersWith<Name extends string>(
  { consortium }: Story,
  marks: Readonly<Record<Name, Uint8Array>>,
): Promise<Readonly<Record<Name, number>>> {
  const counts = Object.fromEntries(Object.keys(marks).map((name) => [name, 0])) as Record<Name, number>;
  for (const { folder } of consortium.hospitals) {
    const contents: Buffer[] = [];
    for (const path of await filesBelow(folder)) contents.push(await readFile(path).catch(() => Buffer.alloc(0)));
    for (const name of Object.keys(marks) as Name[])
      if (contents.some((content) => content.includes(Buffer.from(marks[name])))) counts[name]++;
  }
  return counts;
}
