import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { addressText } from '../../src/base/digest.ts';
import { breakGlass } from '../../src/client/break-glass.ts';
import { openCategory } from '../../src/client/categories.ts';
import { createDesk, type NewDesk, type OpenDesk, openDesk, publishDeskKey } from '../../src/client/desk.ts';
import { grantAccess } from '../../src/client/grant.ts';
import { readRecord } from '../../src/client/read-record.ts';
import { closeReview, reasonOf } from '../../src/client/reviews.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import { reads } from '../../src/ledger/state/tables.ts';
import { hospitalName, idOf, primitives, secretOf } from '../ledger/town.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { hospitalAccount, member, type Person, sessionOf } from './people.ts';

const CHEAP = { N: 16_384, r: 8, p: 1 };
const STAFF = ['the nurse', 'the porter', 'the head of the ward'].map((name) => ({
  name,
  password: `word of ${name}`,
}));
const TEXT = utf8('allergic to penicillin');
const REASON = 'found unconscious, known to this ward';
const HOSPITAL = idOf(hospitalName(2));

let consortium: FakeConsortium;
let patient: Person;
let doctor: Person;
let desk: NewDesk;
let record: Uint8Array;

const opening = (...present: readonly number[]) =>
  openDesk(
    primitives,
    consortium.trust.chainId,
    present.map((i) => ({ text: desk.shares[i]?.text as string, password: STAFF[i]?.password as string })),
  );
const hospital = (n: number) => sessionOf(consortium, hospitalAccount(n));
const choosesDesk = async (labels: readonly string[] = ['general']) =>
  unwrapped(
    await grantAccess(patient.session, patient.wallet, {
      grantee: { type: 'desk', id: addressText(HOSPITAL) },
      labels,
      purposes: ['BTG'],
      access: 'read',
      expires: consortium.town.tip.header.timestampMs + 3_600_000,
      uses: null,
    }),
  );
const breaks = (open: OpenDesk) =>
  breakGlass(doctor.session, doctor.wallet, { desk: open, record, owner: patient.wallet.id, reason: REASON });

/** Passwords are slow on purpose: one desk, and one opening of it, serve the tests that are not about them. */
let opened: OpenDesk;
beforeAll(async () => {
  consortium = new FakeConsortium();
  const { chainId } = consortium.trust;
  const device = consortium.device('the device of the desk');
  desk = unwrapped(await createDesk(device, { chainId, hospital: HOSPITAL, staff: STAFF, cost: CHEAP }));
  opened = unwrapped(await opening(0, 2));
});

beforeEach(async () => {
  consortium = new FakeConsortium();
  patient = await member(consortium, 'the patient', 'patient');
  doctor = await member(consortium, 'Dr at the desk', 'practitioner', { hospital: 2 });
  unwrapped(await openCategory(patient.session, patient.wallet, 'general'));
  const wish = { owner: patient.wallet.id, category: patient.wallet.categoryOf('general'), plaintext: TEXT };
  record = unwrapped(await writeRecord(patient.session, patient.wallet, wish)).record;
  unwrapped(await publishDeskKey(hospital(2), desk));
});

describe('a desk', () => {
  it('opens with any two of its staff, and with nobody less', async () => {
    for (const open of [opened, unwrapped(await opening(1, 2))])
      expect(primitives.publicKeyOf(open.secretKey)).toEqual(desk.receivingKey);
    for (const one of [[], [0], [1, 1]])
      expect(await opening(...one)).toMatchObject({ rejection: { code: 'client-desk.too-few-staff' } });
  });

  it('opens to no wrong password, and to no shares of two desks', async () => {
    const [one, other] = desk.shares.map(({ text }) => text) as [string, string];
    const { chainId } = consortium.trust;
    const handedIn = (password: string) => [
      { text: one, password: STAFF[0]?.password as string },
      { text: other, password },
    ];
    expect(await openDesk(primitives, chainId, handedIn('a guess'))).toMatchObject({
      rejection: { code: 'crypto-key-file.wrong-password' },
    });
    const device = consortium.device('another desk');
    const another = unwrapped(await createDesk(device, { chainId, hospital: HOSPITAL, staff: STAFF, cost: CHEAP }));
    const mixed = [desk.shares[0], another.shares[1]].map((share, i) => ({
      text: share?.text as string,
      password: STAFF[i]?.password as string,
    }));
    expect(await openDesk(primitives, chainId, mixed)).toMatchObject({ rejection: { code: 'client-desk.other-desk' } });
  });

  it('is split among at least two', async () => {
    const made = createDesk(consortium.device('x'), {
      chainId: consortium.trust.chainId,
      hospital: HOSPITAL,
      staff: STAFF.slice(0, 1),
    });
    expect(await made).toMatchObject({ rejection: { code: 'client-desk.staff' } });
  });

  it('leaves the secret in nothing that is published or kept', () => {
    expect(JSON.stringify(desk.shares)).not.toContain(toHex(opened.secretKey));
  });
});

