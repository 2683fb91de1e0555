import { importer } from 'ipfs-unixfs-importer';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';
import { requestRead } from '../../client/allowed-read.ts';
import { contentIdText } from '../../client/content-id.ts';
import { must } from '../people.ts';
import { forEachRecord } from './for-each-record.ts';
import { attempt, recordOf, type Story } from './story.ts';

/** The ciphertext, fetched from a hospital, goes through IPFS's own importer with the settings of `ipfs add --cid-version=1`. */
export async function cidMatchesIpfs(story: Story): Promise<void> {
  await forEachRecord(story, 'cid-matches-ipfs', async (record) => {
    const { session } = record.patient;
    const { answer } = await attempt(record, 'readRecord', () =>
      requestRead(session, { record: recordOf(record), purpose: 'PATRQT' }),
    );
    const { sent, row } = must(answer, `${record.patient.title} reads`);
    const ipfs = await addLikeIpfs(await session.api.readCiphertext(sent.id));
    const onChain = contentIdText(row.cid);
    return { ok: ipfs === onChain, facts: { onChain, ipfs } };
  });
  story.tell("The ciphertext's content id on the chain is the one that IPFS gives it.");
}

async function addLikeIpfs(content: AsyncIterable<Uint8Array>): Promise<string> {
  const blocks = { put: async (cid: unknown) => cid } as unknown as Parameters<typeof importer>[1];
  const options = {
    cidVersion: 1,
    rawLeaves: true,
    chunker: fixedSize({ chunkSize: 262_144 }),
    layout: balanced({ maxChildrenPerNode: 174 }),
  } as const;
  let cid = '';
  for await (const entry of importer([{ content }], blocks, options)) cid = entry.cid.toString();
  return cid;
}
