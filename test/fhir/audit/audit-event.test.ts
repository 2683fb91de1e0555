import fc from 'fast-check';
import type { AuditEvent } from 'fhir/r4.js';
import { describe, expect, it } from 'vitest';
import { auditEventOf, decisionEvent, profileFaults } from '../../../src/fhir/index.ts';
import { PURPOSES } from '../../../src/ledger/vocabulary.ts';
import { DOCTOR_A, PATIENT } from '../consent/cast.ts';
import { expectValid } from '../judge.ts';
import { bytes, line, RECORD, setting } from './lines.ts';

const AUDIENCES = ['owner', 'requester', 'reviewer'] as const;
const profileOf = ({ meta }: AuditEvent) => meta?.profile?.[0]?.split('IHE.BasicAudit.')[1];
const agentTypes = ({ agent }: AuditEvent) => agent.map(({ type }) => type?.coding?.[0]?.code);
const references = ({ entity = [] }: AuditEvent) => entity.map(({ what }) => what?.reference);

const anyLine = fc
  .record({
    kind: fc.constantFrom(
      'readRecord',
      'registerRecord',
      'amendRecord',
      'requestAccess',
      'grant',
      'revoke',
      'shred',
      'enrol',
      'vote',
    ),
    outcome: fc.constantFrom('applied', 'denied', 'failed'),
    code: fc.constantFrom(null, 'policy.denied', 'policy.patient-out-of-gas', 'record.unknown'),
    policies: fc.array(fc.constantFrom('sealed', 'patient:00')),
    owner: fc.constantFrom(null, bytes(PATIENT)),
    record: fc.constantFrom(null, bytes(RECORD)),
    purpose: fc.constantFrom(null, ...PURPOSES),
    path: fc.constantFrom(null, 'self', 'grant'),
    sender: fc.constantFrom(bytes(DOCTOR_A), bytes(PATIENT), bytes('77'.repeat(20))),
  })
  .map(line);

