import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { type Canonical, encode } from '../../../src/base/canonical.ts';
import { signingDigest } from '../../../src/base/digest.ts';
import { possessionBytes } from '../../../src/ledger/signed-words.ts';
import {
  HOSPITALS_MAX,
  hospitalIds,
  PENDING_HOSPITALS_MAX,
  pendingHospitals,
} from '../../../src/ledger/state/tables.ts';
import { rootHashOf } from '../../../src/ledger/tree/hashing.ts';
import { hash, hospitalName, idOf, primitives, publicOf, secretOf } from '../town.ts';
import { Council, candidate, keyName } from './council.ts';

const applied = { outcome: 'applied', code: null };
const failed = (code: string) => ({ outcome: 'failed', code, events: [] });
const ids = (council: Council) => (hospitalIds.get(council.tip.view, 'all') ?? []).map(toHex);
const status = (n: number, to: string) => ({ hospital: idOf(hospitalName(n)), status: to });

describe('a hospital that asks to join (F4)', () => {
  it('is pending under vote, cannot act, and is active when voted in', () => {
    const council = new Council({ validators: 4 });
    const proposal = council.propose(1, 'admitHospital', candidate(9)).transactionId;
    expect(council.hospital(9)?.status).toBe('pending');
    expect(council.seal([council.sign(hospitalName(9), 'propose', { change: 'setParameter', value: {} })])).toEqual([]);
    expect(council.votes(proposal, 1, 2, 3)).toEqual([null, null, null]);
    expect(council.hospital(9)).toMatchObject({ status: 'active', admittedHeight: council.height });
    council.join('a person', 'patient', hospitalName(9));
    const value = council.keyChange(9, keyName(9), council.height + 50);
    expect(council.pass(9, 'addValidator', value, [1, 2, 3])).toMatchObject(applied);
    council.until(council.height + 50);
    expect(council.members).toEqual([1, 2, 3, 4, 9]);
  });

  it.each([
    [
      'voted down',
      (council: Council, proposal: Parameters<Council['vote']>[1]) => {
        expect(council.vote(1, proposal, 'no')).toMatchObject(applied);
        expect(council.vote(2, proposal, 'no')).toMatchObject(applied);
      },
    ],
    ['not decided in time', (council: Council) => council.until(council.height + 30)],
  ])('%s, it leaves no trace, and may ask again', (_, decide) => {
    const council = new Council({ validators: 4, parameters: { proposalExpiryHeights: 20 } });
    const before = ids(council);
    const proposal = council.propose(1, 'admitHospital', candidate(9)).transactionId;
    expect(ids(council)).toHaveLength(before.length + 1);
    decide(council, proposal);
    expect(ids(council)).toEqual(before);
    expect([council.hospital(9), pendingHospitals.get(council.tip.view, 'pending')]).toEqual([undefined, undefined]);
    expect(council.propose(2, 'admitHospital', candidate(9))).toMatchObject(applied);
  });

  it('may be voted in until the last height of its proposal, and is gone after that block', () => {
    const parameters = { proposalExpiryHeights: 4 };
    for (const wait of [0, 1]) {
      const council = new Council({ validators: 4, parameters });
      const proposal = council.propose(1, 'admitHospital', candidate(9)).transactionId;
      const last = council.height + 4;
      council.votes(proposal, 1, 2);
      council.until(last - 1 + wait);
      expect(council.vote(3, proposal).code).toBe(wait === 0 ? null : 'proposal.closed');
      expect(council.hospital(9)?.status).toBe(wait === 0 ? 'active' : undefined);
    }
  });

  it("brings keys and a peer id that are nobody else's, and no validator key", () => {
    const council = new Council({ validators: 4, followers: 1 });
    council.join('a person', 'patient');
    const code = (change: Parameters<typeof candidate>[1]) =>
      council.propose(1, 'admitHospital', candidate(9, change)).code;
    expect(code({ validatorKey: publicOf(keyName(9)) })).toBe('proposal.malformed');
    expect(code({ accountKey: publicOf(hospitalName(5)) })).toBe('hospital.exists');
    for (const change of [
      { accountKey: publicOf('a person') },
      { accountKey: publicOf(keyName(1)) },
      { dutyKey: publicOf(hospitalName(2)) },
      { dutyKey: publicOf(`${hospitalName(2)} duty`) },
      { dutyKey: publicOf(hospitalName(9)) },
      { peerId: '12D3KooWTest1' },
    ])
      expect(code(change)).toBe('governance.key-in-use');
    expect(code({})).toBeNull();
    expect(code({})).toBe('hospital.exists');
    expect(council.act(hospitalName(9), 'enrol', council.enrolment(hospitalName(9), 'patient')).code).toBe(
      'participant.key-in-use',
    );
  });

  it('is one of a few under vote, and of a bounded number for ever', () => {
    const council = new Council({ validators: 4 });
    for (let n = 10; n < 10 + PENDING_HOSPITALS_MAX; n++)
      expect(council.propose(1, 'admitHospital', candidate(n))).toMatchObject(applied);
    expect(council.propose(1, 'admitHospital', candidate(50))).toMatchObject(failed('hospital.too-many'));

    const full = new Council({ validators: 4 });
    const many = Array.from({ length: HOSPITALS_MAX }, (_, i) => hash(`hospital ${i}`).slice(12));
    const { view } = full.tip;
    const key = hospitalIds.key('all');
    const row = encode(many as unknown as Canonical);
    full.tip = { ...full.tip, view: { ...view, get: (name) => (name === key ? row : view.get(name)) } };
    expect(full.propose(1, 'admitHospital', candidate(50))).toMatchObject(failed('hospital.too-many'));
  });
});

