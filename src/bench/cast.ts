import { join } from 'node:path';
import type { SecretKey } from '../base/brand.ts';
import { openCategory } from '../client/categories.ts';
import { createWallet } from '../client/wallet.ts';
import { KEYS_FILE } from '../consortium/layout.ts';
import { type Desk, deskOf, joinConsortium, must, personAt, type Surroundings } from '../consortium/people.ts';
import { readHospitalKeys } from '../node/keys.ts';
import { writeOwnRecord } from './own-record.ts';

/** Practitioners that send. Each has its own key and nonces; a hospital's clinicians are more, yet few send at once. */
const SENDERS_PER_HOSPITAL = 16;
/** Records that are asked for, in turn: with one alone, every transaction would write the same row. */
const RECORDS = 16;
const CATEGORY = 'general';
/** As many as a hospital takes from one person. */
const UPLOADS_AT_A_TIME = 4;

export interface Cast {
  /** The nth is at home at hospital n mod hospitals. */
  readonly senders: readonly { readonly secretKey: SecretKey; readonly nonce: number }[];
  readonly records: readonly Uint8Array[];
  readonly observerSecret: SecretKey;
}

/** Enrols and admits everybody, and registers the records, through the hospitals' APIs as devices do. */
export async function prepareCast(around: Surroundings): Promise<Cast> {
  const { consortium, device } = around;
  const numbers = consortium.hospitals.map(({ number }) => number);
  const desks = await Promise.all(numbers.map((number) => deskOf(around, number)));
  const enrolments = Array.from({ length: SENDERS_PER_HOSPITAL * numbers.length }, async (_, index) => {
    const hospital = (index % numbers.length) + 1;
    const person = personAt(around, {
      title: `sender ${index + 1}`,
      role: 'practitioner',
      hospital,
      wallet: createWallet(device),
    });
    await joinConsortium(around, desks[hospital - 1] as Desk, person, `bench|${index}`);
    // Enrolling was the one transaction of its own.
    return { secretKey: person.wallet.account.secretKey, nonce: 1 };
  });
  const [senders, records] = await Promise.all([Promise.all(enrolments), registerRecords(around, desks[0] as Desk)]);
  const keys = await readHospitalKeys(join(consortium.hospital(1).folder, KEYS_FILE));
  return { senders, records, observerSecret: keys.account };
}

/** A patient's own records: the patient registers them, so nobody needs a grant. */
async function registerRecords(around: Surroundings, desk: Desk): Promise<readonly Uint8Array[]> {
  const { device } = around;
  const patient = personAt(around, { title: 'patient', role: 'patient', hospital: 1, wallet: createWallet(device) });
  const { session, wallet } = patient;
  await joinConsortium(around, desk, patient, 'bench|patient');
  must(await openCategory(session, wallet, CATEGORY), 'the patient publishes a delegating key');
  const records: Uint8Array[] = [];
  while (records.length < RECORDS) {
    const written = Array.from({ length: UPLOADS_AT_A_TIME }, () => writeOwnRecord(patient, CATEGORY));
    records.push(...(await Promise.all(written)));
  }
  return records;
}
