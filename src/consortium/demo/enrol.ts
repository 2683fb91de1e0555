import { addressText } from '../../base/digest.ts';
import { openCategory } from '../../client/categories.ts';
import { ApiError } from '../../client/errors.ts';
import { provenRow } from '../../client/proven.ts';
import { createWallet } from '../../client/wallet.ts';
import { SCALAR_ENTROPY_BYTES, scalarFromUniform } from '../../crypto/keys.ts';
import { participants } from '../../ledger/state/tables.ts';
import { type Desk, joinConsortium, must, type Person, personAt, withSubmissions } from '../people.ts';
import { CATEGORY, HOSPITAL_A, type Story } from './story.ts';

/** Two doctors at two hospitals, and a patient for each record: enrolled with their hospital's word, then admitted by it. */
export async function enrolEveryone(story: Story): Promise<void> {
  const { doctorA, doctorB, doctorIdentifiers, deskA, deskB, records } = story;
  await Promise.all([
    arrive(story, deskA, doctorA, doctorIdentifiers[0]),
    arrive(story, deskB, doctorB, doctorIdentifiers[1]),
    ...records.map(({ patient, text }) => arrive(story, deskA, patient, text.identifier)),
  ]);
  const people = [doctorA, doctorB, ...records.map(({ patient }) => patient)];
  const standings = await Promise.all(people.map(standingOf));
  story.tell(
    `${people.length} people are enrolled and admitted. Their keys were made on their own devices and never left them.`,
  );

  await Promise.all(
    records.map(async ({ patient }) => {
      must(
        await openCategory(patient.session, patient.wallet, CATEGORY),
        `${patient.title} publishes a delegating key`,
      );
    }),
  );
  story.tell('Each patient has published a key that records are sealed to.');
  story.checks.add(
    'enrolled',
    standings.every(({ status }) => status === 'active'),
    { people: standings },
  );
}

const arrive = (story: Story, desk: Desk, person: Person, identifier: string): Promise<void> =>
  joinConsortium(story, desk, person, identifier);

async function standingOf({ session, wallet, title, role, hospital }: Person) {
  const row = must(await provenRow(session, participants, addressText(wallet.id)), `${title} proves the own standing`);
  return { title, role, hospital, id: addressText(wallet.id), status: row?.status ?? 'unknown' };
}

/** Somebody whom no hospital knows: refused at the door, and nothing of it stands on the chain. */
export async function strangerIsRefused(story: Story): Promise<void> {
  const { device } = story;
  const wallet = createWallet(device);
  const stranger = personAt(story, { title: 'stranger', role: 'practitioner', wallet, hospital: HOSPITAL_A });
  const freshKey = device.primitives.publicKeyOf(scalarFromUniform(device.random(SCALAR_ENTROPY_BYTES)));
  const wish = { record: device.random(32), purpose: 'TREAT', freshKey } as const;
  const { answer: transaction, ids } = await withSubmissions(() =>
    refusalOf(stranger.session.send('readRecord', wish)),
  );
  const view = await refusalOf(stranger.session.api.block(1));
  const ok = transaction === 'transaction.stranger' && view !== undefined && ids.length === 0;
  story.tell(
    `A stranger tries to read a record and to look at the chain: refused at the door (${transaction}, ${view}).`,
  );
  story.checks.add('stranger-refused', ok, { transaction, view });
}

/** The code of a refusal at the door; `undefined` where the door was open. */
async function refusalOf(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.code;
    throw error;
  }
}
