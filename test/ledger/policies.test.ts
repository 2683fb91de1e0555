import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { mergePolicySets, parsePolicies } from '../../src/vm/index.ts';
import { Council, candidate, keyName } from './governance/council.ts';
import { hospitalName, idOf } from './town.ts';

const folder = new URL('../../policies/', import.meta.url);
const sets = readdirSync(folder)
  .filter((name) => name.endsWith('.cedar'))
  .sort()
  .map((name) => ({ name, parsed: parsePolicies(readFileSync(new URL(name, folder), 'utf8')) }));

describe("the consortium's policies", () => {
  it.each(sets)('$name parses', ({ parsed }) => {
    expect(parsed).toMatchObject({ ok: true });
  });

  it('give every policy an id of its own', () => {
    const merged = mergePolicySets(sets.flatMap(({ parsed }) => (parsed.ok ? [parsed.value] : [])));
    expect(merged.ok).toBe(true);
    if (merged.ok) expect(merged.value.policies.filter(({ id }) => /^policy\d+$/.test(id))).toEqual([]);
  });
});

describe('who may put what to the vote, and who votes (F4, F5, F17)', () => {
  const AT = 60;
  const denied = (...policies: readonly string[]) => ({ outcome: 'denied', code: 'policy.denied', policies });
  const applied = (...policies: readonly string[]) => ({ outcome: 'applied', policies });
  const standing = (n: number, status: string) => ({ hospital: idOf(hospitalName(n)), status });
  const tier = (n: number, to: string) => ({ hospital: idOf(hospitalName(n)), tier: to });
  const council = (): Council => new Council({ validators: 4, followers: 2 });

  it('every active hospital proposes, and those that validate vote', () => {
    const town = council();
    for (const by of [1, 5]) {
      const proposed = town.propose(by, 'setParameter', { name: 'blockIntervalMs', value: 500 });
      expect(proposed).toMatchObject(applied('hospital-proposes'));
      expect(town.vote(5, proposed.transactionId)).toMatchObject(denied());
      expect(town.vote(4, proposed.transactionId)).toMatchObject(applied('validator-votes'));
    }
  });

  it('a person does neither, whatever the role', () => {
    const town = council();
    const change = { change: 'setParameter', value: { name: 'blockIntervalMs', value: 500 } };
    const proposal = town.propose(1, change.change, change.value).transactionId;
    for (const role of ['patient', 'practitioner', 'administrator', 'payer'] as const) {
      town.join(role, role);
      expect(town.act(role, 'propose', change)).toMatchObject(denied());
      expect(town.act(role, 'vote', { proposal, choice: 'yes' })).toMatchObject(denied());
    }
  });

  it('a key is proposed by its own hospital, to join the set and to change it', () => {
    const town = council();
    const forbidden = denied('keys-come-from-their-hospital');
    expect(town.propose(1, 'addValidator', town.keyChange(5, keyName(5), AT))).toMatchObject(forbidden);
    expect(town.propose(1, 'rotateValidatorKey', town.keyChange(2, 'new', AT))).toMatchObject(forbidden);
    expect(town.propose(5, 'addValidator', town.keyChange(5, keyName(5), AT))).toMatchObject(
      applied('hospital-proposes'),
    );
    expect(town.propose(2, 'rotateValidatorKey', town.keyChange(2, 'new', AT))).toMatchObject(
      applied('hospital-proposes', 'hospital-proposes-own-new-key'),
    );
    expect(town.propose(1, 'removeValidator', town.removal(2, AT))).toMatchObject(applied('hospital-proposes'));
  });

  it('a suspended hospital proposes a new key of its own and nothing else, and does not vote', () => {
    const town = council();
    town.pass(1, 'setHospitalStatus', standing(4, 'suspended'), [1, 2, 3]);
    const proposed = town.propose(4, 'rotateValidatorKey', town.keyChange(4, 'new', AT));
    expect(proposed).toMatchObject(applied('hospital-proposes-own-new-key'));
    expect(town.propose(4, 'removeValidator', town.removal(1, AT))).toMatchObject(denied());
    expect(town.propose(4, 'setHospitalStatus', standing(4, 'active'))).toMatchObject(denied());
    expect(town.vote(4, proposed.transactionId)).toMatchObject(denied());
  });

  it('a community hospital does not become a validator, nor a validator a community hospital', () => {
    const town = council();
    const proposal = town.propose(5, 'addValidator', town.keyChange(5, keyName(5), AT)).transactionId;
    expect(town.pass(1, 'setHospitalTier', tier(5, 'community'), [1, 2, 3]).outcome).toBe('applied');
    const forbidden = denied('community-hospitals-do-not-validate');
    expect(town.vote(1, proposal)).toMatchObject(forbidden);
    expect(town.propose(5, 'addValidator', town.keyChange(5, keyName(5), AT))).toMatchObject(forbidden);
    expect(town.propose(1, 'setHospitalTier', tier(4, 'community'))).toMatchObject(
      denied('validators-are-no-community-hospitals'),
    );
    expect(town.propose(1, 'setHospitalTier', tier(4, 'secondary')).outcome).toBe('applied');
    expect(town.propose(1, 'admitHospital', candidate(9, { tier: 'community' })).outcome).toBe('applied');
  });

  it('what is malformed, or about nobody, fails with its code: a forbid that finds no hospital does not hold', () => {
    const town = council();
    for (const change of ['addValidator', 'rotateValidatorKey', 'setHospitalTier', 'setHospitalStatus', 'nonsense'])
      expect(town.propose(1, change, {})).toMatchObject({ outcome: 'failed', code: 'proposal.malformed' });
  });
});
