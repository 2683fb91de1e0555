import type { Hash } from '../../base/brand.ts';
import { addressText } from '../../base/digest.ts';
import { grantAccess } from '../../client/grant.ts';
import { readRecord } from '../../client/read-record.ts';
import { requestAccess } from '../../client/request-access.ts';
import { revokeAccess } from '../../client/revoke.ts';
import { must, type Person } from '../people.ts';
import type { Facts } from './checklist.ts';
import { forEachRecord } from './for-each-record.ts';
import { hexOf } from './register.ts';
import { attempt, CATEGORY, HOSPITALS, type RecordStory, recordOf, type Story } from './story.ts';

const HOUR_MS = 3_600_000;
const USES = 3;
export const PURPOSE = 'TREAT';

/** The other hospital's doctor knows of the record and may not read it. */
export async function deniedBeforeGrant(story: Story): Promise<void> {
  await forEachRecord(story, 'denied-before-grant', (record) => expectDenied(story, record));
  story.tell("Hospital B's doctor tries to read the record: denied, and the denial is on the chain.");
}

/** The patient answers the doctor's request: for a purpose, a category, a time and a number of reads. */
export async function granted(story: Story): Promise<void> {
  await forEachRecord(story, 'granted', async (record) => {
    const { doctorB } = story;
    const { answer: asked } = await attempt(record, 'requestAccess', () =>
      requestAccess(doctorB.session, { record: recordOf(record), purpose: PURPOSE, hospitalCount: HOSPITALS }),
    );
    const request = must(asked, 'doctor B asks for the record');
    const { holders, sent, expires } = await grantToDoctorB(story, record, request.id);
    return {
      ok: holders >= 3,
      facts: { height: sent.height, purpose: PURPOSE, category: CATEGORY, expires, uses: USES, holders },
    };
  });
  story.tell(
    `The doctor asks, and the patient grants: for treatment, this category, one hour, ${USES} reads. ` +
      'Each hospital holds a fragment that opens nothing by itself.',
  );
}

export async function grantToDoctorB(story: Story, { patient }: RecordStory, request: Hash | null) {
  const expires = story.device.nowMs() + HOUR_MS;
  const given = await grantAccess(patient.session, patient.wallet, {
    grantee: doctorBAsGrantee(story),
    labels: [CATEGORY],
    purposes: [PURPOSE],
    access: 'read',
    expires,
    uses: USES,
    request,
  });
  const { holders, sent } = must(given, `${patient.title} grants reading`);
  return { holders: holders.length, sent, expires };
}

export async function readAfterGrant(story: Story): Promise<void> {
  await forEachRecord(story, 'read-after-grant', (record) => expectSameBytes(story, record, story.doctorB));
  story.tell(
    'Now the doctor reads: enough hospitals send their share, the device opens the record. It holds the same bytes.',
  );
}

export async function deniedAfterRevoke(story: Story): Promise<void> {
  await forEachRecord(story, 'denied-after-revoke', async (record) => {
    const { patient } = record;
    const wish = { grantee: doctorBAsGrantee(story), label: CATEGORY, endEpoch: true };
    const revoked = must(await revokeAccess(patient.session, patient.wallet, wish), `${patient.title} revokes`);
    const denied = await expectDenied(story, record);
    if (denied.id !== undefined && denied.height !== undefined)
      record.denial = { id: denied.id, height: denied.height };
    return { ok: denied.ok, facts: { revokedAtHeight: revoked.sent.height, newEpoch: revoked.epoch, ...denied.facts } };
  });
  story.tell('The patient revokes the grant. The doctor tries once more: denied.');
}

/** A read that must open the very bytes that were sealed. */
export async function expectSameBytes(_story: Story, record: RecordStory, reader: Person) {
  const { answer, id } = await attempt(record, 'readRecord', () =>
    readRecord(reader.session, reader.wallet, {
      record: recordOf(record),
      purpose: PURPOSE_OF[reader.role] ?? PURPOSE,
    }),
  );
  if (!answer.ok) return { ok: false, facts: { code: answer.rejection.code, ...answer.rejection.detail } };
  const { plaintext, path, sent } = answer.value;
  const same = Buffer.from(plaintext).equals(record.text.bytes);
  return { ok: same, facts: { height: sent.height, bytes: plaintext.length, path, transaction: hexOf(id) } };
}

const PURPOSE_OF: Readonly<Record<string, 'PATRQT' | 'TREAT'>> = { patient: 'PATRQT', practitioner: 'TREAT' };

interface Denied {
  readonly ok: boolean;
  readonly id: Hash | undefined;
  readonly height: number | undefined;
  readonly facts: Facts;
}

async function expectDenied(story: Story, record: RecordStory): Promise<Denied> {
  const { doctorB } = story;
  const { answer, id } = await attempt(record, 'readRecord', () =>
    readRecord(doctorB.session, doctorB.wallet, { record: recordOf(record), purpose: PURPOSE }),
  );
  if (answer.ok) return { ok: false, id, height: undefined, facts: { outcome: 'applied' } };
  const { code, detail } = answer.rejection;
  const height = typeof detail?.height === 'number' ? detail.height : undefined;
  return { ok: detail?.outcome === 'denied', id, height, facts: { code, height, transaction: hexOf(id) } };
}

export const doctorBAsGrantee = ({ doctorB }: Story) =>
  ({ type: 'person', id: addressText(doctorB.wallet.id) }) as const;
