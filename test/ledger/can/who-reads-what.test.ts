import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Address } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { couldRead } from '../../../src/ledger/can/could-read.ts';
import { CAN_LIMITS } from '../../../src/ledger/can/limits.ts';
import { opensOnlyByGrant } from '../../../src/ledger/can/only-by-grant.ts';
import type { StateRows } from '../../../src/ledger/can/state-rows.ts';
import { type CanPage, openPurposes, readableRecords, recordReaders } from '../../../src/ledger/can/who-reads-what.ts';
import type { Payload } from '../../../src/ledger/families/payloads.ts';
import { parameterRows } from '../../../src/ledger/state/tables.ts';
import { ACCESS_LEVELS, PURPOSES, type Purpose } from '../../../src/ledger/vocabulary.ts';
import { RecordingState } from '../../../src/protocol/offline/witness.ts';
import { DOCTOR_A, DOCTOR_B, OTHER, openWard, PATIENT, policyId, record, Ward } from '../policy/ward.ts';
import { expectApplied, HOUR_MS, hospitalName, idOf, policyFiles, publicOf } from '../town.ts';
import { rowsOf } from './rows.ts';

const CLERK = 'an administrator';
const PEOPLE = [PATIENT, OTHER, DOCTOR_A, DOCTOR_B, CLERK];
const HOSPITALS = [1, 2, 3, 4, 5].map(hospitalName);
const EVERYBODY = [...PEOPLE, ...HOSPITALS, 'a stranger'];
const RECORDS = [PATIENT, OTHER];

const open = (ward = new Ward()): Ward => {
  openWard(ward);
  ward.join(CLERK, 'administrator');
  return ward;
};
const ward = open();
const start = ward.point;
beforeEach(() => ward.back(start));

/** An author reads what he wrote: a permit that asks neither for a grant nor for the owner. */
const AUTHOR_READS = `@id("author-reads") permit (principal is Practitioner, action == Action::"readRecord", resource is Record)
when { resource has author && resource.author == principal };
@id("home-reads") permit (principal is Hospital, action == Action::"readRecord", resource is Record)
when { resource.owner.home == principal };`;
const openers = open(new Ward({ policies: [...policyFiles(), { id: 'openers', text: AUTHOR_READS }] }));
const openersStart = openers.point;

type Triple = readonly [principal: string, record: string, purpose: Purpose];
const line = ([principal, about, purpose]: Triple): string => `${principal} ${about} ${purpose}`;

function byBruteForce(town: Ward, state: StateRows): readonly string[] {
  const triples = EVERYBODY.flatMap((name) =>
    RECORDS.flatMap((of) => PURPOSES.map((purpose) => ({ principal: idOf(name), record: record(of), purpose }))),
  );
  return triples
    .filter((question) => couldRead(town.env, state, town.tip.header, question).allowed)
    .map(({ principal, record: id, purpose }) => line([toHex(principal), toHex(id), purpose]))
    .sort();
}

function allPages<T>(limit: number, page: (after: string | null) => { ok: boolean; value?: CanPage<T> }): readonly T[] {
  const items: T[] = [];
  for (let after: string | null = null, turns = 0; turns < 100; turns++) {
    const { value } = page(after);
    if (value === undefined) throw new Error('a page was refused');
    expect(value.items.length).toBeLessThanOrEqual(limit);
    items.push(...value.items);
    if (value.next === null) return items;
    after = value.next;
  }
  throw new Error('pages do not end');
}

const readable = (town: Ward, state: StateRows, principal: Address, limit: number) =>
  allPages(limit, (after) => readableRecords(town.env, state, town.tip.header, principal, { after, limit }));
const readers = (town: Ward, state: StateRows, id: Uint8Array, limit: number) =>
  allPages(limit, (after) => recordReaders(town.env, state, town.tip.header, id, { after, limit }));

