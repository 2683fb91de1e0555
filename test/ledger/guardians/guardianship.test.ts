import { beforeEach, describe, expect, it } from 'vitest';
import type { Hash, PublicKey } from '../../../src/base/brand.ts';
import { toHex } from '../../../src/base/bytes.ts';
import type { GuardianPurpose } from '../../../src/crypto/guardians.ts';
import { listCommitment } from '../../../src/crypto/guardians.ts';
import { recordReaders } from '../../../src/ledger/can/who-reads-what.ts';
import { entitiesOf } from '../../../src/ledger/entities.ts';
import type { Payload } from '../../../src/ledger/families/payloads.ts';
import { entitiesForPatient } from '../../../src/ledger/policy/patient-entities.ts';
import { actingGuardians, guardianPlans, guardianships } from '../../../src/ledger/state/guardian-tables.ts';
import { reads } from '../../../src/ledger/state/tables.ts';
import { type EntityUid, entity } from '../../../src/vm/index.ts';
import { expectApplied, genesisOf, hash, idOf, primitives, publicOf, Town } from '../town.ts';

const OWNER = 'the patient';
const LIST = ['guardian 1', 'guardian 2', 'guardian 3'] as const;
const MATURING_MS = 60_000;
const LONGEST_MS = 600_000;
const SALT = hash('salt') as Uint8Array;
const KEY: PublicKey = publicOf('a new device');

let town: Town;
beforeEach(() => {
  town = new Town(genesisOf(4, { guardianMaturingMinMs: MATURING_MS, guardianMaturingMaxMs: LONGEST_MS }));
  for (const name of [OWNER, ...LIST, 'somebody']) town.join(name, 'patient');
  town.openCategory(OWNER);
  expectApplied(town.act(OWNER, 'registerRecord', town.recordPayload(OWNER, 'one')));
});

type Part = Payload<'setGuardians'>['parts'][number];
const partOf = (purpose: GuardianPurpose, change: Partial<Part> = {}): Part => ({
  purpose,
  list: listCommitment(primitives, SALT, { threshold: 2, members: LIST.map(idOf) }),
  kit: hash(`kit for ${purpose}`),
  maturingMs: MATURING_MS,
  ...change,
});
const sets = (...parts: readonly Part[]) => town.act(OWNER, 'setGuardians', { parts });
const asks = (who: string, purpose: GuardianPurpose, change: Partial<Payload<'requestGuardianship'>> = {}) =>
  town.act(who, 'requestGuardianship', {
    owner: idOf(OWNER),
    purpose,
    key: KEY,
    threshold: 2,
    members: LIST.map(idOf),
    salt: SALT,
    ...change,
  });
const approves = (who: string, request: Hash, afterMs?: number) =>
  town.act(who, 'approveGuardianship', { request }, afterMs);
const vetoes = (request: Hash, who = OWNER) => town.act(who, 'vetoGuardianship', { request });
const rowOf = (request: Hash) => guardianships.get(town.tip.view, toHex(request));
const actingOf = () => actingGuardians.get(town.tip.view, toHex(idOf(OWNER)));
const now = () => town.tip.header.timestampMs;

/** A request of guardian 1 that guardian 2 approved. */
function approved(purpose: GuardianPurpose): Hash {
  const { transactionId } = asks('guardian 1', purpose);
  expectApplied(approves('guardian 2', transactionId));
  return transactionId;
}
const readsAsGuardian = (who: string, afterMs?: number) => town.read(who, 'one', 'PATRQT', afterMs);

describe('T-80: a plan', () => {
  it('stands with commitments and times, and the next one replaces it with all that was asked under it', () => {
    expectApplied(sets(partOf('recovery'), partOf('acting')));
    const asked = asks('guardian 1', 'recovery');
    const acting = approved('acting');
    expect(guardianPlans.get(town.tip.view, toHex(idOf(OWNER)))).toMatchObject({ version: 1, requests: { length: 2 } });
    expect(actingOf()).toBeDefined();

    expectApplied(sets(partOf('recovery', { list: hash('another list') })));
    expect(guardianPlans.get(town.tip.view, toHex(idOf(OWNER)))).toMatchObject({ version: 2, requests: [] });
    for (const request of [asked.transactionId, acting]) expect(rowOf(request)?.status).toBe('ended');
    expect(actingOf()).toBeUndefined();
    expect(asks('guardian 1', 'recovery')).toMatchObject({ outcome: 'failed', code: 'guardianship.other-list' });
    expect(asks('guardian 1', 'acting')).toMatchObject({ outcome: 'failed', code: 'guardianship.none' });
  });

  it('may be none, has one part for a purpose, and matures within the bounds of the chain', () => {
    expectApplied(sets());
    expect(sets(partOf('acting'), partOf('acting')).code).toBe('guardianship.purpose-twice');
    for (const maturingMs of [MATURING_MS - 1, LONGEST_MS + 1])
      expect(sets(partOf('acting', { maturingMs })).code).toBe('guardianship.maturing');
    for (const maturingMs of [MATURING_MS, LONGEST_MS]) expectApplied(sets(partOf('acting', { maturingMs })));
  });
});

