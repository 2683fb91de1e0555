import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../../src/base/bytes.ts';
import {
  type EntityReader,
  type EntityUid,
  entity,
  explain,
  parsePolicies,
  record,
  setOf,
  toldBytes,
  toldTo,
  type Value,
} from '../../../src/vm/index.ts';
import { policyTexts } from '../arbitrary/policies.ts';
import { readerOf, requestIn, worlds } from '../arbitrary/world.ts';
import { accepted, GAS_LIMIT, reader } from '../support.ts';

const folder = new URL('../../../policies/', import.meta.url);
const text = readdirSync(folder)
  .filter((name) => name.endsWith('.cedar'))
  .sort()
  .map((name) => readFileSync(new URL(name, folder), 'utf8'))
  .join('\n');
const constitution = accepted(parsePolicies(text));

const patient = entity('Patient', 'the patient');
const doctor = entity('Practitioner', 'a doctor');
const hospital = entity('Hospital', 'the hospital');
const theRecord = entity('Record', '1');
const GRANT_KEY = 'person:a doctor:secret category';
const NOW_MS = 1_000n;

const grant = fc.record({
  purposes: fc.subarray(['TREAT', 'ETREAT', 'HRESCH', 'BTG']).map(setOf),
  access: fc.constantFrom('read', 'write', 'read-write'),
  expires: fc.constantFrom(500n, 2_000n),
  usesLeft: fc.constantFrom(-1n, 0n, 2n),
  epochFrom: fc.constantFrom(0n, 3n),
  epochTo: fc.constantFrom(1n, 5n),
}) as fc.Arbitrary<Record<string, Value>>;

const states = fc.record({
  exists: fc.boolean(),
  status: fc.constantFrom('live', 'shredded'),
  label: fc.constantFrom('N', 'R', 'V'),
  category: fc.constantFrom('secret category', 'another'),
  grant: fc.option(grant, { nil: undefined }),
});
type State = typeof states extends fc.Arbitrary<infer T> ? T : never;

const entitiesOf = ({ exists, status, label, category, grant: given }: State): EntityReader =>
  reader({
    'Hospital::the hospital': { attributes: { status: 'active', tier: 'tertiary', validator: true } },
    'Patient::the patient': {
      attributes: { role: 'patient', status: 'active', home: hospital },
      tags: given === undefined ? {} : { [GRANT_KEY]: record(given) },
    },
    'Practitioner::a doctor': { attributes: { role: 'practitioner', status: 'active', home: hospital } },
    ...(exists
      ? { 'Record::1': { attributes: { owner: patient, author: doctor, status, epoch: 2n, category, label } } }
      : {}),
  });

const read = (state: State, resource: EntityUid = theRecord) =>
  explain(
    constitution,
    {
      principal: doctor,
      action: entity('Action', 'readRecord'),
      resource,
      context: record({ purpose: 'TREAT', grantKey: GRANT_KEY, nowMs: NOW_MS }),
    },
    entitiesOf(state),
    GAS_LIMIT,
  );

describe('who was denied', () => {
  it('hears the same bytes whether the record exists or not, whatever its label, category, standing and grants', () => {
    const told = new Set<string>();
    const reviewed = new Set<string>();
    fc.assert(
      fc.property(states, fc.constantFrom('1', '2'), (state, id) => {
        const explanation = read(state, entity('Record', id));
        if (explanation.decision.allowed) return;
        told.add(toHex(toldBytes('requester', explanation)));
        reviewed.add(toHex(toldBytes('reviewer', explanation)));
      }),
      { numRuns: 80 },
    );
    expect(told.size).toBe(1);
    expect(reviewed.size).toBeGreaterThan(5);
  });

  it('hears the same of any policies, of a forbid, of an error and of spent gas', () => {
    const told = new Set<string>();
    fc.assert(
      fc.property(policyTexts, worlds, fc.constantFrom(20, GAS_LIMIT), (texts, world, gas) => {
        const set = accepted(parsePolicies(texts.join('\n')));
        const explanation = explain(set, requestIn(world), readerOf(world), gas);
        if (!explanation.decision.allowed) told.add(toHex(toldBytes('requester', explanation)));
      }),
      { numRuns: 60 },
    );
    expect(told.size).toBe(1);
  });

  it('hears one sentence, without clause, value, policy or gas', () => {
    const state = { exists: true, status: 'live', label: 'V', category: 'secret category', grant: undefined } as const;
    const explanation = read(state);
    expect(toldTo('requester', explanation)).toEqual({
      allowed: false,
      sentence: 'No grant covers this request.',
      reasons: [],
      nearest: null,
      policies: [],
    });
    expect(Buffer.from(toldBytes('requester', explanation)).toString('latin1')).not.toContain('secret');
    expect(Buffer.from(toldBytes('reviewer', explanation)).toString('latin1')).toContain('secret');
  });
});

describe('the patient and reviewers', () => {
  it('see the clause that failed, and its values', () => {
    const state = { exists: true, status: 'shredded', label: 'N', category: 'another', grant: undefined } as const;
    for (const audience of ['patient', 'reviewer'] as const) {
      const { sentence, nearest, policies } = toldTo(audience, read(state));
      expect(sentence).toContain('resource.status is "shredded"');
      const trace = policies.find(({ policyId }) => policyId === nearest);
      expect(trace?.failed?.values).toEqual([{ text: 'resource.status', value: '"shredded"', code: null }]);
    }
  });
});

describe('who was allowed', () => {
  it('hears which policy allowed it, and no trace of the others', () => {
    const given = {
      purposes: setOf(['TREAT']),
      access: 'read',
      expires: 2_000n,
      usesLeft: 1n,
      epochFrom: 0n,
      epochTo: 9n,
    };
    const explanation = read({ exists: true, status: 'live', label: 'N', category: 'another', grant: given });
    expect(toldTo('requester', explanation)).toEqual({
      allowed: true,
      sentence: 'Allowed by "practitioner-reads-under-grant".',
      reasons: ['practitioner-reads-under-grant'],
      nearest: null,
      policies: [],
    });
  });
});
