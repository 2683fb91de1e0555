import { join } from 'node:path';
import type { Hash } from '../../base/brand.ts';
import { equal, toHex } from '../../base/bytes.ts';
import { addressText } from '../../base/digest.ts';
import type { Result } from '../../base/result.ts';
import { breakGlass } from '../../client/break-glass.ts';
import { createDesk, type NewDesk, openDesk, publishDeskKey, type Staff } from '../../client/desk.ts';
import { grantAccess } from '../../client/grant.ts';
import { closeReview, reasonOf } from '../../client/reviews.ts';
import { revokeAccess } from '../../client/revoke.ts';
import { readHospitalKeys } from '../../node/keys.ts';
import { KEYS_FILE } from '../layout.ts';
import { type Desk, deskOf, must } from '../people.ts';
import { attempt, CATEGORY, HOSPITAL_B, type RecordStory, recordOf, type Story } from './story.ts';

const HOUR_MS = 3_600_000;
/** Whose hospital reviews: neither the patient's nor the desk's. */
const REVIEWER = 3;
const REASON = 'Brought in unconscious; nobody could be asked.';

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.rejection.code);

/**
 * A patient chose hospital B's emergency desk in good days. Unconscious, he is brought there: two of the staff open the desk, a doctor without
 * any grant reads; the patient is alerted, and another hospital reviews it.
 */
export async function brokenGlassIsReviewed(story: Story): Promise<void> {
  const [record] = story.records;
  if (record === undefined) return;
  const { patient } = record;
  const { desk, staff } = await newDesk(story);
  const grantee = { type: 'desk', id: addressText(story.deskB.account.id) } as const;
  const terms = { labels: [CATEGORY], purposes: ['BTG'], access: 'read', uses: null } as const;
  const wish = { grantee, expires: story.device.nowMs() + HOUR_MS, ...terms } as const;
  const { holders } = must(await grantAccess(patient.session, patient.wallet, wish), 'the patient chooses the desk');

  const { read, path, sameBytes, oneAlone } = await breakIt(story, record, desk, staff);
  const alerted = await isAlerted(record, read.id, read.height);
  const deskC = await deskOf(story, REVIEWER);
  const review = await reviewed(story, record, deskC, read.id);
  must(
    await revokeAccess(patient.session, patient.wallet, { grantee, label: CATEGORY, endEpoch: false }),
    'the patient closes the desk again',
  );
  const deskHoldsNothing = !holders.some((hospital) => equal(hospital, story.deskB.account.id));
  const ok =
    sameBytes &&
    path === 'desk' &&
    oneAlone === 'client-desk.too-few-staff' &&
    alerted &&
    deskHoldsNothing &&
    review.waited &&
    review.byOwn === 'policy.denied' &&
    review.finding === 'justified' &&
    review.toPatient === REASON &&
    review.toReviewer === REASON &&
    review.toDesk === 'crypto-reason.not-for-you' &&
    review.toReader === 'crypto-reason.not-for-you';
  story.tell(
    "The patient of the first record had chosen hospital B's emergency desk. Its doctor, without a grant of her own, breaks the glass: one of the " +
      'staff alone opens nothing, two do. The patient is alerted and reads why; hospital B may not review it, hospital ' +
      `${REVIEWER} does: ${review.finding}.`,
  );
  story.checks.add('break-glass-reviewed', ok, {
    record: record.text.name,
    read: toHex(read.id),
    path,
    sameBytes,
    holders: holders.length,
    deskHoldsNothing,
    oneAlone,
    alerted,
    ...review,
  });
}

/** Hospital B's device makes the key, splits it among three of the staff, and keeps nothing; the hospital publishes the key. */
async function newDesk(story: Story): Promise<{ readonly desk: NewDesk; readonly staff: readonly Staff[] }> {
  const word = (): string => toHex(story.device.random(16));
  const staff = ['the nurse', 'the porter', 'the head of the ward'].map((name) => ({ name, password: word() }));
  const { chainId } = story.trust;
  const hospital = story.deskB.account.id;
  const desk = must(await createDesk(story.device, { chainId, hospital, staff }), 'hospital B makes a desk');
  must(await publishDeskKey(story.deskB.session, desk), "hospital B publishes the desk's key");
  return { desk, staff };
}

async function breakIt(story: Story, record: RecordStory, desk: NewDesk, staff: readonly Staff[]) {
  const { doctorB, device, trust } = story;
  const present = staff.map(({ password }, i) => ({ text: desk.shares[i]?.text ?? '', password }));
  const oneAlone = codeOf(await openDesk(device.primitives, trust.chainId, present.slice(0, 1)));
  const open = must(await openDesk(device.primitives, trust.chainId, present.slice(1)), 'two of the staff open it');
  const wish = { desk: open, record: recordOf(record), owner: record.patient.wallet.id, reason: REASON };
  const { answer } = await attempt(record, 'readRecord', () => breakGlass(doctorB.session, doctorB.wallet, wish));
  open.close();
  const { plaintext, path, sent } = must(answer, 'the doctor breaks the glass');
  return { read: sent, path, sameBytes: equal(plaintext, record.text.bytes), oneAlone };
}

/** The patient's device hears of it with the very block. */
async function isAlerted({ patient }: RecordStory, read: Hash, height: number): Promise<boolean> {
  const leaving = new AbortController();
  try {
    for await (const told of patient.session.api.events({ signal: leaving.signal, afterHeight: height - 1 })) {
      if (told.type !== 'block' || told.height < height) continue;
      return (told.events ?? []).some(({ name, about }) => name === 'GlassBroken' && equal(about, read));
    }
    return false;
  } finally {
    leaving.abort();
  }
}

async function reviewed(story: Story, record: RecordStory, deskC: Desk, read: Hash) {
  const { deskB, doctorB } = story;
  const { patient } = record;
  const waiting = await deskC.session.api.waitingReviews();
  const dutyOf = async (hospital: number) =>
    (await readHospitalKeys(join(story.consortium.hospital(hospital).folder, KEYS_FILE))).duty;
  const own = await attempt(record, 'closeReview', () => closeReview(deskB.session, read, 'justified'));
  const asReviewer = { id: deskC.account.id, secretKey: await dutyOf(REVIEWER) };
  const toReviewer = await reasonOf(deskC.session, read, asReviewer);
  const asDesk = { id: deskB.account.id, secretKey: await dutyOf(HOSPITAL_B) };
  const asReader = { id: doctorB.wallet.id, secretKey: doctorB.wallet.receiving.secretKey };
  const toDesk = codeOf(await reasonOf(deskB.session, read, asDesk));
  const toReader = codeOf(await reasonOf(doctorB.session, read, asReader));
  const { answer } = await attempt(record, 'closeReview', () => closeReview(deskC.session, read, 'justified'));
  must(answer, 'another hospital closes the review');
  const asPatient = { id: patient.wallet.id, secretKey: patient.wallet.receiving.secretKey };
  const told = must(await reasonOf(patient.session, read, asPatient), 'the patient reads the reason');
  const left = await deskC.session.api.waitingReviews();
  return {
    waited: waiting.some((one) => equal(one.read, read)) && !left.some((one) => equal(one.read, read)),
    byOwn: codeOf(own.answer),
    finding: told.review.row.finding,
    toPatient: told.reason,
    toReviewer: toReviewer.ok ? toReviewer.value.reason : codeOf(toReviewer),
    toDesk,
    toReader,
  };
}