describe('a line of the trail as an AuditEvent', () => {
  it('is valid R4 for every kind, outcome and audience, and keeps the profile that it claims', () => {
    fc.assert(
      fc.property(anyLine, fc.constantFrom(...AUDIENCES), (one, audience) =>
        expectValid(auditEventOf(one, setting(audience))),
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['registerRecord', 'PatientCreate', 'C', ['110153', '110152', 'AUT', 'PROV']],
    ['amendRecord', 'PatientUpdate', 'U', ['110153', '110152', 'AUT', 'PROV']],
    ['readRecord', 'PatientRead', 'R', ['110152', '110153', 'IRCP', 'PROV']],
    ['shred', 'PatientDelete', 'D', ['110150', 'custodian', 'AUT', 'PROV']],
  ])('of an applied %s follows %s of BALP', (kind, profile, action, agents) => {
    const event = auditEventOf(line({ kind }), setting('owner'));
    expect([profileOf(event), event.action, agentTypes(event)]).toEqual([profile, action, agents]);
    expect(event.outcome).toBe('0');
    expect(references(event).slice(0, 2)).toEqual([`Patient/${PATIENT}`, `DocumentReference/${RECORD}`]);
    // BALP: the agents of the exchange have a network address, the person has none; one of them asked.
    expect(event.agent.map(({ network }) => network !== undefined)).toEqual([true, true, false, false]);
    expect(event.agent.map(({ requestor }) => requestor)).toEqual([false, false, true, false]);
  });

  it('claims no profile for what did not succeed, or is of no patient', () => {
    expect(
      profileOf(auditEventOf(line({ outcome: 'failed', code: 'record.unknown' }), setting('owner'))),
    ).toBeUndefined();
    expect(
      profileOf(auditEventOf(line({ kind: 'vote', owner: null, record: null }), setting('reviewer'))),
    ).toBeUndefined();
  });

  it('tells break-glass from treatment, by purpose and as an override', () => {
    const event = auditEventOf(line({ purpose: 'BTG' }), setting('owner'));
    expect(event.purposeOfEvent?.[0]?.coding?.[0]?.code).toBe('BTG');
    expect(event.subtype?.map(({ code }) => code)).toContain('110127');
    expect(auditEventOf(line(), setting('owner')).subtype?.map(({ code }) => code)).not.toContain('110127');
  });

  it('of a denial tells owner and reviewer who, what, why, and which policy', () => {
    const denied = line({ outcome: 'denied', code: 'policy.denied', path: null, policies: ['patient:0a'] });
    for (const audience of ['owner', 'reviewer'] as const) {
      const event = auditEventOf(denied, setting(audience));
      expect(event.outcome).toBe('4');
      expect(event.outcomeDesc).toBe('denied: policy.denied');
      expect(references(event)).toContain(`DocumentReference/${RECORD}`);
      expect(JSON.stringify(event)).toContain('patient:0a');
      expect(agentTypes(event)).toEqual(['110150', 'IRCP', 'PROV', 'authserver']);
    }
  });

  it('of a denial tells the requester the same, whatever the record, its owner and the reason are', () => {
    const blind = (change: object) =>
      auditEventOf(line({ outcome: 'denied', path: null, ...change }), setting('requester'));
    const reference = blind({ code: 'policy.denied', owner: null, record: null, policies: [] });
    expect(JSON.stringify(reference)).not.toContain(PATIENT);
    expect(JSON.stringify(reference)).not.toContain(RECORD);
    fc.assert(
      fc.property(anyLine, ({ code, policies, owner, record }) => {
        expect(blind({ code, policies, owner, record })).toEqual(reference);
      }),
      { numRuns: 100 },
    );
  });

  it('never names a category or a label', () => {
    for (const audience of AUDIENCES) {
      const text = JSON.stringify(auditEventOf(line(), setting(audience)));
      expect(text).not.toContain('urn:carechain:category');
      expect(text).not.toContain('v3-Confidentiality');
    }
  });
});

describe('a decision by a Consent', () => {
  it("claims BALP's profile: four agents, and patient and Consent alone", () => {
    const event = decisionEvent(line(), setting('owner'), 'c'.repeat(64));
    expect(profileOf(event)).toBe('AuthZconsent');
    expect(agentTypes(event)).toEqual(['110150', 'IRCP', 'PROV', 'authserver']);
    expect(references(event)).toEqual([`Patient/${PATIENT}`, `Consent/${'c'.repeat(64)}`]);
    const authorizer = event.agent.find(({ type }) => type?.coding?.[0]?.code === 'authserver');
    expect(authorizer?.who).toEqual(event.source.observer);
    expectValid(event);
    expect(profileFaults(event)).toEqual([]);
  });

  it('claims none where the asker belongs to no known hospital', () => {
    const stranger = line({ sender: bytes('77'.repeat(20)) });
    expect(profileOf(decisionEvent(stranger, setting('owner'), 'c'.repeat(64)))).toBeUndefined();
    expect(profileOf(decisionEvent(line(), setting('owner'), 'c'.repeat(64)))).toBe('AuthZconsent');
  });
});

describe("BALP's profiles", () => {
  const event = auditEventOf(line(), setting('owner'));
  const [device, server, user, ...rest] = event.agent;
  if (device === undefined || server === undefined || user === undefined) throw new Error('agents are missing');

  it.each([
    ['another action', { action: 'E' }],
    ['another outcome', { outcome: '4' }],
    ['another type', { type: { code: 'x' } }],
    ['another subtype', { subtype: [] }],
    ['no patient', { entity: event.entity?.slice(1) }],
    ['two records', { entity: [...(event.entity ?? []), event.entity?.[1]] }],
    ['no server', { agent: [device, user, ...rest] }],
    ['a device without a network', { agent: [{ ...device, network: undefined }, server, user] }],
    ['a person with one', { agent: [device, server, { ...user, network: { type: '5' } }] }],
    ['a person who did not ask', { agent: [device, server, { ...user, requestor: false }] }],
    ['a profile that is not known', { meta: { profile: ['urn:x'] } }],
  ])('are not kept with %s', (_what, change) => {
    expect(profileFaults({ ...event, ...change } as AuditEvent)).not.toEqual([]);
  });
});