describe('T-81: a request', () => {
  beforeEach(() => expectApplied(sets(partOf('recovery'), partOf('acting'))));

  it('opens the list that was committed to, and no other', () => {
    const others: Partial<Payload<'requestGuardianship'>>[] = [
      { threshold: 1 },
      { threshold: 0 },
      { threshold: 4 },
      { members: LIST.slice(0, 2).map(idOf) },
      { members: [...LIST, 'guardian 1'].map(idOf) },
      { salt: hash('another salt') as Uint8Array },
    ];
    for (const change of others) expect(asks('guardian 1', 'recovery', change).code).toBe('guardianship.other-list');
    expect(asks('guardian 1', 'recovery', { key: new Uint8Array(33) as PublicKey }).code).toBe('guardianship.key');
    expect(asks('guardian 1', 'executor').code).toBe('guardianship.none');
    expectApplied(asks('guardian 1', 'recovery', { members: [...LIST].reverse().map(idOf) }));
  });

  it('is made by one of the list, who approves with it, and told to the patient and all of them', () => {
    const forged = { members: [...LIST, 'somebody'].map(idOf) };
    expect(asks('somebody', 'recovery', forged).code).toBe('guardianship.other-list');
    expect(asks('somebody', 'recovery')).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
    const { transactionId, events } = asks('guardian 1', 'recovery');
    expect(rowOf(transactionId)).toMatchObject({ status: 'open', maturesMs: null, approvals: [idOf('guardian 1')] });
    expect(events.map(({ to }) => toHex(to))).toEqual([OWNER, ...LIST].map((name) => toHex(idOf(name))));
  });

  it('takes the place of the same guardian’s request before it, so that no more than the list stand', () => {
    const first = asks('guardian 1', 'recovery').transactionId;
    const other = asks('guardian 2', 'recovery').transactionId;
    const acting = asks('guardian 1', 'acting').transactionId;
    const second = asks('guardian 1', 'recovery').transactionId;
    expect([first, other, acting, second].map((one) => rowOf(one)?.status)).toEqual(['ended', 'open', 'open', 'open']);
    expect(guardianPlans.get(town.tip.view, toHex(idOf(OWNER)))?.requests).toEqual([other, acting, second]);
    expect(approves('guardian 2', first).code).toBe('guardianship.closed');
  });
});

describe('T-82, T-83: an approval', () => {
  beforeEach(() => expectApplied(sets(partOf('recovery'), partOf('acting'))));

  it('counts once for each of the list, and with m of them matures after the time that the patient set', () => {
    const { transactionId } = asks('guardian 1', 'recovery');
    expect(approves('guardian 1', transactionId).code).toBe('guardianship.approved');
    expect(approves('somebody', transactionId)).toMatchObject({ outcome: 'denied' });
    expect(approves(OWNER, transactionId)).toMatchObject({ outcome: 'denied' });
    expectApplied(approves('guardian 3', transactionId));
    expect(rowOf(transactionId)).toMatchObject({ status: 'approved', maturesMs: now() + MATURING_MS });
    expect(approves('guardian 2', transactionId).code).toBe('guardianship.closed');
    expect(actingOf()).toBeUndefined();
  });

  it('completes no request that is older than the longest time of the chain', () => {
    const early = asks('guardian 1', 'recovery').transactionId;
    expectApplied(approves('guardian 2', early, LONGEST_MS));
    const late = asks('guardian 3', 'recovery').transactionId;
    expect(approves('guardian 2', late, LONGEST_MS + 1).code).toBe('guardianship.lapsed');
  });

  it('of one who acts takes the place of who acted before', () => {
    const first = approved('acting');
    expect(actingOf()).toMatchObject({ guardian: idOf('guardian 1'), maturesMs: now() + MATURING_MS });
    const second = asks('guardian 3', 'acting').transactionId;
    expectApplied(approves('guardian 2', second));
    expect(rowOf(first)?.status).toBe('ended');
    expect(actingOf()).toMatchObject({ guardian: idOf('guardian 3'), request: second });
  });
});

