import { describe, expect, it } from 'vitest';
import { grantsWithin, importConsent, type StandingGrant } from '../../../src/fhir/index.ts';
import * as cast from './cast.ts';

const { consent, PERMIT, actor, purpose, action, label, sensitivity, NOW_MS, DAY_MS, SETTING } = cast;
const codesOf = (resource: unknown) => importConsent(resource, SETTING).findings.map(({ code }) => code.slice(13));
const permit = (limits: object) => consent({ ...PERMIT, ...limits });
const allow = (resource: object) => importConsent(resource, SETTING);

describe('a Consent that permits', () => {
  it('becomes a grant with its grantee, purposes and end; without actions, for reading', () => {
    const imported = allow(consent(PERMIT));
    expect(imported.findings).toEqual([]);
    expect(imported.grants).toEqual([
      {
        grantee: { type: 'person', id: cast.DOCTOR_A },
        categories: [
          { category: cast.category(1), epochFrom: 0, epochTo: 2 },
          { category: cast.category(2), epochFrom: 0, epochTo: 0 },
          { category: cast.category(3), epochFrom: 0, epochTo: 1 },
        ],
        purposes: ['TREAT'],
        access: 'read',
        expires: Date.parse('2027-01-01T00:00:00Z') + 1,
        uses: null,
        request: null,
      },
    ]);
  });

  it.each([
    [['access'], 'read'],
    [['collect', 'correct'], 'write'],
    [['access', 'collect', 'correct'], 'read-write'],
    [['access', 'correct'], 'read'],
  ])('with the actions %j grants %s', (actions, access) => {
    expect(allow(permit({ action: actions.map(action) })).grants[0]?.access).toBe(access);
  });

  it('up to a label covers the categories that bear it or a lower one, and by a sensitivity those marked with it', () => {
    const coveredBy = (securityLabel: object[]) =>
      allow(permit({ securityLabel })).grants.flatMap(({ categories }) =>
        categories.map(({ category }) => category[0]),
      );
    expect(coveredBy([label('N')])).toEqual([1]);
    expect(coveredBy([label('R')])).toEqual([1, 2]);
    expect(coveredBy([label('V')])).toEqual([1, 2, 3]);
    expect(coveredBy([sensitivity('PSY')])).toEqual([2]);
    expect(coveredBy([label('N'), sensitivity('PSY')])).toEqual([]);
  });

  it('names several: a grant each; a hospital is granted reading only', () => {
    const both = permit({
      actor: [actor('Practitioner/a'), actor('Organization/b')],
      action: ['access', 'collect', 'correct'].map(action),
    });
    expect(allow(both).grants.map(({ grantee, access }) => [grantee.type, access])).toEqual([
      ['person', 'read-write'],
      ['hospital', 'read'],
    ]);
    expect(allow(both).findings).toEqual([
      { code: 'fhir-consent.grantee-access', path: 'Consent.provision', effect: 'narrowed' },
    ]);
  });

  it('without an end, or with one too late, ends as late as the chain allows, and says so', () => {
    const latest = NOW_MS + SETTING.longestMs;
    expect(allow(permit({ period: undefined })).grants[0]?.expires).toBe(latest);
    expect(codesOf(permit({ period: undefined }))).toEqual(['no-end']);
    expect(allow(permit({ period: { end: '2999' } })).grants[0]?.expires).toBe(latest);
    expect(codesOf(permit({ period: { end: '2999' } }))).toEqual(['shortened']);
  });

  it('a date without a zone ends where that day ends first on earth', () => {
    expect(allow(permit({ period: { end: '2026-12-31' } })).grants[0]?.expires).toBe(
      Date.parse('2026-12-31T10:00:00Z'),
    );
  });

  it.each([
    ['to everybody', { actor: undefined }, 'no-recipient'],
    ['for every purpose', { purpose: undefined }, 'no-purpose'],
    ['for marketing', { purpose: [purpose('HMARKT')] }, 'purpose'],
    ['for a purpose of another system', { purpose: [{ code: 'TREAT' }] }, 'purpose'],
    ['to a custodian', { actor: [actor('Organization/a', 'CST')] }, 'actor-role'],
    ['to a stranger', { actor: [actor('Practitioner/x')] }, 'unknown-actor'],
    ['to correct and not to collect', { action: [action('correct')] }, 'action'],
    ['to disclose', { action: [action('disclose')] }, 'action', 'action'],
    ['what is unrestricted', { securityLabel: [label('U')] }, 'label'],
    ['what no category is marked with', { securityLabel: [sensitivity('STD')] }, 'no-category'],
    ['kinds of content', { class: [{ code: 'Observation' }] }, 'class'],
    ['clinical codes', { code: [{ text: 'x' }] }, 'code'],
    ['one resource', { data: [{ meaning: 'instance', reference: { reference: 'Task/1' } }] }, 'data', 'no-category'],
    ['data of a time', { dataPeriod: { start: '2020' } }, 'data-period'],
    ['from tomorrow on', { period: { start: new Date(NOW_MS + DAY_MS).toISOString() } }, 'starts-later'],
    ['from today on, in a zone that is not said', { period: { start: '2026-03-04' } }, 'starts-later'],
    ['until yesterday', { period: { end: '2026-03-03' } }, 'expired'],
    ['with a modifier', { modifierExtension: [{ url: 'urn:x' }] }, 'modifier'],
    ['with an element that R4 does not know', { purposes: [] }, 'unknown-element'],
    ['with an element of a wrong form', { purpose: 'TREAT' }, 'malformed'],
    ['with an empty list', { actor: [] }, 'malformed'],
    ['with a time that is none', { period: { end: '2026-02-30' } }, 'malformed'],
  ])('%s grants nothing', (_what, limits, ...codes) => {
    expect(allow(permit(limits)).grants).toEqual([]);
    expect(codesOf(permit(limits))).toEqual(codes);
  });

  it.each([
    ['a draft', { status: 'draft' as const }, 'not-active'],
    ['one about research', { scope: { coding: [{ code: 'research' }] } }, 'scope'],
    ['one of another patient', { patient: { reference: 'RelatedPerson/f' } }, 'patient'],
    ['one that was not verified', { verification: [{ verified: false }] }, 'unverified'],
    ['one under implicit rules', { implicitRules: 'urn:x' }, 'modifier'],
    ['one under another base policy', { policyRule: { coding: [{ code: 'cric' }] } }, 'policy-rule'],
  ])('%s counts for nothing', (_what, rest, code) => {
    expect(allow(consent(PERMIT, rest)).grants).toEqual([]);
    expect(codesOf(consent(PERMIT, rest))).toEqual([code]);
  });
});