describe('a record at a desk that the patient chose', () => {
  it('is opened by two of the staff for a doctor without a grant, and the bytes are the same', async () => {
    await choosesDesk();
    const read = unwrapped(await breaks(opened));
    expect(read).toMatchObject({ plaintext: TEXT, path: 'desk' });
    expect(await readRecord(doctor.session, doctor.wallet, { record, purpose: 'TREAT' })).toMatchObject({
      rejection: { code: 'policy.denied' },
    });
  });

  it('stays shut to the reader alone: the shares open to the desk', async () => {
    await choosesDesk();
    const alone = { hospital: HOSPITAL, receivingKey: doctor.wallet.receiving.publicKey, close: () => {} };
    const read = await breaks({ ...alone, secretKey: doctor.wallet.receiving.secretKey });
    expect(read).toMatchObject({ rejection: { code: 'crypto-umbral.shares-do-not-open' } });
  });

  it('stays shut where the patient chose no desk, or not for this category', async () => {
    expect(await breaks(opened)).toMatchObject({ rejection: { code: 'policy.denied' } });
    unwrapped(await openCategory(patient.session, patient.wallet, 'medication'));
    await choosesDesk(['medication']);
    expect(await breaks(opened)).toMatchObject({ rejection: { code: 'policy.denied' } });
  });

  it('is held by every other hospital, and not by the desk', async () => {
    const { holders } = await choosesDesk();
    expect(holders.map((id) => toHex(id)).sort()).toEqual([1, 3, 4].map((n) => toHex(idOf(hospitalName(n)))).sort());
  });
});

describe('the review', () => {
  const brokenOnce = async (): Promise<Hash> => {
    await choosesDesk();
    return unwrapped(await breaks(opened)).sent.id;
  };

  it('tells the reason to the patient and to hospitals that may review, and to nobody else', async () => {
    const read = await brokenOnce();
    const toPatient = { id: patient.wallet.id, secretKey: patient.wallet.receiving.secretKey };
    expect(unwrapped(await reasonOf(patient.session, read, toPatient)).reason).toBe(REASON);
    const duty = (n: number) => ({ id: idOf(hospitalName(n)), secretKey: secretOf(`${hospitalName(n)} duty`) });
    for (const n of [1, 3, 4]) expect(unwrapped(await reasonOf(hospital(n), read, duty(n))).reason).toBe(REASON);
    const code = 'crypto-reason.not-for-you';
    expect(await reasonOf(hospital(2), read, duty(2))).toMatchObject({ rejection: { code } });
    const reader = { id: doctor.wallet.id, secretKey: doctor.wallet.receiving.secretKey };
    expect(await reasonOf(doctor.session, read, reader)).toMatchObject({ rejection: { code } });
    const posing = { ...duty(3), secretKey: duty(2).secretKey };
    expect(await reasonOf(hospital(2), read, posing)).toMatchObject({ rejection: { code: 'crypto-box.wrong-key' } });
  });

  it('believes no API that tells another reason than the transaction holds', async () => {
    const [first, second] = [await brokenOnce(), await brokenOnce()];
    const honest = consortium.api();
    const lying = consortium.api({
      review: async (read) => {
        const [own, other] = [await honest.review(read), await honest.review(second)];
        return own && other && { ...own, transaction: other.transaction };
      },
    });
    const session = sessionOf(consortium, patient.wallet.account, lying);
    const key = { id: patient.wallet.id, secretKey: patient.wallet.receiving.secretKey };
    expect(await reasonOf(session, first, key)).toMatchObject({
      rejection: { code: 'client-review.other-transaction' },
    });
  });

  it('waits in the list of hospitals until another one has closed it', async () => {
    const read = await brokenOnce();
    const waiting = async () => (await hospital(3).api.waitingReviews()).map((one) => toHex(one.read));
    expect(await waiting()).toEqual([toHex(read)]);
    expect(await closeReview(hospital(2), read, 'justified')).toMatchObject({ rejection: { code: 'policy.denied' } });
    unwrapped(await closeReview(hospital(3), read, 'justified'));
    expect(await waiting()).toEqual([]);
    const [own] = await patient.session.api.reviewsOf(patient.wallet.id);
    expect(own?.row).toMatchObject({ status: 'closed', finding: 'justified' });
    expect(reads.get(consortium.town.tip.view, toHex(read))?.path).toBe('desk');
  });
});