describe('T-84: a veto', () => {
  beforeEach(() => expectApplied(sets(partOf('recovery'), partOf('acting'))));

  it('is the patient’s alone, before the approval matures or after, once', () => {
    const open = asks('guardian 3', 'recovery').transactionId;
    const matured = approved('acting');
    expect(vetoes(matured, 'guardian 3')).toMatchObject({ outcome: 'denied' });
    expectApplied(vetoes(open));
    town.seal([], 2 * MATURING_MS);
    expectApplied(vetoes(matured));
    for (const request of [open, matured]) {
      expect(rowOf(request)?.status).toBe('vetoed');
      expect(vetoes(request).code).toBe('guardianship.closed');
      expect(approves('guardian 2', request).code).toBe('guardianship.closed');
    }
    expect(actingOf()).toBeUndefined();
    expect(guardianPlans.get(town.tip.view, toHex(idOf(OWNER)))?.requests).toEqual([]);
  });

  it('can be said by a suspended patient', () => {
    const request = approved('acting');
    expectApplied(town.act('hospital 1', 'suspend', { participant: idOf(OWNER) }));
    expectApplied(vetoes(request));
  });
});

describe('T-85: a guardian who acts', () => {
  beforeEach(() => expectApplied(sets(partOf('acting'))));

  it('reads from the millisecond at which the approval matures, by a path of his own, until the veto', () => {
    const denied = { outcome: 'denied', code: 'policy.denied' };
    expect(readsAsGuardian('guardian 1')).toMatchObject(denied);
    const request = approved('acting');
    expect(readsAsGuardian('guardian 1', MATURING_MS - 1)).toMatchObject(denied);
    const read = readsAsGuardian('guardian 1', 1);
    expect(read).toMatchObject({ outcome: 'applied', policies: ['guardian-reads-for-patient'] });
    expect(reads.get(town.tip.view, toHex(read.transactionId))).toMatchObject({
      path: 'guardian',
      owner: idOf(OWNER),
      reader: idOf('guardian 1'),
      grantId: new Uint8Array(32),
    });
    expect(town.read('guardian 1', 'one', 'TREAT')).toMatchObject(denied);
    expect(readsAsGuardian('guardian 2')).toMatchObject(denied);
    expectApplied(vetoes(request));
    expect(readsAsGuardian('guardian 1')).toMatchObject(denied);
  });

  it('is seen by the policies of this patient, and by those of no other', () => {
    approved('acting');
    const all = entitiesOf(town.env, town.tip.view);
    const [owner, other] = [OWNER, 'somebody'].map((name) => entity('Patient', toHex(idOf(name)))) as [
      EntityUid,
      EntityUid,
    ];
    expect(entitiesForPatient(all, owner).entity(owner)?.attribute('acting')).toBeDefined();
    expect(entitiesForPatient(all, other).entity(owner)?.attribute('acting')).toBeUndefined();
  });

  it('is told among those who could read, and nobody else of the list is', () => {
    approved('acting');
    town.seal([], MATURING_MS);
    const readers = (): readonly string[] => {
      const moment = { height: town.tip.header.height, timestampMs: now() };
      const state = { ...town.tip.view, keys: keysOf(town) };
      const page = recordReaders(town.env, state, moment, hash('record one') as Uint8Array, {
        after: null,
        limit: 100,
      });
      if (!page.ok) throw new Error(page.rejection.code);
      return page.value.items.map(({ principal }) => toHex(principal)).sort();
    };
    expect(readers()).toEqual([OWNER, 'guardian 1'].map((name) => toHex(idOf(name))).sort());
  });
});

/** The rows below a prefix, as a node lists them. */
const keysOf =
  ({ blocks, tip }: Town) =>
  (prefix: string, after: string | null, limit: number): readonly string[] =>
    [...new Set(blocks.flatMap(({ execution }) => [...execution.changes.keys()]))]
      .filter((key) => key.startsWith(prefix) && (after === null || key > after) && tip.view.get(key) !== undefined)
      .sort()
      .slice(0, limit);
