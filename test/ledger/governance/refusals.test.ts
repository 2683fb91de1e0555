import { describe, expect, it } from 'vitest';
import { type Canonical, encode } from '../../../src/base/canonical.ts';
import { LIMITS } from '../../../src/base/limits.ts';
import { LEDGER_CODES } from '../../../src/ledger/codes.ts';
import type { Receipt } from '../../../src/ledger/receipt.ts';
import { PENDING_HOSPITALS_MAX, validatorSets } from '../../../src/ledger/state/tables.ts';
import { hash, hospitalName, idOf, publicOf } from '../town.ts';
import { Council, type CouncilPlan, candidate, keyName } from './council.ts';

/*
 * Every refusal of governance, each reached by one scenario. The last test holds the table to the catalogue: a code that no
 * scenario reaches is found.
 */
const ANYONE = [{ id: 'all', text: 'permit (principal, action, resource);' }];
const AT = 60;
const council = (plan: Partial<CouncilPlan> = {}): Council => new Council({ validators: 4, followers: 1, ...plan });
const standing = (n: number, status: string) => ({ hospital: idOf(hospitalName(n)), status });
const pace = { name: 'blockIntervalMs', value: 500 };

/** A chain whose set of the next height is as large as one may be. */
function crowded(): Council {
  const town = council();
  const strangers = Array.from({ length: LIMITS.validatorsMax - 4 }, (_, i) => {
    const publicKey = publicOf(`stranger ${i}`);
    return { id: hash(`stranger ${i}`).slice(12), publicKey };
  });
  const key = validatorSets.key('validators');
  const row = encode([...town.tip.validators, ...strangers] as unknown as Canonical);
  const { view } = town.tip;
  town.tip = { ...town.tip, view: { ...view, get: (name) => (name === key ? row : view.get(name)) } };
  return town;
}

const SCENARIOS: readonly (readonly [code: string, scenario: () => Receipt])[] = [
  ['proposal.malformed', () => council().propose(1, 'seize', {})],
  ['proposal.unknown', () => council().vote(1, hash('nobody made it'))],
  [
    'proposal.closed',
    () => {
      const town = council({ parameters: { proposalExpiryHeights: 3 } });
      const proposal = town.propose(1, 'setParameter', pace).transactionId;
      town.until(town.height + 3);
      return town.vote(1, proposal);
    },
  ],
  [
    'proposal.voted',
    () => {
      const town = council();
      const proposal = town.propose(1, 'setParameter', pace).transactionId;
      town.vote(1, proposal);
      return town.vote(1, proposal, 'no');
    },
  ],
  ['proposal.parameter', () => council().pass(1, 'setParameter', { name: 'blockIntervalMs', value: 1 }, [1, 2, 3])],

  ['hospital.exists', () => council().propose(1, 'admitHospital', candidate(5))],
  [
    'hospital.unknown',
    () => {
      const town = council({ policies: ANYONE });
      return town.propose(1, 'addValidator', town.keyChange(9, keyName(9), AT));
    },
  ],
  [
    'hospital.too-many',
    () => {
      const town = council();
      for (let n = 10; n < 10 + PENDING_HOSPITALS_MAX; n++) town.propose(1, 'admitHospital', candidate(n));
      return town.propose(1, 'admitHospital', candidate(50));
    },
  ],
  ['hospital.wrong-status', () => council().pass(1, 'setHospitalStatus', standing(5, 'active'), [1, 2, 3])],
  [
    'hospital.quorum',
    () => {
      const town = council();
      town.pass(1, 'setHospitalStatus', standing(4, 'suspended'), [1, 2, 3]);
      const half = { name: 'voteThresholdNumerator', value: 1 };
      town.pass(1, 'setParameter', half, [1, 2, 3]);
      return town.pass(1, 'setHospitalStatus', standing(3, 'suspended'), [1, 2]);
    },
  ],

  ['governance.key-in-use', () => propose('addValidator', 5, keyName(1))],
  [
    'governance.no-possession',
    () => {
      const town = council();
      return town.propose(5, 'addValidator', town.keyChange(5, keyName(5), AT, 'another key'));
    },
  ],
  [
    'governance.not-active',
    () => {
      const town = council({ policies: ANYONE });
      town.pass(1, 'setHospitalStatus', standing(5, 'suspended'), [1, 2, 3]);
      return town.propose(5, 'addValidator', town.keyChange(5, keyName(5), AT));
    },
  ],
  ['governance.already-validator', () => propose('addValidator', 4, 'a new key')],
  ['governance.no-validator', () => propose('rotateValidatorKey', 5, 'a new key')],
  ['governance.still-validator', () => council().pass(1, 'setHospitalStatus', standing(4, 'removed'), [1, 2, 3])],
  [
    'governance.last-validator',
    () => {
      const town = council({ validators: 1 });
      return town.propose(1, 'removeValidator', town.removal(1, AT));
    },
  ],
  [
    'governance.too-many-validators',
    () => {
      const town = crowded();
      return town.propose(5, 'addValidator', town.keyChange(5, keyName(5), AT));
    },
  ],
  [
    'governance.change-scheduled',
    () => {
      const town = council();
      town.pass(1, 'removeValidator', town.removal(4, AT), [1, 2, 3]);
      return town.pass(2, 'removeValidator', town.removal(3, AT + 20), [1, 2, 3]);
    },
  ],
  [
    'governance.too-soon',
    () => {
      const town = council();
      return town.propose(1, 'removeValidator', town.removal(4, 3));
    },
  ],
  [
    'governance.too-late',
    () => {
      const town = council();
      return town.propose(1, 'removeValidator', town.removal(4, 1_000_000));
    },
  ],
];

function propose(change: string, hospital: number, key: string): Receipt {
  const town = council();
  return town.propose(hospital, change, town.keyChange(hospital, key, AT));
}

describe('a refusal of governance', () => {
  it.each(SCENARIOS)('%s is reached, and undoes everything', (code, scenario) => {
    expect(scenario()).toMatchObject({ outcome: 'failed', code, events: [] });
  });

  it('is one of these: no code of the catalogue is missing', () => {
    const reached = new Set(SCENARIOS.map(([code]) => code));
    const listed = Object.keys(LEDGER_CODES).filter((code) => /^(governance|hospital|proposal)\./.test(code));
    expect(listed.filter((code) => !reached.has(code))).toEqual([]);
  });
});
