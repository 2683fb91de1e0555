import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hash, Height } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { grantKeyOf } from '../../ledger/grant-key.ts';
import { decodeReceipts } from '../../ledger/receipt.ts';
import { makeAttemptStatement, makeStatement } from '../../protocol/offline/make-proof.ts';
import { encodeProofFile, type Statement } from '../../protocol/offline/proof-file.ts';
import { sealedOf } from '../../protocol/offline/sealed-header.ts';
import { type OpenChain, openChainOf } from '../export-chain.ts';
import { genesisPath, hospitalFolder } from '../layout.ts';
import { must } from '../people.ts';
import { carechain } from './carechain-process.ts';
import { forEachRecord } from './for-each-record.ts';
import { doctorBAsGrantee, PURPOSE } from './share.ts';
import { CATEGORY, HOSPITAL_B, type RecordStory, recordOf, type Story } from './story.ts';

export const proofsFolder = (folder: string): string => join(folder, 'proofs');

/**
 * A file that an auditor checks with the genesis file and nothing else: the record existed, the doctor had no grant and could not
 * read it at that height, this attempt was denied. `carechain verify` runs as a process; with one bit turned it must say no.
 */
export async function proofIsVerified(story: Story): Promise<void> {
  const chain = await openChainOf(
    story.device.primitives,
    hospitalFolder(story.folder, HOSPITAL_B),
    story.consortium.genesisText,
  );
  try {
    await mkdir(proofsFolder(story.folder), { recursive: true });
    await forEachRecord(story, 'proof-verified', (record) => proveOne(story, chain, record));
  } finally {
    await chain.close();
  }
}

async function proveOne(story: Story, chain: OpenChain, record: RecordStory) {
  const file = join(proofsFolder(story.folder), `${record.text.name}.proof`);
  const statements = await statementsAbout(story, chain, record);
  await writeFile(file, encodeProofFile(story.consortium.chainId, statements));
  const genuine = await verifyProof(story, file);
  const altered = `${file}.altered`;
  const bytes = await readFile(file);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(altered, bytes);
  const forged = await verifyProof(story, altered);
  const said = (genuine.result.statements ?? []) as readonly string[];
  story.tell(`An offline proof about ${record.text.name} is checked by "carechain verify":`);
  for (const sentence of said) story.tell(`  ${sentence}`);
  return {
    ok:
      genuine.exitCode === 0 &&
      genuine.result.verdict === 'holds' &&
      said.length === statements.length &&
      forged.exitCode === 1,
    facts: {
      file: `proofs/${record.text.name}.proof`,
      bytes: bytes.length,
      statements: said,
      alteredExitCode: forged.exitCode,
    },
  };
}

const verifyProof = (story: Story, file: string) => carechain(['verify', file, '--genesis', genesisPath(story.folder)]);

async function statementsAbout(story: Story, chain: OpenChain, one: RecordStory): Promise<readonly Statement[]> {
  const { denial } = one;
  if (denial === undefined) throw new Error('the denial after the revocation was not noted');
  const { env, store } = chain;
  const stored = await storedAt(chain, denial.height);
  const sealed = must(sealedOf(stored), 'the header of the denial is read');
  const view = must(store.view(denial.height as Height), 'the state of that height is read');
  const record = recordOf(one);
  const patient = one.patient.wallet.id;
  const principal = story.doctorB.wallet.id;
  const grantKey = grantKeyOf(doctorBAsGrantee(story), one.patient.wallet.categoryOf(CATEGORY));
  try {
    return [
      must(makeStatement(env, sealed, view, 'recordExisted', { record }), 'the record existed'),
      must(makeStatement(env, sealed, view, 'grantAbsent', { patient, grantKey }), 'there was no grant'),
      must(
        makeStatement(env, sealed, view, 'couldRead', { principal, record, purpose: PURPOSE, allowed: false }),
        'the doctor could not read',
      ),
      must(makeAttemptStatement(env, stored, indexOf(stored.receipts, denial.id)), 'the attempt was denied'),
    ];
  } finally {
    await view.close();
  }
}

async function storedAt({ store }: OpenChain, height: number) {
  const at = height as Height;
  const [block, certificate, receipts] = await Promise.all([
    store.block(at),
    store.certificate(at),
    store.receipts(at),
  ]);
  if (block === undefined || certificate === undefined || receipts === undefined)
    throw new Error(`block ${height} is not stored`);
  return { block, certificate, receipts };
}

function indexOf(receipts: Uint8Array, id: Hash): number {
  return must(decodeReceipts(receipts), 'the receipts are read').findIndex(({ transactionId }) =>
    equal(transactionId, id),
  );
}
