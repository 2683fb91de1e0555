import fc from 'fast-check';
import type { Consent } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { equal, toHex } from '../../../src/base/bytes.ts';
import { type ConsentImport, importConsent } from '../../../src/fhir/index.ts';
import { PURPOSES } from '../../../src/ledger/vocabulary.ts';
import * as cast from './cast.ts';
import { HOMES, type Question, surelyPermits } from './reference.ts';

const { NOW_MS, DAY_MS } = cast;
const at = (days: number) => new Date(NOW_MS + days * DAY_MS).toISOString();

const some = <T>(...values: T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });
/** Absent once in `freq`. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq: number) => fc.option(arbitrary, { nil: undefined, freq });

const limits = {
  type: fc.constantFrom('permit' as const, 'permit' as const, 'deny' as const, undefined),
  actor: maybe(
    some(
      ...[
        'Practitioner/a',
        'Practitioner/b',
        'RelatedPerson/f',
        'Organization/a',
        'Organization/b',
        'Practitioner/unknown',
      ].map((name) => cast.actor(name)),
      cast.actor('Organization/a', 'CST'),
    ),
    4,
  ),
  purpose: maybe(some(...[...PURPOSES, 'HMARKT'].map(cast.purpose)), 4),
  action: maybe(some(...['access', 'collect', 'correct', 'use'].map(cast.action)), 2),
  securityLabel: maybe(
    some(
      cast.label('N'),
      cast.label('R'),
      cast.label('V'),
      cast.label('U'),
      cast.sensitivity('PSY'),
      cast.sensitivity('HIV'),
    ),
    2,
  ),
  period: maybe(
    fc.record({
      start: fc.constantFrom(undefined, undefined, at(-1), at(1)),
      end: fc.constantFrom(undefined, at(-1), at(2), at(30)),
    }),
    2,
  ),
  class: fc.constantFrom(undefined, undefined, undefined, undefined, [{ code: 'Observation' }]),
};
const provision = fc.record(limits);
const tree = fc
  .tuple(provision, fc.array(provision, { maxLength: 3 }), fc.constantFrom(undefined, 'OPTIN', 'OPTOUT'))
  .map(
    ([root, nested, base]): Consent =>
      JSON.parse(
        JSON.stringify(
          cast.consent(
            (nested.length === 0 ? root : { ...root, provision: nested }) as NonNullable<Consent['provision']>,
            base === undefined ? {} : cast.base(base as 'OPTIN'),
          ),
        ),
      ),
  );

/** Every question of this small world. */
const QUESTIONS: readonly Question[] = Object.keys(HOMES).flatMap((person) =>
  PURPOSES.flatMap((purpose) =>
    cast.CATEGORIES.flatMap(({ category, epoch }) =>
      (['read', 'write'] as const).flatMap((action) =>
        [0, 1.5, 3, 400].map((days) => ({ person, purpose, category, epoch, action, atMs: NOW_MS + days * DAY_MS })),
      ),
    ),
  ),
);

/** What the import opens, by the chain's rules: a grant covers, and no policy of the patient's own forbids (break-glass and writing are beyond it). */
function opens({ grants, refusals }: ConsentImport, question: Question): boolean {
  const { person, purpose, category, epoch, action, atMs } = question;
  const isCovered = grants.some(
    ({ grantee, categories, purposes, access, expires }) =>
      (grantee.id === person || grantee.id === HOMES[person]) &&
      categories.some((one) => equal(one.category, category) && one.epochFrom <= epoch && epoch <= one.epochTo) &&
      (action === 'write' || purposes.some((one) => one === purpose)) &&
      access.includes(action) &&
      atMs < expires,
  );
  const isForbidden = refusals.some(
    (one) =>
      one.reading &&
      action === 'read' &&
      purpose !== 'BTG' &&
      one.parties.every(({ id }) => id === person || id === HOMES[person]) &&
      (one.purposes === null || one.purposes.some((denied) => denied === purpose)) &&
      (one.categories === null || one.categories.some((id) => equal(id, category))) &&
      (one.fromMs === null || one.fromMs <= atMs) &&
      (one.untilMs === null || atMs <= one.untilMs),
  );
  return isCovered && !isForbidden;
}

/** Ten thousand and more by `CARECHAIN_CONSENT_RUNS`; as many as stay quick by default. */
const RUNS = Number(process.env.CARECHAIN_CONSENT_RUNS ?? 1_200);

describe('an imported Consent', () => {
  it('never opens what the Consent may deny, asked 576 questions each', () => {
    let opened = 0;
    let importing = 0;
    fc.assert(
      fc.property(tree, (resource) => {
        const imported = importConsent(resource, cast.SETTING);
        if (imported.grants.length > 0) importing += 1;
        for (const question of imported.grants.length === 0 ? [] : QUESTIONS) {
          if (!opens(imported, question)) continue;
          opened += 1;
          // Writing asks for no purpose: it must be permitted for one of the grant's.
          const purposes =
            question.action === 'write' ? imported.grants.flatMap((one) => one.purposes) : [question.purpose];
          const isPermitted = purposes.some((purpose) => surelyPermits(resource, { ...question, purpose }));
          if (!isPermitted)
            expect({ question, category: toHex(question.category), resource, imported }).toBeUndefined();
        }
      }),
      { numRuns: RUNS },
    );
    // The property speaks of something.
    expect(importing).toBeGreaterThan(RUNS / 50);
    expect(opened).toBeGreaterThan(RUNS / 5);
  });

  it('has a finding for every part that is not imported', () => {
    fc.assert(
      fc.property(tree, (resource) => {
        const { grants, refusals, revocations, findings } = importConsent(resource, cast.SETTING);
        expect(grants.length + refusals.length + revocations.length + findings.length).toBeGreaterThan(0);
      }),
      { numRuns: 600 },
    );
  });

  it('never throws, whatever the resource holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (provision, rest) => {
        const noise = typeof rest === 'object' && rest !== null ? rest : {};
        const imported = importConsent({ ...cast.consent(undefined), ...noise, provision }, cast.SETTING);
        expect(imported.grants).toEqual([]);
      }),
    );
  });
});