/** Both lists, as triples. */
function byLists(town: Ward, state: StateRows, limit: number): readonly (readonly string[])[] {
  const ofPrincipals = EVERYBODY.flatMap((name) =>
    readable(town, state, idOf(name), limit).flatMap(({ record: id, purposes }) =>
      purposes.map(({ purpose }) => line([toHex(idOf(name)), toHex(id), purpose])),
    ),
  );
  const ofRecords = RECORDS.flatMap((of) =>
    readers(town, state, record(of), limit).flatMap(({ principal, purposes }) =>
      purposes.map(({ purpose }) => line([toHex(principal), toHex(record(of)), purpose])),
    ),
  );
  return [ofPrincipals.sort(), ofRecords.sort()];
}

const patientArb = fc.constantFrom(PATIENT, OTHER);
const granteeArb: fc.Arbitrary<Payload<'grant'>['grantee']> = fc.oneof(
  fc.constantFrom(...PEOPLE).map((name) => ({ type: 'person' as const, id: toHex(idOf(name)) })),
  fc.constantFrom(...HOSPITALS).map((name) => ({ type: 'hospital' as const, id: toHex(idOf(name)) })),
  fc.constantFrom('practitioner', 'patient', 'administrator').map((id) => ({ type: 'role' as const, id })),
);
const CONDITIONS = [
  'true',
  'context.purpose == "TREAT"',
  'context.grantKey like "hospital:*"',
  'principal.role == "practitioner" && principal.home == principal',
  'principal.nothing',
];

type Act = (town: Ward) => void;
const grantArb: fc.Arbitrary<Act> = fc
  .record({
    patient: patientArb,
    grantee: granteeArb,
    purposes: fc.uniqueArray(fc.constantFrom(...PURPOSES), { minLength: 1, maxLength: 4 }),
    access: fc.constantFrom(...ACCESS_LEVELS),
    uses: fc.constantFrom(null, 1),
    forMs: fc.constantFrom(2_500, HOUR_MS),
  })
  .map(({ patient, grantee, purposes, access, uses, forMs }) => (town) => {
    const expires = town.tip.header.timestampMs + forMs;
    const change = { grantee, purposes, access, expires, uses: access === 'read' ? uses : null };
    town.act(patient, 'grant', town.grantPayload(patient, grantee.id, change));
  });
const revokeArb: fc.Arbitrary<Act> = fc.record({ patient: patientArb, grantee: granteeArb }).map(
  ({ patient, grantee }) =>
    (town) =>
      town.act(patient, 'revoke', { grantee, category: town.category(patient) }),
);
const policyArb: fc.Arbitrary<Act> = fc
  .record({ patient: patientArb, condition: fc.constantFrom(...CONDITIONS) })
  .map(({ patient, condition }) => (town) => {
    const text = `forbid (principal, action == Action::"readRecord", resource) when { ${condition} };`;
    town.act(patient, 'deployPolicy', { policy: policyId(condition), text });
  });
const readArb: fc.Arbitrary<Act> = fc.record({ by: fc.constantFrom(DOCTOR_A, DOCTOR_B), of: patientArb }).map(
  ({ by, of }) =>
    (town) =>
      town.read(by, of),
);
const standingArb: fc.Arbitrary<Act> = fc
  .record({ name: fc.constantFrom(...PEOPLE), hospital: fc.constantFrom(1, 2) })
  .map(
    ({ name, hospital }) =>
      (town) =>
        town.act(hospitalName(hospital), 'suspend', { participant: idOf(name) }),
  );
const labelArb: fc.Arbitrary<Act> = fc
  .record({ patient: patientArb, label: fc.constantFrom('R' as const, 'V' as const) })
  .map(({ patient, label }) => (town) => {
    const category = town.category(patient);
    const publicKey = publicOf(`${patient} second delegating`);
    town.act(patient, 'publishDelegatingKey', { category, epoch: 1, publicKey, label });
  });

