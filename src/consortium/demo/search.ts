import { toHex } from '../../base/bytes.ts';
import { EMPTY_MEDICAL_INDEX } from '../../client/medical-index.ts';
import { indexRecord, searchFor } from '../../client/search.ts';
import { keywordsOf, parseBounded } from '../../fhir/index.ts';
import { must } from '../people.ts';
import { forEachRecord } from './for-each-record.ts';
import type { RecordText } from './record-files.ts';
import { recordOf, type Story } from './story.ts';

/** Of so many words of a record a device makes entries here: the story is short. */
const KEYWORDS = 24;

/** The patient's device indexes the record's codes and words; a hospital finds the record by a trapdoor, and never learns the word. */
export async function searchHits(story: Story): Promise<void> {
  await forEachRecord(story, 'search-hit', async (record) => {
    const { session, wallet } = record.patient;
    const keywords = keywordsIn(record.text).slice(0, KEYWORDS);
    const entry = { record: recordOf(record), keywords };
    const index = must(await indexRecord(session, wallet, EMPTY_MEDICAL_INDEX, entry), 'the record is indexed');
    const word = keywords[0] ?? '';
    const found = must(await searchFor(session, wallet, index, word), 'the hospital is asked');
    const none = must(await searchFor(session, wallet, index, 'a word of no record'), 'the hospital is asked');
    const hit = found.length === 1 && toHex(found[0] as Uint8Array) === toHex(recordOf(record));
    return {
      ok: hit && none.length === 0,
      facts: { keywords: keywords.length, hits: found.length, others: none.length },
    };
  });
  story.tell(
    "The patient's device indexes the record. The hospital finds it by a trapdoor that tells nothing of the word.",
  );
}

/** A bundle's codes and words; a document's are those that its patient files it under. */
function keywordsIn({ kind, bytes }: RecordText): readonly string[] {
  if (kind !== 'bundle') return [kind, 'document'];
  return keywordsOf(must(parseBounded(Buffer.from(bytes).toString('utf8')), 'the record is read'));
}