describe('a Consent that permits with exceptions', () => {
  const except = (exception: object, limits: object = {}) =>
    permit({ ...limits, provision: [{ type: 'deny', ...exception }] });

  it('grants, and refuses the exception within the same purposes', () => {
    const imported = allow(except({ actor: [actor('Practitioner/a')] }, { actor: [actor('Organization/a')] }));
    expect(imported.grants.map(({ grantee }) => grantee.type)).toEqual(['hospital']);
    expect(imported.refusals.map(({ parties, purposes }) => [parties.map(({ type }) => type), purposes])).toEqual([
      [['hospital', 'person'], ['TREAT']],
    ]);
  });

  it('grants nothing where the exception is not understood', () => {
    const resource = except({ code: [{ text: 'x' }] });
    expect(allow(resource)).toMatchObject({ grants: [], refusals: [] });
    expect(codesOf(resource)).toEqual(['code', 'exception']);
  });

  it.each([
    ['a label has two readings', { securityLabel: [label('R')] }, ['denied-label', 'exception']],
    ['nothing is marked with the sensitivity', { securityLabel: [sensitivity('STDX')] }, ['sensitivity', 'exception']],
    ['an exception has an exception', { provision: [{ type: 'permit' }] }, ['nesting', 'exception']],
  ])('grants nothing where %s', (_why, exception, codes) => {
    expect(allow(except(exception)).grants).toEqual([]);
    expect(codesOf(except(exception))).toEqual(codes);
  });

  it('grants no break-glass beside an exception to it, and no writing', () => {
    const limits = { purpose: ['TREAT', 'BTG'].map(purpose), actor: [actor('Organization/a')] };
    const imported = allow(except({ actor: [actor('Practitioner/a')] }, limits));
    expect(imported.grants[0]?.purposes).toEqual(['TREAT']);
    expect(imported.findings.map(({ code }) => code)).toEqual(['fhir-consent.break-glass']);
    const writing = except(
      { securityLabel: [sensitivity('PSY')] },
      { action: ['access', 'collect', 'correct'].map(action) },
    );
    expect(allow(writing).grants.map(({ access }) => access)).toEqual(['read']);
    expect(codesOf(writing)).toEqual(['write-exception']);
  });
});

describe('a Consent that denies', () => {
  const deny = (limits: object) => consent({ type: 'deny', ...limits });

  it('becomes a refusal and no grant; treatment includes what stands below it', () => {
    const imported = allow(deny({ actor: [actor('Organization/a')], purpose: [purpose('TREAT')] }));
    expect(imported.grants).toEqual([]);
    expect(imported.refusals).toHaveLength(1);
    expect(imported.refusals[0]).toMatchObject({ purposes: ['TREAT', 'ETREAT', 'BTG'], reading: true, writing: true });
  });

  it('with exceptions becomes only what those permit, within it', () => {
    const imported = allow(
      deny({ purpose: [purpose('TREAT')], provision: [{ ...PERMIT, purpose: ['TREAT', 'HRESCH'].map(purpose) }] }),
    );
    expect(imported.grants.map(({ grantee, purposes }) => [grantee.id, purposes])).toEqual([
      [cast.DOCTOR_A, ['TREAT']],
    ]);
    expect(imported.refusals).toEqual([]);
    expect(imported.revocations).toHaveLength(1);
  });

  it('tells which standing grants it reaches', () => {
    const [refusal] = allow(deny({ actor: [actor('Organization/a')], purpose: [purpose('TREAT')] })).refusals;
    if (refusal === undefined) throw new Error('no refusal');
    const grant = (
      type: 'person' | 'hospital' | 'role',
      id: string,
      purposes: StandingGrant['row']['purposes'],
    ): StandingGrant => ({
      grantee: { type, id },
      category: cast.category(1),
      row: { access: 'read', purposes },
    });
    const standing = [
      grant('hospital', cast.HOSPITAL_A, ['BTG']),
      grant('hospital', cast.HOSPITAL_B, ['BTG']),
      grant('person', cast.DOCTOR_A, ['TREAT']),
      grant('person', cast.DOCTOR_B, ['TREAT']),
      grant('person', cast.DOCTOR_A, ['HRESCH']),
      grant('person', 'unknown', ['TREAT']),
    ];
    const homes: Record<string, string> = { [cast.DOCTOR_A]: cast.HOSPITAL_A, [cast.DOCTOR_B]: cast.HOSPITAL_B };
    const whereabouts = (person: string) => {
      const home = homes[person];
      return home === undefined ? undefined : { home, role: 'practitioner' };
    };
    expect(grantsWithin(refusal, standing, whereabouts).map((one) => standing.indexOf(one))).toEqual([0, 2, 5]);
  });
});
