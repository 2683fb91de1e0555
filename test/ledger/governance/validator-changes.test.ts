import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import { addressOf } from '../../../src/base/digest.ts';
import { quorumOf, validatorsHashOf } from '../../../src/base/validators.ts';
import { verifyCertificate } from '../../../src/consensus/certificate.ts';
import { changeDelayOf, DEFAULT_PARAMETERS } from '../../../src/ledger/parameters.ts';
import { hospitalKeys, proposals, schedules } from '../../../src/ledger/state/tables.ts';
import { hospitalName, idOf, primitives, publicOf } from '../town.ts';
import { Council, genesisSigners, keyName } from './council.ts';

const DELAY = DEFAULT_PARAMETERS.validatorChangeDelayMin;
const applied = { outcome: 'applied', code: null };
const failed = (code: string) => ({ outcome: 'failed', code, events: [] });
/** Proposed at the next height and voted by `voters` one after the other, a change may become active here at the earliest. */
const earliest = (council: Council, voters: number): number => council.height + 1 + voters + DELAY;

/** Four validators and a fifth hospital, whose addition is voted and active from `at`. */
function joining() {
  const council = new Council({ validators: 4, followers: 2 });
  const at = earliest(council, 3);
  expect(council.pass(5, 'addValidator', council.keyChange(5, keyName(5), at), [1, 2, 3])).toMatchObject(applied);
  return { council, at };
}

describe('adding a validator', () => {
  it('changes the set at the declared height and no earlier, and every header binds both sets', () => {
    const { council, at } = joining();
    const before = council.tip.validators;
    council.until(at - 2);
    expect([council.members, council.tip.validatorsSince]).toEqual([[1, 2, 3, 4], 1]);
    council.until(at - 1);
    const { header } = council.tip;
    expect([council.members, council.tip.validatorsSince]).toEqual([[1, 2, 3, 4, 5], at]);
    expect(council.last.execution).toMatchObject({ nextValidators: council.tip.validators, nextValidatorsSince: at });
    expect(toHex(header.validatorsHash)).toBe(toHex(validatorsHashOf(primitives, before)));
    expect(toHex(header.nextValidatorsHash)).toBe(toHex(validatorsHashOf(primitives, council.tip.validators)));
    council.until(at + 3);
    expect(council.tip.validatorsSince).toBe(at);
  });

  it('writes the key into the record when the set changes, and the schedule away', () => {
    const { council, at } = joining();
    council.until(at - 2);
    expect(council.hospital(5)?.record.validatorKey).toBeNull();
    expect(schedules.get(council.tip.view, 'schedule')?.activationHeight).toBe(at);
    council.until(at - 1);
    expect(council.hospital(5)?.record.validatorKey).toEqual(publicOf(keyName(5)));
    expect(schedules.get(council.tip.view, 'schedule')).toBeUndefined();
  });

  it('lets the new validator vote from its first height on', () => {
    const { council, at } = joining();
    const proposal = council.propose(1, 'setParameter', { name: 'blockIntervalMs', value: 500 }).transactionId;
    expect(council.vote(5, proposal)).toMatchObject({ outcome: 'denied', code: 'policy.denied' });
    council.until(at - 1);
    expect(council.vote(5, proposal)).toMatchObject(applied);
  });
});

