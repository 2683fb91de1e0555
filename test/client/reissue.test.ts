import { beforeEach, describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { nextEpoch, openCategory } from '../../src/client/categories.ts';
import { grantAccess } from '../../src/client/grant.ts';
import { readRecord } from '../../src/client/read-record.ts';
import {
  grantStandings,
  grantsToReissue,
  ownStanding,
  reissueGrant,
  reissueSentences,
} from '../../src/client/reissue.ts';
import { revokeAccess } from '../../src/client/revoke.ts';
import type { Session } from '../../src/client/session.ts';
import { writeRecord } from '../../src/client/write-record.ts';
import type { HospitalStatus } from '../../src/ledger/vocabulary.ts';
import { HOUR_MS, hospitalName, idOf } from '../ledger/town.ts';
import { FakeConsortium, unwrapped } from './fake-consortium.ts';
import { hospitalAccount, member, type Person, sessionOf } from './people.ts';

const BUNDLE = utf8('{"resourceType":"Bundle"}');

let consortium: FakeConsortium;
let patient: Person;
let doctor: Person;
let category: Uint8Array;

beforeEach(async () => {
  consortium = new FakeConsortium();
  patient = await member(consortium, 'patient', 'patient');
  doctor = await member(consortium, 'doctor', 'practitioner');
  ({ category } = unwrapped(await openCategory(patient.session, patient.wallet, 'general')));
});

const grantee = () => ({ type: 'person' as const, id: toHex(doctor.wallet.id) });
const grant = (change: { access?: 'read' | 'write'; uses?: number; session?: Session } = {}) => {
  const { access = 'read', uses = null, session = patient.session } = change;
  const expires = consortium.town.tip.header.timestampMs + HOUR_MS;
  const wish = { grantee: grantee(), labels: ['general'], purposes: ['TREAT' as const], access, expires, uses };
  return grantAccess(session, patient.wallet, wish);
};
const write = () =>
  writeRecord(patient.session, patient.wallet, { owner: patient.wallet.id, category, plaintext: BUNDLE });
const read = (record: Uint8Array) => readRecord(doctor.session, doctor.wallet, { record, purpose: 'TREAT' });
const codeOf = (result: { ok: boolean; rejection?: { code: string } }) => result.rejection?.code;
const due = async () => unwrapped(await grantsToReissue(patient.session, patient.wallet));
const reasons = async () => (await due()).flatMap((one) => one.reasons);

/** The consortium votes on the standing of a hospital, which does no duty from then on. */
async function becomes(n: number, status: HospitalStatus): Promise<void> {
  const desk = (by: number) => sessionOf(consortium, hospitalAccount(by));
  const value = { hospital: idOf(hospitalName(n)), status };
  const proposal = (await desk(1).send('propose', { change: 'setHospitalStatus', value })).id;
  const votes = [];
  for (const by of [1, 2, 3, 4].filter((one) => one !== n).slice(0, 3))
    votes.push((await desk(by).send('vote', { proposal, choice: 'yes' })).receipt.outcome);
  expect(votes).toEqual(['applied', 'applied', 'applied']);
  if (status === 'active') consortium.down.delete(toHex(idOf(hospitalName(n))));
  else consortium.down.add(toHex(idOf(hospitalName(n))));
}

describe('a grant whose holders went away', () => {
  it('is made again: until then nobody opens anything by it, and both sides are told why', async () => {
    const { record } = unwrapped(await write());
    consortium.down.add(toHex(idOf(hospitalName(4))));
    unwrapped(await grant({ uses: 5 }));
    consortium.down.clear();
    unwrapped(await read(record));
    expect(await due()).toEqual([]);

    await becomes(3, 'suspended');
    const [standing, ...others] = await due();
    expect(others).toEqual([]);
    expect(standing).toMatchObject({ reasons: ['below-threshold'], living: 2 });
    expect((await read(record)).ok).toBe(false);
    const seen = unwrapped(await ownStanding(doctor.session, patient.wallet.id, category));
    expect(seen?.reasons).toEqual(['below-threshold']);
    if (standing === undefined || seen === undefined) throw new Error('a grant to make again');
    expect(reissueSentences(standing, false)).toEqual([
      `The grant to ${toHex(doctor.wallet.id).slice(0, 12)} opens nothing any more: 2 of the 3 hospitals that hold it are left, and 3 must answer. Grant it again.`,
    ]);
    expect(reissueSentences(seen, true)[0]).toMatch(/^Your grant opens nothing any more: .* You wait until/);

    const again = unwrapped(await reissueGrant(patient.session, patient.wallet, standing.grant));
    expect(again.holders.map(toHex).sort()).toEqual([1, 2, 4].map((n) => toHex(idOf(hospitalName(n)))).sort());
    expect(await due()).toEqual([]);
    expect(unwrapped(await read(record)).plaintext).toEqual(BUNDLE);
    // Two uses were taken, one of them by the read that nothing opened.
    const [kept] = unwrapped(await grantStandings(patient.session, patient.wallet));
    expect(kept?.grant.row.usesLeft).toBe(2);
  });

  it('needs nothing when the hospital comes back, or while enough others are left', async () => {
    unwrapped(await grant());
    await becomes(4, 'suspended');
    expect(await due()).toEqual([]);
    expect(unwrapped(await grantStandings(patient.session, patient.wallet))).toMatchObject([{ living: 3 }]);
    await becomes(4, 'active');
    expect(unwrapped(await grantStandings(patient.session, patient.wallet))).toMatchObject([{ living: 4 }]);
  });

  it('opens and is not evaluated, where fewer are left than its minimum', async () => {
    const { session } = patient;
    const send: Session['send'] = (kind, payload, options) => {
      const given = payload as { delivery?: object };
      const asked = kind === 'grant' ? { ...given, delivery: { ...given.delivery, oraclesMin: 4 } } : payload;
      return session.send(kind, asked as typeof payload, options);
    };
    unwrapped(await grant({ session: { ...session, send } }));
    const { record } = unwrapped(await write());
    await becomes(4, 'suspended');
    expect(await reasons()).toEqual(['below-minimum']);
    expect(unwrapped(await read(record)).path).toBe('grant');
  });
});

describe('a grant whose epoch ended', () => {
  it('is made again: the reader waits for what was sealed since', async () => {
    unwrapped(await grant());
    unwrapped(await nextEpoch(patient.session, patient.wallet, 'general'));
    const { record } = unwrapped(await write());
    expect(codeOf(await read(record))).toBe('policy.denied');
    const [standing] = await due();
    expect(standing).toMatchObject({ reasons: ['epoch-ended'], epoch: 1 });
    const seen = unwrapped(await ownStanding(doctor.session, patient.wallet.id, category));
    expect(seen?.reasons).toEqual(['epoch-ended']);
    if (standing === undefined) throw new Error('a grant to make again');
    unwrapped(await reissueGrant(patient.session, patient.wallet, standing.grant));
    expect(await reasons()).toEqual([]);
    expect(unwrapped(await read(record)).plaintext).toEqual(BUNDLE);
  });
});

describe('no warning', () => {
  it('is about a grant to write, one that is used up, one that is over, or one that was revoked', async () => {
    const { record } = unwrapped(await write());
    unwrapped(await grant({ access: 'write' }));
    expect(await grantStandings(patient.session, patient.wallet)).toEqual({ ok: true, value: [] });
    unwrapped(await grant({ uses: 1 }));
    expect(unwrapped(await grantStandings(patient.session, patient.wallet))).toHaveLength(1);
    unwrapped(await read(record));
    expect(await grantStandings(patient.session, patient.wallet)).toEqual({ ok: true, value: [] });
    unwrapped(await grant());
    consortium.town.seal([], HOUR_MS);
    expect(await grantStandings(patient.session, patient.wallet)).toEqual({ ok: true, value: [] });
    unwrapped(await grant());
    unwrapped(
      await revokeAccess(patient.session, patient.wallet, { grantee: grantee(), label: 'general', endEpoch: false }),
    );
    expect(unwrapped(await ownStanding(doctor.session, patient.wallet.id, category))).toBeUndefined();
  });
});
