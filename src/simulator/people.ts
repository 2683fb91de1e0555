import type { Address, Hash, PublicKey, SecretKey } from '../base/brand.ts';
import { concat, toHex, utf8 } from '../base/bytes.ts';
import { addressOf, signingDigest } from '../base/digest.ts';
import { categoryOf } from '../ledger/category.ts';
import type { Payload } from '../ledger/families/payloads.ts';
import {
  enrolmentBytes,
  fragmentReceiptBytes,
  fragmentsHashOf,
  grantedKeysHashOf,
  storageReceiptBytes,
} from '../ledger/signed-words.ts';
import type { Role } from '../ledger/vocabulary.ts';
import { type Hospital, secretOf, type Town } from './town.ts';

/** Somebody who signs transactions: a person with a key for everything, or a hospital's account. */
export interface Person {
  readonly name: string;
  readonly secret: SecretKey;
  readonly publicKey: PublicKey;
  readonly id: Address;
}

/** What people's devices put into transactions, without the records that these are about: the chain sees only hashes of those. */
export class People {
  readonly #town: Town;

  constructor(town: Town) {
    this.#town = town;
  }

  person(name: string): Person {
    return this.#withKey(name, secretOf(this.#town.primitives, name));
  }

  account({ name, account }: Hospital): Person {
    return this.#withKey(name, account);
  }

  enrolment(person: Person, role: Role, hospital: Hospital): Payload<'enrol'> {
    const { primitives, chainId } = this.#town;
    const unsigned = {
      role,
      hospital: hospital.id,
      handle: this.#hash(`handle of ${person.name}`),
      signingKey: this.#key(`${person.name}, signing`),
      receivingKey: this.#key(`${person.name}, receiving`),
    };
    const bytes = enrolmentBytes(chainId, person.publicKey, unsigned);
    const digest = signingDigest(primitives, 'enrolment-sponsor', bytes);
    return { ...unsigned, sponsorSignature: primitives.sign(digest, hospital.account) };
  }

  delegatingKey(patient: Person): Payload<'publishDelegatingKey'> {
    const publicKey = this.#delegating(patient);
    return { category: this.category(patient), epoch: 0, publicKey, label: 'N' };
  }

  category(patient: Person): Uint8Array {
    return categoryOf(this.#town.primitives, this.#delegating(patient));
  }

  recordId(patient: Person, number: number): Uint8Array {
    return this.#hash(`record ${number} of ${patient.name}`);
  }

  record(patient: Person, number: number): Payload<'registerRecord'> {
    const { primitives, chainId, hospitals, genesis } = this.#town;
    const stored = {
      record: this.recordId(patient, number),
      cid: concat(Uint8Array.of(1, 0x55, 0x12, 0x20), this.#hash(`content ${number} of ${patient.name}`)),
      ciphertextBytes: 1_000 + number,
      envelopeHash: this.#hash(`envelope ${number} of ${patient.name}`),
    };
    const bound = { ...stored, version: 1, author: patient.id, category: this.category(patient), epoch: 0 };
    const digest = signingDigest(primitives, 'storage-receipt', storageReceiptBytes(chainId, bound));
    const storage = hospitals.slice(0, genesis.parameters.storageReceiptsMin).map(({ id, duty }) => ({
      hospital: id,
      signature: primitives.sign(digest, duty),
    }));
    return { ...stored, owner: patient.id, category: this.category(patient), epoch: 0, storage };
  }

  request(doctor: Person, patient: Person, number: number): Payload<'requestAccess'> {
    return {
      record: this.recordId(patient, number),
      doctorPublicKey: doctor.publicKey,
      purpose: 'TREAT',
      oraclesMin: 3,
      oraclesMax: 4,
    };
  }

  grant(
    patient: Person,
    doctor: Person,
    terms: { readonly expires: number; readonly uses: number | null },
  ): Payload<'grant'> {
    const { primitives, chainId, hospitals } = this.#town;
    const grantId = this.#hash(`grant of ${patient.name} to ${doctor.name} until ${terms.expires}`);
    const fragmentsHash = fragmentsHashOf(primitives, [this.#hash('fragment')]);
    const grantee = this.#grantee(doctor);
    const categories = [{ category: this.category(patient), epochFrom: 0, epochTo: 0 }];
    const keysHash = grantedKeysHashOf(primitives, categories);
    const words = fragmentReceiptBytes(chainId, { grantId, patient: patient.id, grantee, keysHash, fragmentsHash });
    const digest = signingDigest(primitives, 'fragment-receipt', words);
    const holders = hospitals
      .slice(0, 3)
      .map(({ id, duty }) => ({ hospital: id, fragmentsHash, receipt: primitives.sign(digest, duty) }));
    return {
      grantee,
      categories,
      purposes: ['TREAT'],
      access: 'read',
      ...terms,
      request: null,
      delivery: { scheme: 'direct-v1', grantId, threshold: 3, oraclesMin: 3, oraclesMax: 4, holders },
    };
  }

  revocation(patient: Person, doctor: Person): Payload<'revoke'> {
    return { grantee: this.#grantee(doctor), category: this.category(patient) };
  }

  read(reader: Person, patient: Person, number: number): Payload<'readRecord'> {
    return {
      record: this.recordId(patient, number),
      purpose: 'TREAT',
      freshKey: this.#key(`${reader.name}, fresh`),
    };
  }

  #grantee(doctor: Person): Payload<'grant'>['grantee'] {
    return { type: 'person', id: toHex(doctor.id) };
  }

  #delegating(patient: Person): PublicKey {
    return this.#key(`${patient.name}, delegating`);
  }

  #withKey(name: string, secret: SecretKey): Person {
    const publicKey = this.#town.primitives.publicKeyOf(secret);
    return { name, secret, publicKey, id: addressOf(this.#town.primitives, publicKey) };
  }

  #key(name: string): PublicKey {
    const { primitives } = this.#town;
    return primitives.publicKeyOf(secretOf(primitives, name));
  }

  #hash(text: string): Hash {
    return this.#town.primitives.hash(utf8(`simulated ${text}`));
  }
}
