import { beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { categoryOf } from '../../src/ledger/category.ts';
import type { Payload } from '../../src/ledger/families/payloads.ts';
import { grantedKeysHashOf } from '../../src/ledger/signed-words.ts';
import { expectApplied, hash, hospitalName, idOf, primitives, publicOf, Town } from './town.ts';

const PATIENT = 'the patient';
const OTHER = 'another patient';
const [DOCTOR, OTHER_DOCTOR] = ['Dr A', 'Dr B'];
const LUNG = categoryOf(primitives, publicOf('lung'));

let town: Town;
let signed: Payload<'grant'>;
/** The patient has two categories, and two epochs of the first; the receipts are for the first epoch of it alone. */
beforeEach(() => {
  town = new Town();
  for (const name of [PATIENT, OTHER]) {
    town.join(name, 'patient');
    town.openCategory(name);
  }
  town.join(DOCTOR, 'practitioner');
  town.join(OTHER_DOCTOR, 'practitioner', hospitalName(2));
  const next = { category: town.category(PATIENT), epoch: 1, publicKey: publicOf('epoch 1'), label: 'N' } as const;
  expectApplied(town.act(PATIENT, 'publishDelegatingKey', next));
  const second = { category: LUNG, epoch: 0, publicKey: publicOf('lung'), label: 'N' } as const;
  expectApplied(town.act(PATIENT, 'publishDelegatingKey', second));
  signed = town.grantPayload(PATIENT, DOCTOR);
});

const lung = { category: LUNG, epochFrom: 0, epochTo: 0 };
const categoriesOf = (patient: string) => [{ category: town.category(patient), epochFrom: 0, epochTo: 0 }];
const change = (of: Partial<Payload<'grant'>>, by = PATIENT) => town.act(by, 'grant', { ...signed, ...of });

describe('the receipts of a grant', () => {
  it('serve the grant that holders signed them for', () => {
    expect(change({})).toMatchObject({ outcome: 'applied' });
  });

  it.each<[string, () => ReturnType<typeof change>]>([
    ['of another patient', () => change({ categories: categoriesOf(OTHER) }, OTHER)],
    ['to another grantee', () => change({ grantee: { type: 'person', id: toHex(idOf(OTHER_DOCTOR)) } })],
    ['of later epochs', () => change({ categories: [{ category: town.category(PATIENT), epochFrom: 0, epochTo: 1 }] })],
    [
      'of another epoch',
      () => change({ categories: [{ category: town.category(PATIENT), epochFrom: 1, epochTo: 1 }] }),
    ],
    ['of another category', () => change({ categories: [lung] })],
    ['of one category more', () => change({ categories: [...signed.categories, lung] })],
    ['under another id', () => change({ delivery: { ...signed.delivery, grantId: hash('another') } })],
    ['of other fragments', () => change({ delivery: { ...signed.delivery, holders: holding(hash('others')) } })],
  ])('serve no grant %s', (_, act) => {
    expect(act()).toMatchObject({ outcome: 'failed', code: 'grant.fragment-receipts' });
  });

  it('are for the same keys in whatever order the grant names them', () => {
    const both = [...signed.categories, lung];
    expect(grantedKeysHashOf(primitives, both)).toEqual(grantedKeysHashOf(primitives, [...both].reverse()));
    const payload = town.grantPayload(PATIENT, DOCTOR, { categories: both });
    expect(change({ ...payload, categories: [...both].reverse() })).toMatchObject({ outcome: 'applied' });
  });

  it('are for keys named once', () => {
    const twice = [...signed.categories, ...signed.categories];
    expect(change({ categories: twice })).toMatchObject({ code: 'grant.category' });
  });

  it('are for a person: a grant to a hospital or a role permits, and names no holders', () => {
    const role = { type: 'role', id: 'practitioner' } as const;
    const hospital = { type: 'hospital', id: toHex(idOf(hospitalName(1))) } as const;
    for (const grantee of [role, hospital]) {
      const holders = town.receipts({ ...signed, ...signed.delivery, patient: PATIENT, grantee, ...HELD });
      expect(change({ grantee, delivery: { ...signed.delivery, holders } })).toMatchObject({
        code: 'grant.not-deliverable',
      });
      expect(change({ grantee, delivery: { ...signed.delivery, holders: [] } })).toMatchObject({ outcome: 'applied' });
    }
  });
});

const HELD = { holders: [1, 2, 3], fragmentIds: [hash('fragment')] };
const holding = (fragmentsHash: ReturnType<typeof hash>) =>
  signed.delivery.holders.map((holder) => ({ ...holder, fragmentsHash }));
