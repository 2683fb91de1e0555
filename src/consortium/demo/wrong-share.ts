import type { Address, Hash } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import { type AllowedRead, requestRead } from '../../client/allowed-read.ts';
import { disputeWrongShare } from '../../client/dispute.ts';
import { provenRow } from '../../client/proven.ts';
import { isCommitted } from '../../client/review-shares.ts';
import { applied } from '../../client/session.ts';
import { openShares } from '../../client/shares.ts';
import { INITIAL_REPUTATION } from '../../ledger/evaluation/rating.ts';
import { evaluations } from '../../ledger/state/tables.ts';
import { type Desk, deskOf, must } from '../people.ts';
import { waitFor } from '../wait.ts';
import { forEachRecord } from './for-each-record.ts';
import { PURPOSE } from './share.ts';
import { attempt, HOSPITAL_A, type RecordStory, recordOf, type Story, VICTIM } from './story.ts';

/**
 * A claim has this long after the last answer or claim, on the slowest machine. Nobody waits for its end: other chapters are told meanwhile.
 */
export const DISPUTE_WINDOW_MS = 12_000;
const COMMIT_TIMEOUT_MS = 20_000;
const CLOSE_TIMEOUT_MS = DISPUTE_WINDOW_MS + 20_000;
const MADE_UP_BYTES = 400;

/** A read that the made-up share answers, and whose share it is. */
export interface DisputedShare {
  readonly read: Hash;
  readonly holder: Address;
}

/**
 * While the killed hospital's node is down, somebody there has its account key and commits a made-up share. The doctor reads all the same,
 * and shows the chain that the share is wrong.
 */
export async function wrongShareIsDisputed(story: Story): Promise<void> {
  const desk = await deskOf(story, VICTIM, HOSPITAL_A);
  await forEachRecord(story, 'wrong-share-disputed', (record) => disputeMadeUpShare(story, record, desk));
  story.tell(
    'Somebody with the key of the dead hospital commits a made-up share. The doctor opens the record with the other three, ' +
      'and proves on chain that this one is wrong.',
  );
}

/** The window for claims is over by now, or soon: the chain has rated the hospital 0, and each of the others by its answer. */
export async function wrongShareIsRated(story: Story): Promise<void> {
  await forEachRecord(story, 'wrong-share-rated', (record) => madeUpShareIsRated(story, record));
  story.tell('The window for claims is over: the made-up share is rated 0.');
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
  await untilCommitted(story, allowed, { holder, share });
  const disputed = await disputeWrongShare(doctorB.session, allowed, { holder, share, fragmentIds });
  const honest = opened.shares[0];
  if (honest !== undefined) await untilCommitted(story, allowed, honest);
  const frivolous = honest === undefined ? undefined : await disputeWrongShare(doctorB.session, allowed, honest);
  const frivolousCode = frivolous?.ok === false ? frivolous.rejection.code : null;
  record.disputed = { read: allowed.sent.id, holder };
  return {
    ok: opened.dataKey.ok && disputed.ok && frivolousCode === 'dispute.share-right',
    facts: {
      read: toHex(allowed.sent.id),
      opened: opened.dataKey.ok,
      disputed: disputed.ok ? 'applied' : disputed.rejection.code,
      frivolous: frivolousCode,
    },
  };
}

async function madeUpShareIsRated(story: Story, { disputed, text }: RecordStory) {
  if (disputed === undefined) throw new Error(`no share of ${text.name} was disputed`);
  const { read, holder } = disputed;
  const closed = await closedEvaluation(story, read);
  const rating = closed.ratings.find(({ hospital }) => toHex(hospital) === toHex(holder))?.rating;
  const others = closed.ratings.filter(({ hospital }) => toHex(hospital) !== toHex(holder)).map((one) => one.rating);
  return {
    ok: rating === 0 && others.length > 0 && others.every((one) => one > 0),
    facts: { read: toHex(read), rating, others, winner: closed.winner === null ? null : toHex(closed.winner) },
  };
}

/** The doctor's hospital may be a block behind the one that took the commitment; the device claims nothing that it cannot see committed. */
const untilCommitted = (
  { doctorB }: Story,
  allowed: AllowedRead,
  share: Parameters<typeof isCommitted>[2],
): Promise<boolean> =>
  waitFor(
    async () => must(await isCommitted(doctorB.session, allowed, share), 'the commitment is proven') || undefined,
    { timeoutMs: COMMIT_TIMEOUT_MS, code: 'consortium-chain.stalled', what: 'a share that is committed' },
  );

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