describe('the standing of a hospital (F4)', () => {
  it('goes active → suspended → active → removed by votes, and no other way', () => {
    const council = new Council({ validators: 4, followers: 1 });
    const set = (to: string) => council.pass(1, 'setHospitalStatus', status(5, to), [1, 2, 3]).code;
    expect(['active', 'suspended', 'suspended', 'active', 'removed', 'active', 'suspended'].map(set)).toEqual([
      'hospital.wrong-status',
      null,
      'hospital.wrong-status',
      null,
      null,
      'hospital.wrong-status',
      'hospital.wrong-status',
    ]);
    expect(council.propose(1, 'setHospitalStatus', status(5, 'pending')).code).toBe('proposal.malformed');
  });

  it('ends with its keys: a removed hospital sends nothing any more, whatever key it moved to', () => {
    const council = new Council({ validators: 4, followers: 1 });
    const newKey = publicOf('new account key');
    const bytes = possessionBytes(council.env.chainId, idOf(hospitalName(5)), newKey);
    const possession = primitives.sign(signingDigest(primitives, 'key-possession', bytes), secretOf('new account key'));
    expect(council.act(hospitalName(5), 'rotateKey', { newKey, possession })).toMatchObject(applied);
    council.pass(1, 'setHospitalStatus', status(5, 'removed'), [1, 2, 3]);
    for (const [key, nonce] of [
      [hospitalName(5), 1],
      ['new account key', 1],
    ] as const)
      expect(council.seal([council.sign(key, 'propose', { change: 'x', value: {} }, { nonce })])).toEqual([]);
  });

  it('cannot end while it validates, or is about to', () => {
    const council = new Council({ validators: 5, followers: 1 });
    const remove = (n: number) => council.pass(1, 'setHospitalStatus', status(n, 'removed'), [1, 2, 3, 4]);
    expect(remove(5)).toMatchObject(failed('governance.still-validator'));
    const at = council.height + 40;
    expect(council.pass(6, 'addValidator', council.keyChange(6, keyName(6), at), [1, 2, 3, 4])).toMatchObject(applied);
    expect(remove(6)).toMatchObject(failed('governance.still-validator'));
    council.until(at);
    const out = council.height + 40;
    expect(council.pass(1, 'removeValidator', council.removal(5, out), [1, 2, 3, 4, 6])).toMatchObject(applied);
    council.until(out);
    expect(remove(5)).toMatchObject(applied);
  });

  it('suspended, a validator stays in the set, and is no candidate where it is in none', () => {
    const council = new Council({ validators: 4, followers: 1 });
    council.pass(1, 'setHospitalStatus', status(4, 'suspended'), [1, 2, 3]);
    expect(council.members).toEqual([1, 2, 3, 4]);
    const proposal = council.propose(5, 'addValidator', council.keyChange(5, keyName(5), council.height + 60));
    expect(council.pass(1, 'setHospitalStatus', status(5, 'suspended'), [1, 2, 3])).toMatchObject(applied);
    expect(council.votes(proposal.transactionId, 1, 2, 3)).toEqual([null, null, 'governance.not-active']);
  });

  it('is unknown for a hospital that is not there', () => {
    const council = new Council({ validators: 4 });
    for (const [change, value] of [
      ['setHospitalStatus', status(9, 'suspended')],
      ['setHospitalTier', { hospital: idOf(hospitalName(9)), tier: 'secondary' }],
    ] as const)
      expect(council.pass(1, change, value, [1, 2, 3])).toMatchObject(failed('hospital.unknown'));
  });
});

describe('a proposal', () => {
  it("that fails changes nothing but its sender's nonce", () => {
    const council = new Council({ validators: 4 });
    const before = council.tip.view;
    expect(council.propose(1, 'admitHospital', candidate(9, { peerId: '12D3KooWTest1' })).outcome).toBe('failed');
    expect([...council.last.execution.changes.keys()]).toEqual([`nonce/${toHex(idOf(hospitalName(1)))}`]);
    expect(toHex(rootHashOf(before.root))).not.toBe(toHex(rootHashOf(council.tip.view.root)));
  });

  it('of no known change, or of another form, is malformed; one that nobody made is unknown', () => {
    const council = new Council({ validators: 4 });
    for (const [change, value] of [
      ['seize', {}],
      ['addValidator', { hospital: idOf(hospitalName(1)) }],
      ['removeValidator', { ...council.removal(1, 90), more: 1 }],
    ] as const)
      expect(council.propose(1, change, value)).toMatchObject(failed('proposal.malformed'));
    expect(council.vote(1, hash('nobody made it'))).toMatchObject(failed('proposal.unknown'));
  });
});