describe('certificates across a change', () => {
  const verify = (council: Council, set: Council['tip']['validators'], signers: ReadonlyMap<number, string>) => {
    const verified = verifyCertificate(primitives, council.env.chainId, set, council.certificate(signers));
    return verified.ok ? null : verified.rejection.code;
  };

  it('the old set finalises the hand-over, and the next block only the new one', () => {
    const council = new Council({ validators: 4 });
    const old = council.tip.validators;
    const at = earliest(council, 3);
    council.pass(4, 'rotateValidatorKey', council.keyChange(4, 'a new key', at), [1, 2, 3]);
    const [oldQuorum, newQuorum] = [genesisSigners(2, 3, 4), new Map([...genesisSigners(2, 3), [4, 'a new key']])];

    council.until(at - 1);
    expect(verify(council, old, oldQuorum)).toBeNull();
    expect(verify(council, old, newQuorum)).toBe('consensus-vote.bad-signature');

    const changed = council.tip.validators;
    council.until(at);
    expect(verify(council, changed, newQuorum)).toBeNull();
    expect(verify(council, changed, oldQuorum)).toBe('consensus-vote.bad-signature');
  });

  it('a member that is not in the set yet, or any more, is a stranger to its certificates', () => {
    const { council, at } = joining();
    const old = council.tip.validators;
    council.until(at - 1);
    expect(verify(council, old, genesisSigners(1, 2, 3))).toBeNull();
    expect(verify(council, old, genesisSigners(1, 2, 5))).toBe('consensus-vote.stranger');
    const five = council.tip.validators;
    council.until(at);
    expect(verify(council, five, genesisSigners(1, 2, 3))).toBe('consensus-certificate.too-few');
    expect(verify(council, five, genesisSigners(1, 2, 3, 5))).toBeNull();
    const out = earliest(council, 4);
    council.pass(1, 'removeValidator', council.removal(1, out), [2, 3, 4, 5]);
    council.until(out);
    expect(verify(council, council.tip.validators, genesisSigners(1, 2, 3, 4))).toBe('consensus-vote.stranger');
  });

  it('a block that names another next set is refused', () => {
    const { council, at } = joining();
    council.until(at - 2);
    const below = council.tip;
    council.until(at - 1);
    const { header } = council.last.block;
    council.tip = below;
    expect(council.judgeWith({})).toBeNull();
    const wrong = { ...header, nextValidatorsHash: header.validatorsHash };
    expect(council.judgeWith({ header: wrong })).toBe('block.validators-hash');
  });
});

describe('removing and rotating', () => {
  it('takes the member out at its height, retires its key, and lets it come back with a new one alone', () => {
    const council = new Council({ validators: 4, followers: 1 });
    const out = earliest(council, 3);
    expect(council.pass(1, 'removeValidator', council.removal(4, out), [1, 2, 3])).toMatchObject(applied);
    council.until(out - 1);
    expect(council.members).toEqual([1, 2, 3]);
    expect(council.hospital(4)).toMatchObject({ status: 'active', record: { validatorKey: null } });
    expect(hospitalKeys.get(council.tip.view, toHex(addressOf(primitives, publicOf(keyName(4)))))).toEqual({
      hospital: idOf(hospitalName(4)),
      use: 'validator',
      retired: true,
    });
    for (const hospital of [4, 5]) {
      const value = council.keyChange(hospital, keyName(4), council.height + 50);
      expect(council.propose(hospital, 'addValidator', value)).toMatchObject(failed('governance.key-in-use'));
    }
    const back = council.keyChange(4, 'another key', council.height + 50);
    expect(council.propose(4, 'addValidator', back)).toMatchObject(applied);
  });

  it('replaces the key, keeps the member, and the old key comes back under nobody', () => {
    const council = new Council({ validators: 4 });
    const at = earliest(council, 3);
    council.pass(2, 'rotateValidatorKey', council.keyChange(2, 'second key', at), [1, 2, 3]);
    council.until(at - 1);
    expect(council.members).toEqual([1, 2, 3, 4]);
    expect(council.keys.map(toHex)).toContain(toHex(publicOf('second key')));
    expect(council.keys.map(toHex)).not.toContain(toHex(publicOf(keyName(2))));
    expect(council.hospital(2)?.record.validatorKey).toEqual(publicOf('second key'));
    const again = council.keyChange(2, keyName(2), council.height + 50);
    expect(council.propose(2, 'rotateValidatorKey', again)).toMatchObject(failed('governance.key-in-use'));
  });

  it('never takes the last member', () => {
    const council = new Council({ validators: 1, followers: 1 });
    const value = council.removal(1, council.height + 50);
    expect(council.propose(2, 'removeValidator', value)).toMatchObject(failed('governance.last-validator'));
  });

  it('schedules no set without a quorum of active members', () => {
    const half = { voteThresholdNumerator: 1, voteThresholdDenominator: 2 };
    const council = new Council({ validators: 4, parameters: half });
    const suspension = { hospital: idOf(hospitalName(4)), status: 'suspended' };
    expect(council.pass(1, 'setHospitalStatus', suspension, [1, 2, 3])).toMatchObject(applied);
    // Two of {1, 2, 4} are active, which is a quorum of three; one of {1, 4} would be no quorum of two.
    const out = earliest(council, 3);
    expect(council.pass(1, 'removeValidator', council.removal(3, out), [1, 2, 3])).toMatchObject(applied);
    council.until(out);
    const proposal = council.propose(1, 'removeValidator', council.removal(2, council.height + 60)).transactionId;
    expect(council.votes(proposal, 1, 2)).toEqual([null, 'hospital.quorum']);
  });

  it('keeps a quorum active in the set to come, too', () => {
    const half = { voteThresholdNumerator: 1, voteThresholdDenominator: 2 };
    const council = new Council({ validators: 3, parameters: half });
    expect(council.pass(1, 'removeValidator', council.removal(3, council.height + 60), [1, 2])).toMatchObject(applied);
    // Of {1, 2, 3} two would be left, which is a quorum; of {1, 2}, which is to come, only one.
    const suspension = { hospital: idOf(hospitalName(2)), status: 'suspended' };
    expect(council.pass(1, 'setHospitalStatus', suspension, [1, 3])).toMatchObject(failed('hospital.quorum'));
  });
});

