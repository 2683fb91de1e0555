import type { Address } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import type { Canonical } from '../../base/canonical.ts';
import { addressOf } from '../../base/digest.ts';
import { openCategory } from '../../client/categories.ts';
import { writeRecord } from '../../client/write-record.ts';
import { decodeBlock } from '../../ledger/block.ts';
import { decodeTransaction, type Transaction } from '../../ledger/transaction.ts';
import { joinConsortium, must, type Person, personAt } from '../people.ts';
import { fetchStatus } from '../status.ts';
import { CATEGORY, HOSPITAL_A, HOSPITAL_B, type Story } from './story.ts';

/**
 * The first patient is treated at hospital B too, as somebody else: a pseudonym whose keys come from the same wallet. Who reads the whole chain looks
 * for anything that both have in common and nobody else.
 */
export async function unlinkable(story: Story): Promise<void> {
  const [first] = story.records;
  if (first === undefined) return;
  const there = await secondPseudonym(story, first.patient);
  await joinConsortium(story, story.deskB, there, 'demo|the same patient, at hospital B');
  must(await openCategory(there.session, there.wallet, CATEGORY), 'the pseudonym publishes a delegating key');
  const plaintext = new Uint8Array(first.text.bytes);
  const owned = { owner: there.wallet.id, category: there.wallet.categoryOf(CATEGORY), plaintext };
  must(await writeRecord(there.session, there.wallet, owned), 'the pseudonym registers the same text');

  const said = await everythingSaid(story);
  const [one, other] = [said.of(first.patient.wallet.id), said.of(there.wallet.id)];
  const common = sharedValues(one, other, said.byOthers([first.patient.wallet.id, there.wallet.id]));
  const ok = one.length > 0 && other.length > 0 && common.length === 0;
  story.tell(
    `The patient of ${first.text.name} is somebody else at hospital B, with the same record. In ${said.transactions} transactions ` +
      `the two share ${common.length} keys, ids or hashes that are theirs alone.`,
  );
  story.checks.add('unlinkable', ok, {
    transactions: said.transactions,
    ofOne: one.length,
    ofOther: other.length,
    common: common.slice(0, 8),
  });
}

async function secondPseudonym(story: Story, { wallet }: Person): Promise<Person> {
  const scope = { chainId: story.trust.chainId, hospital: story.deskB.account.id, generation: 0 };
  return personAt(story, {
    title: 'patient 1 at hospital B',
    role: 'patient',
    wallet: wallet.at(scope),
    hospital: HOSPITAL_B,
  });
}

/** Every transaction on the chain, by whose key signed it. */
async function everythingSaid(story: Story) {
  const { api } = story.deskA.session;
  const { height } = await fetchStatus(story.consortium.api(HOSPITAL_A));
  const bySender = new Map<string, Transaction[]>();
  for (let h = 1; h <= height; h++) {
    const block = must(decodeBlock((await api.block(h)).block), `block ${h} is read`);
    for (const bytes of block.transactions) {
      const { transaction } = must(
        decodeTransaction(story.device.primitives, story.trust.chainId, bytes),
        'a transaction is read',
      );
      const sender = toHex(addressOf(story.device.primitives, transaction.publicKey));
      bySender.set(sender, [...(bySender.get(sender) ?? []), transaction]);
    }
  }
  return {
    transactions: [...bySender.values()].flat().length,
    of: (id: Address): readonly Transaction[] => bySender.get(toHex(id)) ?? [],
    byOthers: (ids: readonly Address[]): readonly Transaction[] =>
      [...bySender]
        .filter(([sender]) => !ids.some((id) => toHex(id) === sender))
        .flatMap(([, transactions]) => transactions),
  };
}

/** Byte strings: keys, ids, hashes, commitments, signatures. Names of kinds and fields say what was done, not by whom. */
function sharedValues(
  one: readonly Transaction[],
  other: readonly Transaction[],
  everybody: readonly Transaction[],
): readonly string[] {
  const [mine, usual] = [valuesOf(one), valuesOf(everybody)];
  return [...valuesOf(other)].filter((value) => mine.has(value) && !usual.has(value));
}

const valuesOf = (transactions: readonly Transaction[]): Set<string> =>
  new Set(transactions.flatMap((transaction) => byteStringsIn(transaction as unknown as Canonical)));

function byteStringsIn(value: Canonical): readonly string[] {
  if (value instanceof Uint8Array) return [toHex(value)];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(byteStringsIn);
}
