import { beforeEach, describe, expect, it } from 'vitest';
import { questionsAbout } from '../../src/api/state-questions.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { Payload } from '../../src/ledger/families/payloads.ts';
import { uidOf } from '../../src/ledger/principal.ts';
import { delegatingEpochs, delegatingKeys, evaluations, participants } from '../../src/ledger/state/tables.ts';
import { hash, hospitalName, idOf, primitives, publicOf, Town } from './town.ts';

const PATIENT = 'the patient';
const INSURER = 'the insurer';
const CLERK = 'the doctor who bills';

let town: Town;

beforeEach(() => {
  town = new Town();
  town.join(PATIENT, 'patient');
  town.join(INSURER, 'payer', hospitalName(2));
  town.join(CLERK, 'practitioner');
  town.openCategory(PATIENT);
});

const grants = (change: Partial<Payload<'grant'>> = {}, to = INSURER) =>
  town.act(PATIENT, 'grant', town.grantPayload(PATIENT, to, { purposes: ['HPAYMT'], ...change }));
const bills = (author: string, name = 'a claim') =>
  town.act(author, 'registerRecord', town.recordPayload(PATIENT, name, 2, author));

describe('an insurer (F49)', () => {
  it('is a role of its own, and the desk vouches for this role and no other', () => {
    expect(participants.get(town.tip.view, toHex(idOf(INSURER)))).toMatchObject({ role: 'payer', status: 'active' });
    expect(uidOf(town.tip.view, idOf(INSURER))?.type).toBe('Payer');
    const asPatient = town.enrolment('a newcomer', 'patient');
    const signed = town.sign('a newcomer', 'enrol', { ...asPatient, role: 'payer' });
    expect(town.seal([signed])).toEqual([]);
  });

  it('reads the claim that a doctor wrote, once the patient grants it for payment: the read is evaluated like any', () => {
    grants({ purposes: ['TREAT'], access: 'write' }, CLERK);
    expect(bills(CLERK)).toMatchObject({ outcome: 'applied' });
    expect(town.read(INSURER, 'a claim', 'HPAYMT')).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
    grants({ uses: 2 });
    const read = town.read(INSURER, 'a claim', 'HPAYMT');
    expect(read).toMatchObject({ outcome: 'applied', policies: ['payer-reads-under-payment-grant'] });
    expect(evaluations.get(town.tip.view, toHex(read.transactionId))).toMatchObject({ reader: idOf(INSURER) });
    expect(town.read(INSURER, 'a claim', 'HPAYMT')).toMatchObject({ outcome: 'applied' });
    expect(town.read(INSURER, 'a claim', 'HPAYMT')).toMatchObject({ outcome: 'denied' });
  });

  it.each(['TREAT', 'ETREAT', 'BTG', 'HOPERAT', 'HRESCH', 'FAMRQT', 'PATRQT'] as const)(
    'is denied for %s, though the grant names it',
    (purpose) => {
      bills(PATIENT);
      grants({ purposes: ['HPAYMT', purpose] });
      expect(town.read(INSURER, 'a claim', purpose)).toMatchObject({ outcome: 'denied' });
    },
  );

  it('is named as a person: a grant to all insurers or to its hospital opens nothing', () => {
    bills(PATIENT);
    grants({ grantee: { type: 'role', id: 'payer' } });
    grants({ grantee: { type: 'hospital', id: toHex(idOf(hospitalName(2))) } });
    expect(town.read(INSURER, 'a claim', 'HPAYMT')).toMatchObject({ outcome: 'denied' });
  });

  it('writes nothing, asks for nothing and decides nothing, whatever it was granted', () => {
    grants({ access: 'read-write' });
    bills(PATIENT);
    const asked = { record: hash('record a claim'), doctorPublicKey: publicOf(INSURER), purpose: 'HPAYMT' as const };
    for (const receipt of [
      bills(INSURER, 'another'),
      town.act(INSURER, 'requestAccess', { ...asked, oraclesMin: 1, oraclesMax: 3 }),
      town.act(INSURER, 'suspend', { participant: idOf(CLERK) }),
      town.act(INSURER, 'shred', { record: hash('record a claim') }),
      town.act(INSURER, 'grant', town.grantPayload(PATIENT, CLERK)),
    ])
      expect(receipt).toMatchObject({ outcome: 'denied' });
  });
});

describe('whoever was granted a category', () => {
  const about = (key: string, who: string) =>
    questionsAbout(town.tip.view, key, idOf(who)).map(({ resource }) => resource);

  it('has its delegating keys proved, and those of no other: shares are checked under them', () => {
    const patient = toHex(idOf(PATIENT));
    const category = toHex(town.category(PATIENT));
    const other = toHex(primitives.hash(new Uint8Array()).subarray(0, 16));
    const keys = (of: string) => [delegatingKeys.key(patient, of), delegatingEpochs.key(patient, of, '0')];
    const owner = { type: 'Participant', id: idOf(PATIENT) };
    for (const key of keys(category)) expect(about(key, INSURER)).toEqual([owner]);
    grants();
    for (const key of keys(category)) {
      expect(about(key, INSURER)).toEqual([owner, { type: 'Participant', id: idOf(INSURER) }]);
      expect(about(key, CLERK)).toEqual([owner]);
    }
    for (const key of [...keys(other), 'delegating/x/y', `delegating/${patient}/${category}00`])
      expect(about(key, INSURER)).not.toContainEqual({ type: 'Participant', id: idOf(INSURER) });
  });
});
