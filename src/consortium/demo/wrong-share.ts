import type { Hash } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import { requestRead } from '../../client/allowed-read.ts';
import { disputeWrongShare } from '../../client/dispute.ts';
import { provenRow } from '../../client/proven.ts';
import { applied } from '../../client/session.ts';
import { openShares } from '../../client/shares.ts';
import { INITIAL_REPUTATION } from '../../ledger/evaluation/rating.ts';
import { evaluations } from '../../ledger/state/tables.ts';
import { type Desk, deskOf, must } from '../people.ts';
import { waitFor } from '../wait.ts';
import { forEachRecord } from './for-each-record.ts';
import { PURPOSE } from './share.ts';
import { attempt, HOSPITAL_A, type RecordStory, recordOf, type Story, VICTIM } from './story.ts';

const CLOSE_TIMEOUT_MS = 20_000;
const MADE_UP_BYTES = 400;

/**
 * While the killed hospital's node is down, somebody there has its account key and commits a made-up share. The doctor reads all the same,
 * shows the chain that the share is wrong, and that hospital is rated 0.
 */
export async function wrongShareIsRated(story: Story): Promise<void> {
  const desk = await deskOf(story, VICTIM, HOSPITAL_A);
  await forEachRecord(story, 'wrong-share-rated', (record) => disputeMadeUpShare(story, record, desk));
  story.tell(
    'Somebody with the key of the dead hospital commits a made-up share. The doctor opens the record with the other three, ' +
      'and proves on chain that this one is wrong: it is rated 0.',
  );
}

async function disputeMadeUpShare(story: Story, record: RecordStory, desk: Desk) {
  const { device, doctorB } = story;
  const { answer } = await attempt(record, 'readRecord', () =>
    requestRead(doctorB.session, { record: recordOf(record), purpose: PURPOSE }),
  );
  const allowed = must(answer, 'doctor B may read');
  const share = device.random(MADE_UP_BYTES);
  const shareHash = device.primitives.hash(share);
  const answers = [{ read: allowed.sent.id, shareHash }];
  must(applied(await desk.session.send('respond', { answers })), 'a made-up share is committed');
  const opened = must(await openShares(doctorB.session, doctorB.wallet, allowed), 'the holders answer');

  const holder = desk.account.id;
  // What this hospital got with the grant: it said so when it still answered.
  const fragmentIds = record.watched?.shares.find((one) => toHex(one.holder) === toHex(holder))?.fragmentIds ?? [];
  const disputed = await disputeWrongShare(doctorB.session, allowed, { holder, share, fragmentIds });
  const honest = opened.shares[0];
  const frivolous = honest === undefined ? undefined : await disputeWrongShare(doctorB.session, allowed, honest);
  const closed = await closedEvaluation(story, allowed.sent.id);
  const rating = closed.ratings.find(({ hospital }) => toHex(hospital) === toHex(holder))?.rating;
  const others = closed.ratings.filter(({ hospital }) => toHex(hospital) !== toHex(holder)).map((one) => one.rating);
  const frivolousCode = frivolous?.ok === false ? frivolous.rejection.code : null;
  return {
    ok:
      opened.dataKey.ok &&
      disputed.ok &&
      rating === 0 &&
      others.length > 0 &&
      others.every((one) => one > 0) &&
      frivolousCode === 'dispute.share-right',
    facts: {
      read: toHex(allowed.sent.id),
      opened: opened.dataKey.ok,
      disputed: disputed.ok ? 'applied' : disputed.rejection.code,
      frivolous: frivolousCode,
      rating,
      others,
      winner: closed.winner === null ? null : toHex(closed.winner),
    },
  };
}

/** The evaluation of a read once the chain has closed it, as the chain proves it to the doctor. */
const closedEvaluation = ({ doctorB }: Story, read: Hash) =>
  waitFor(
    async () => {
      const row = must(await provenRow(doctorB.session, evaluations, toHex(read)), 'the evaluation is proven');
      return row === undefined || row.state === 'open' ? undefined : row;
    },
    { timeoutMs: CLOSE_TIMEOUT_MS, code: 'consortium-chain.stalled', what: `the evaluation of read ${toHex(read)}` },
  );

/** The mean of a hospital's ratings stands on chain, and every hospital's API tells it. */
export async function reputationIsTold(story: Story): Promise<void> {
  const told = await story.doctorB.session.api.hospitals();
  const liar = (await deskOf(story, VICTIM, HOSPITAL_A)).account.id;
  const standing = told.map(({ id, name, reputation, ratings }) => ({ id: toHex(id), name, reputation, ratings }));
  const rated = standing.filter(({ ratings }) => ratings > 1);
  const honest = rated.filter(({ id }) => id !== toHex(liar));
  const lying = standing.find(({ id }) => id === toHex(liar));
  const ok =
    honest.length >= 3 &&
    honest.every(({ reputation }) => reputation > INITIAL_REPUTATION) &&
    lying !== undefined &&
    honest.every(({ reputation }) => reputation > lying.reputation);
  for (const { name, reputation, ratings } of standing)
    story.tell(`  ${name}: reputation ${reputation} from ${ratings} ratings`);
  story.checks.add('reputation', ok, { initial: INITIAL_REPUTATION, hospitals: standing });
}
