import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equal, toHex } from '../../../src/base/bytes.ts';
import { type ConsentParty, type ConsentRefusal, refusalPolicies } from '../../../src/fhir/index.ts';
import { POLICY_LIMITS } from '../../../src/ledger/policy/limits.ts';
import { readPatientPolicy } from '../../../src/ledger/policy/patient-form.ts';
import { PURPOSES } from '../../../src/ledger/vocabulary.ts';
import {
  authorize,
  entity,
  parsePolicies,
  parseSchema,
  readerOf,
  type Value,
  validatePolicies,
} from '../../../src/vm/index.ts';
import { DOCTOR_A, DOCTOR_B, HOSPITAL_A, HOSPITAL_B, id, NOW_MS } from './cast.ts';

const SCHEMA = readFileSync(new URL('../../../policies/carechain.cedarschema', import.meta.url), 'utf8');

const person = fc.constantFrom<ConsentParty>(
  { type: 'person', id: DOCTOR_A, entity: 'Practitioner' },
  { type: 'person', id: DOCTOR_B, entity: 'Patient' },
);
const place = fc.constantFrom<ConsentParty>(
  { type: 'hospital', id: HOSPITAL_A },
  { type: 'hospital', id: HOSPITAL_B },
  { type: 'role', id: 'practitioner' },
);
const refusal: fc.Arbitrary<ConsentRefusal> = fc
  .record({
    person: fc.option(person),
    places: fc.uniqueArray(place, { maxLength: 2 }),
    purposes: fc.option(fc.uniqueArray(fc.constantFrom(...PURPOSES), { minLength: 1 })),
    categories: fc.option(fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { minLength: 1, maxLength: 40 })),
    fromMs: fc.option(fc.integer({ min: -1e12, max: 2 * NOW_MS })),
    untilMs: fc.option(fc.integer({ min: NOW_MS, max: 2 * NOW_MS })),
  })
  .map(({ person, places, ...rest }) => ({
    parties: person === null ? places : [...places, person],
    ...rest,
    reading: true,
    writing: false,
  }));

const schema = parseSchema(SCHEMA);
if (!schema.ok) throw new Error(schema.rejection.code);

/** A world with one reader and one record. */
function forbids(
  text: string,
  reader: { type: string; id: string; home: string },
  record: Uint8Array,
  context: Context,
): boolean {
  const policies = parsePolicies(text);
  if (!policies.ok) throw new Error(policies.rejection.code);
  const entities = readerOf([
    {
      uid: entity(reader.type, reader.id),
      attributes: new Map(),
      parents: [entity('Hospital', reader.home)],
      tags: new Map(),
    },
    { uid: entity('Record', 'r'), attributes: new Map([['category', toHex(record)]]), parents: [], tags: new Map() },
  ]);
  const fields = new Map<string, Value>([
    ['purpose', context.purpose],
    ['nowMs', BigInt(context.nowMs)],
  ]);
  const request = {
    principal: entity(reader.type, reader.id),
    action: entity('Action', 'readRecord'),
    resource: entity('Record', 'r'),
    context: { kind: 'record' as const, fields },
  };
  const { reasons, errors } = authorize(policies.value, request, entities, POLICY_LIMITS.patientGasMax);
  expect(errors).toEqual([]);
  return reasons.length > 0;
}

interface Context {
  readonly purpose: string;
  readonly nowMs: number;
}

const saysItself = (
  one: ConsentRefusal,
  reader: { type: string; id: string; home: string },
  record: Uint8Array,
  context: Context,
) =>
  one.parties.every((party) =>
    party.type === 'person'
      ? party.id === reader.id && party.entity === reader.type
      : party.type === 'hospital'
        ? party.id === reader.home
        : reader.type === 'Practitioner',
  ) &&
  (one.purposes === null || one.purposes.some((purpose) => purpose === context.purpose)) &&
  (one.categories === null || one.categories.some((id) => equal(id, record))) &&
  (one.fromMs === null || one.fromMs <= context.nowMs) &&
  (one.untilMs === null || context.nowMs <= one.untilMs);

describe("a refusal as the patient's own policies", () => {
  it('has the form and the size of one, and fits the schema strictly', () => {
    fc.assert(
      fc.property(refusal, (one) => {
        const texts = refusalPolicies(one);
        expect(texts.length).toBeGreaterThan(0);
        for (const text of texts) {
          expect(text.length).toBeLessThanOrEqual(POLICY_LIMITS.patientPolicyBytesMax);
          const policy = readPatientPolicy(text);
          if (!policy.ok) throw new Error(policy.rejection.code);
          expect(validatePolicies(schema.value, [policy.value], 'strict').flatMap(({ errors }) => errors)).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('forbids what the refusal says, and nothing else, decided by the rule engine', () => {
    const readers = fc.constantFrom(
      { type: 'Practitioner', id: DOCTOR_A, home: HOSPITAL_A },
      { type: 'Patient', id: DOCTOR_B, home: HOSPITAL_B },
      { type: 'Practitioner', id: id(0x77), home: HOSPITAL_B },
    );
    const context = fc.record({
      purpose: fc.constantFrom(...PURPOSES),
      nowMs: fc.integer({ min: 1, max: 2 * NOW_MS }),
    });
    let forbidden = 0;
    fc.assert(
      fc.property(refusal, readers, context, fc.nat(60), (one, reader, context, pick) => {
        const record = one.categories?.[pick % (one.categories.length + 1)] ?? new Uint8Array(16);
        const said = saysItself(one, reader, record, context);
        if (said) forbidden += 1;
        expect(refusalPolicies(one).some((text) => forbids(text, reader, record, context))).toBe(said);
      }),
      { numRuns: 1_000 },
    );
    expect(forbidden).toBeGreaterThan(50);
  });

  it('is none where only writing is refused: what is not granted is denied anyway', () => {
    const scope = { parties: [], purposes: null, categories: null, fromMs: null, untilMs: null };
    expect(refusalPolicies({ ...scope, reading: false, writing: true })).toEqual([]);
  });
});