describe('when a change may become active', () => {
  it('is not before the delay after the passing vote: a late vote applies nothing', () => {
    const council = new Council({ validators: 4, followers: 1 });
    const at = earliest(council, 3);
    const proposal = council.propose(5, 'addValidator', council.keyChange(5, keyName(5), at)).transactionId;
    expect(council.votes(proposal, 1, 2)).toEqual([null, null]);
    council.seal([]);
    expect(council.vote(3, proposal)).toMatchObject(failed('governance.too-soon'));
    expect(schedules.get(council.tip.view, 'schedule')).toBeUndefined();
    expect(proposals.get(council.tip.view, toHex(proposal))).toMatchObject({ status: 'open', votes: { length: 2 } });
    council.until(at + 1);
    expect(council.members).toEqual([1, 2, 3, 4]);
  });

  it('is refused at once where no vote could be in time, or where it lies beyond every vote', () => {
    const council = new Council({ validators: 4, followers: 1, parameters: { proposalExpiryHeights: 100 } });
    const proposed = (at: number) => council.propose(5, 'addValidator', council.keyChange(5, keyName(5), at)).code;
    expect(proposed(council.height + 1 + DELAY - 1)).toBe('governance.too-soon');
    expect(proposed(council.height + 1 + DELAY)).toBeNull();
    expect(proposed(council.height + 1 + 100 + DELAY + 1)).toBe('governance.too-late');
    expect(proposed(council.height + 1 + 100 + DELAY)).toBeNull();
  });

  it('leaves room for the confirmation of the vote where blocks are only confirmed by depth', () => {
    const parameters = { ...DEFAULT_PARAMETERS, confirmationDepth: 20 };
    expect(['qbft', 'simplex', 'clique'].map((engine) => changeDelayOf(engine as 'qbft', parameters))).toEqual([
      8, 8, 22,
    ]);
    const council = new Council({ validators: 4, engine: 'clique', parameters: { confirmationDepth: 20 } });
    const proposed = (at: number) =>
      council.propose(1, 'rotateValidatorKey', council.keyChange(1, 'a new key', at)).code;
    expect(proposed(council.height + 1 + 21)).toBe('governance.too-soon');
    expect(proposed(council.height + 1 + 22)).toBeNull();
  });

  it('is one change at a time: a second one passes only when the first is active', () => {
    const { council, at } = joining();
    const late = at + 40;
    const proposal = council.propose(4, 'rotateValidatorKey', council.keyChange(4, 'a new key', late)).transactionId;
    expect(council.votes(proposal, 1, 2, 3)).toEqual([null, null, 'governance.change-scheduled']);
    council.until(at - 2);
    expect(council.vote(3, proposal)).toMatchObject(failed('governance.change-scheduled'));
    // Five members by now, so four votes.
    expect(council.votes(proposal, 3, 4)).toEqual([null, null]);
    expect(schedules.get(council.tip.view, 'schedule')?.activationHeight).toBe(late);
  });
});

