import { toHex } from '../../base/bytes.ts';
import { addressText } from '../../base/digest.ts';
import { grantAccess } from '../../client/grant.ts';
import { writeRecord } from '../../client/write-record.ts';
import { must } from '../people.ts';
import { forEachRecord } from './for-each-record.ts';
import { attempt, CATEGORY, type RecordStory, type Story } from './story.ts';

const HOUR_MS = 3_600_000;

/** Without the patient's word nobody writes into the patient's file. The attempt stands on the chain. */
export async function deniedWithoutWriteGrant(story: Story): Promise<void> {
  await forEachRecord(story, 'register-without-write-denied', async (record) => {
    const { answer, id } = await write(story, record);
    const code = answer.ok ? null : answer.rejection.code;
    return {
      ok: !answer.ok && answer.rejection.detail?.outcome === 'denied',
      facts: { code, transaction: hexOf(id) },
    };
  });
  story.tell(
    "Hospital A's doctor tries to register a record without the patient's grant: denied, and the denial is on the chain.",
  );
}

/** With a grant to write, the doctor's device encrypts the bundle, hospitals store the ciphertext, and the chain names it. */
export async function registered(story: Story): Promise<void> {
  await forEachRecord(story, 'registered', async (record) => {
    const { patient, text } = record;
    const wish = {
      grantee: { type: 'person', id: addressText(story.doctorA.wallet.id) },
      labels: [CATEGORY],
      purposes: ['TREAT'],
      access: 'write',
      expires: story.device.nowMs() + HOUR_MS,
      uses: null,
    } as const;
    must(await grantAccess(patient.session, patient.wallet, wish), `${patient.title} grants writing`);
    const { answer, id } = await write(story, record);
    const written = must(answer, `doctor A registers ${text.name}`);
    record.record = written.record;
    record.registeredAt = written.sent.height;
    const listed = await patient.session.api.records(patient.wallet.id);
    const ok = listed.some((one) => toHex(one.record) === toHex(written.record));
    return {
      ok,
      facts: {
        id: toHex(written.record),
        cid: written.cid,
        height: written.sent.height,
        plaintextBytes: text.bytes.length,
        ciphertextBytes: written.ciphertextBytes,
        transaction: hexOf(id),
      },
    };
  });
  story.tell(
    "The patient grants writing. The doctor's device encrypts the bundle, hospitals store the ciphertext, the chain registers it.",
  );
}

const write = (story: Story, record: RecordStory) => {
  const { doctorA } = story;
  const { wallet } = record.patient;
  return attempt(record, 'registerRecord', () =>
    writeRecord(doctorA.session, doctorA.wallet, {
      owner: wallet.id,
      category: wallet.categoryOf(CATEGORY),
      plaintext: new Uint8Array(record.text.bytes),
    }),
  );
};

export const hexOf = (bytes: Uint8Array | undefined): string | null => (bytes === undefined ? null : toHex(bytes));