const actsArb = fc.array(
  fc.oneof({ arbitrary: grantArb, weight: 5 }, policyArb, revokeArb, readArb, standingArb, labelArb),
  { minLength: 1, maxLength: 6 },
);

describe('who could read what', () => {
  it.each([
    ['the constitution', ward, start],
    ['one under which others read too', openers, openersStart],
  ] as const)('is the same from records, from principals and by brute force, under %s', (_name, town, from) => {
    let seen = 0;
    fc.assert(
      fc.property(actsArb, fc.integer({ min: 1, max: 12 }), (acts, limit) => {
        town.back(from);
        for (const act of acts) act(town);
        const state = rowsOf(town);
        const expected = byBruteForce(town, state);
        seen += expected.length;
        for (const list of byLists(town, state, limit)) expect(list).toEqual(expected);
      }),
      { numRuns: 10 },
    );
    expect(seen).toBeGreaterThan(10 * 16);
  });

  it('is what the next block does', () => {
    ward.openDesk(hospitalName(1));
    for (const [type, purpose] of [
      ['hospital', 'HRESCH'],
      ['desk', 'BTG'],
    ] as const) {
      const grantee = { type, id: toHex(idOf(hospitalName(1))) };
      expectApplied(ward.act(PATIENT, 'grant', ward.grantPayload(PATIENT, type, { grantee, purposes: [purpose] })));
    }
    ward.act(OTHER, 'deployPolicy', {
      policy: policyId('one'),
      text: 'forbid (principal, action == Action::"readRecord", resource);',
    });
    const state = rowsOf(ward);
    const { header } = ward.tip;
    const point = ward.point;
    const answers = new Set<boolean>();
    for (const by of PEOPLE)
      for (const of of RECORDS) {
        const said = openPurposes(ward.env, state, header, idOf(by), record(of));
        for (const purpose of ['TREAT', 'BTG', 'HRESCH'] as const) {
          const { outcome, policies } = ward.read(by, of, purpose);
          ward.back(point);
          const listed = said.find((one) => one.purpose === purpose);
          expect([by, of, purpose, listed?.policies]).toEqual([
            by,
            of,
            purpose,
            outcome === 'applied' ? policies : undefined,
          ]);
          answers.add(outcome === 'applied');
        }
      }
    expect(answers.size).toBe(2);
  });

  it('is asked of the engine only where the answer could be yes', () => {
    ward.join('Dr C', 'practitioner');
    const state = new RecordingState(rowsOf(ward));
    const ask = (name: string) => openPurposes(ward.env, state, ward.tip.header, idOf(name), record(PATIENT));
    expect(ask('Dr C')).toEqual([]);
    expect(state.keys).not.toContain(parameterRows.key('parameters'));
    expect(ask(DOCTOR_A)).toEqual([{ purpose: 'TREAT', policies: ['practitioner-reads-under-grant'] }]);
    expect(state.keys).toContain(parameterRows.key('parameters'));
  });

  it('opens by ownership and grants alone under the constitution, and says so of no set that opens otherwise', () => {
    expect(opensOnlyByGrant(ward.env, rowsOf(ward))).toBe(true);
    expect(opensOnlyByGrant(openers.env, rowsOf(openers))).toBe(false);
  });

  it('is refused in pages of no row, of too many, and behind a row of another kind', () => {
    const state = rowsOf(ward);
    const page = (after: string | null, limit: number) =>
      recordReaders(ward.env, state, ward.tip.header, record(PATIENT), { after, limit });
    for (const limit of [0, -1, 1.5, CAN_LIMITS.scannedRowsMax + 1])
      expect(page(null, limit)).toMatchObject({ rejection: { code: 'can.page-size' } });
    expect(page('record/00', 1)).toMatchObject({ rejection: { code: 'can.page-place' } });
    expect(page(null, CAN_LIMITS.scannedRowsMax)).toMatchObject({ ok: true, value: { next: null } });
  });
});