describe('the keys of validators', () => {
  const council = new Council({ validators: 4, followers: 2 });
  council.join('a person', 'patient');
  const at = council.height + 90;
  const refusal = (key: string, prover = key) =>
    council.propose(5, 'addValidator', council.keyChange(5, key, at, prover)).code;

  it.each([
    ["another validator's", keyName(1)],
    ["an account key's", hospitalName(2)],
    ['its own account key', hospitalName(5)],
    ['a duty key', `${hospitalName(3)} duty`],
    ["a person's", 'a person'],
  ])("are nobody else's: %s is refused", (_, key) => {
    expect(refusal(key)).toBe('governance.key-in-use');
  });

  it('are shown to be held, for this hospital', () => {
    expect(refusal(keyName(5), 'another key')).toBe('governance.no-possession');
    const others = { ...council.keyChange(6, keyName(5), at), hospital: idOf(hospitalName(5)) };
    expect(council.propose(5, 'addValidator', others).code).toBe('governance.no-possession');
  });

  it('are promised to one hospital by one vote: the second proposal of a key fails', () => {
    const two = new Council({ validators: 4, followers: 2 });
    const [mine, yours] = [5, 6].map(
      (n) => two.propose(n, 'addValidator', two.keyChange(n, 'one key', two.height + 60)).transactionId,
    );
    if (mine === undefined || yours === undefined) throw new Error('two proposals');
    expect(two.votes(mine, 1, 2, 3)).toEqual([null, null, null]);
    two.until(two.height + 60);
    expect(two.members).toEqual([1, 2, 3, 4, 5]);
    expect(two.votes(yours, 1, 2, 3, 4)).toEqual([null, null, null, 'governance.key-in-use']);
  });

  it('enrol no person and become no account key', () => {
    const key = keyName(2);
    const enrolled = council.act(key, 'enrol', council.enrolment(key, 'patient'));
    expect(enrolled).toMatchObject(failed('participant.key-in-use'));
  });
});

describe('the votes', () => {
  it('count by the set of their height: who left it has no say, and fewer are needed then', () => {
    const council = new Council({ validators: 5 });
    const out = earliest(council, 4) + 4;
    expect(council.pass(1, 'removeValidator', council.removal(5, out), [1, 2, 3, 4])).toMatchObject(applied);
    const value = { name: 'blockIntervalMs', value: 500 };
    const proposal = council.propose(1, 'setParameter', value).transactionId;
    expect(council.votes(proposal, 5, 1, 2)).toEqual([null, null, null]);
    council.until(out - 1);
    expect(council.members).toEqual([1, 2, 3, 4]);
    // Of five, 5, 1, 2 and 3 would have passed it. Of four, 1, 2 and 3 are more than two thirds; 5's vote is gone.
    expect(council.vote(3, proposal).events.map(({ name }) => name)).toEqual(['Passed']);
    const row = proposals.get(council.tip.view, toHex(proposal));
    expect(row?.votes.map(({ hospital }) => toHex(hospital))).toEqual(
      [1, 2, 3].map((n) => toHex(idOf(hospitalName(n)))),
    );
  });

  it('of one that is in no set fail, whatever the policies permit', () => {
    const anyone = 'permit (principal, action, resource);';
    const council = new Council({ validators: 4, followers: 1, policies: [{ id: 'all', text: anyone }] });
    const value = { name: 'blockIntervalMs', value: 500 };
    const proposal = council.propose(5, 'setParameter', value).transactionId;
    expect(council.vote(5, proposal)).toMatchObject(failed('governance.no-validator'));
  });

  it('end with the proposal, at the height that stood in it, whatever becomes of the parameter', () => {
    const council = new Council({ validators: 4, parameters: { proposalExpiryHeights: 5 } });
    const value = { name: 'blockIntervalMs', value: 500 };
    const old = council.propose(1, 'setParameter', value).transactionId;
    const last = council.height + 5;
    expect(council.pass(1, 'setParameter', { name: 'proposalExpiryHeights', value: 100 }, [1, 2, 3])).toMatchObject(
      applied,
    );
    expect(council.height).toBe(last - 1);
    expect(council.vote(1, old)).toMatchObject(applied);
    expect(council.vote(2, old)).toMatchObject(failed('proposal.closed'));
  });

  it('reject what can no longer pass', () => {
    const council = new Council({ validators: 4, followers: 1 });
    const value = council.keyChange(5, keyName(5), council.height + 50);
    const proposal = council.propose(5, 'addValidator', value).transactionId;
    expect(council.vote(1, proposal, 'no').events).toEqual([]);
    expect(council.vote(2, proposal, 'no').events.map(({ name }) => name)).toEqual(['Rejected']);
    expect(council.vote(3, proposal)).toMatchObject(failed('proposal.closed'));
    expect(quorumOf(4)).toBe(3);
  });
});
