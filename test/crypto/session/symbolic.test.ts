import { describe, expect, it } from 'vitest';
import { AS_SPECIFIED, type Scenario, search, type Variant } from './symbolic.ts';
import { dh, g, Knowledge, tuple } from './terms.ts';

const A = (peer: string) => ({ role: 'initiator', agent: 'A', peer }) as const;
const B = { role: 'responder', agent: 'B' } as const;

/** Up to three instances: one session each and one more, beside the attacker, who is a participant and has sessions of his own. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a patient and a hospital': { instances: [A('B'), B] },
  'two hellos to one hospital': { instances: [A('B'), A('B'), B] },
  'a hospital that is asked twice': { instances: [A('B'), B, B] },
  'a patient who also speaks to the attacker': { instances: [A('B'), A('E'), B] },
  'a patient who speaks to the attacker alone': { instances: [A('E'), B] },
  'hospitals that ask each other': {
    instances: [A('B'), { role: 'initiator', agent: 'B', peer: 'A' }, { role: 'responder', agent: 'A' }],
  },
  'one who is both sides': { instances: [A('B'), { role: 'responder', agent: 'A' }, B] },
};

describe('the handshake, before an attacker who carries every message', () => {
  it.each(Object.entries(SCENARIOS))('keeps its promises in every state it can be brought to: %s', (_, scenario) => {
    const { states, findings } = search(AS_SPECIFIED, scenario);
    expect(findings).toEqual([]);
    expect(states).toBeGreaterThan(5);
  });

  it('comes to an end where the attacker lets it: the search is not of a protocol that never answers', () => {
    const { completed } = search(AS_SPECIFIED, SCENARIOS['a patient and a hospital'] as Scenario);
    expect(completed).toBeGreaterThan(0);
  });

  it('does not let who stole the patient’s key pass for the hospital before the patient', () => {
    const { findings } = search(AS_SPECIFIED, { instances: [A('B'), B], leaked: ['A'] });
    expect(findings).toEqual([]);
  });
});

describe('the search finds what goes wrong without', () => {
  const found = (change: Partial<Variant>, scenario: Scenario) => [
    ...new Set(search({ ...AS_SPECIFIED, ...change }, scenario).findings.map(({ property }) => property)),
  ];

  it('ephemeral keys under the signature: the attacker sits in the middle', () => {
    const properties = found({ signs: 'nonces' }, SCENARIOS['a patient and a hospital'] as Scenario);
    expect(properties).toContain('secrecy');
    expect(properties).toContain('initiator agrees');
  });

  it('seal, MAC, and the whole transcript in the keys: the hospital takes the patient’s session for the attacker’s', () => {
    const plain: Partial<Variant> = { sealed: false, mac: false, keysFrom: 'reply' };
    expect(found(plain, SCENARIOS['a patient and a hospital'] as Scenario)).toContain('initiator agrees');
  });

  it('roles: the hospital hears itself', () => {
    const same: Partial<Variant> = { roles: false, namesPeer: false };
    expect(found(same, SCENARIOS['a patient and a hospital'] as Scenario)).toContain('responder agrees');
  });

  it('the peer under the signature, where nonces are all that is signed: what was signed for the attacker serves before the hospital', () => {
    const weak: Partial<Variant> = { signs: 'nonces', namesPeer: false };
    expect(found(weak, SCENARIOS['a patient who speaks to the attacker alone'] as Scenario)).toContain(
      'responder agrees',
    );
  });
});

describe('the attacker of the search', () => {
  it('opens with the key and not without, whichever it learns first', () => {
    const box = ['enc', 'k', 'secret'] as const;
    expect(Knowledge.of([box]).canMake('secret')).toBe(false);
    expect(Knowledge.of([box]).learn(['k']).canMake('secret')).toBe(true);
    expect(Knowledge.of(['k']).learn([box]).canMake('secret')).toBe(true);
    const nested = ['enc', 'k1', tuple('k2', 'x')] as const;
    expect(Knowledge.of([['enc', 'k2', 'deep'], nested, 'k1']).canMake('deep')).toBe(true);
  });

  it('shares a secret with a key only through a scalar that it has, and signs with keys that it has', () => {
    const knows = Knowledge.of(['e', g('x'), g('y'), 'm', 'secret of E']);
    expect(knows.canMake(dh('e', 'x'))).toBe(true);
    expect(knows.canMake(dh('x', 'y'))).toBe(false);
    expect(knows.canMake(['sig', 'E', 'm'])).toBe(true);
    expect(knows.canMake(['sig', 'A', 'm'])).toBe(false);
  });
});
