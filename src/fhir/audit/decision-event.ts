import type { AuditEvent, AuditEventAgent, AuditEventEntity } from 'fhir/r4.js';
import { toHex } from '../../base/bytes.ts';
import type { AuditLine } from '../../ledger/audit.ts';
import { recordReference, referenceTo } from '../references.ts';
import { coding, OWN, purposeCoding, SYSTEMS } from '../terms.ts';
import { instantOf } from '../times.ts';
import {
  AGENT,
  type AuditSetting,
  dataEntity,
  deviceAgent,
  partyAgent,
  patientEntity,
  siteReference,
  sourceOf,
  transactionEntity,
  userAgent,
} from './audit-setting.ts';

const PROFILE = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.AuthZconsent';
/** All that a denied requester is told; a sentence without a fact in it. */
const NOT_COVERED = 'No grant covers this request.';

/**
 * What the chain decided, as BALP's authorization decision. It claims the profile only where a Consent decided, and the asker's hospital is known.
 * A denied requester's event is the same whether the record exists or not: it names no patient, no record, no policy and no code.
 */
export function decisionEvent(line: AuditLine, setting: AuditSetting, consent: string | null): AuditEvent {
  const { outcome, purpose, kind, timestampMs, transactionId } = line;
  const isDenied = outcome === 'denied';
  const isBlind = isDenied && setting.audience === 'requester';
  const home = setting.whoIs(toHex(line.sender))?.home ?? null;
  const isWhole = !isBlind && consent !== null && home !== null && line.owner !== null;
  return {
    resourceType: 'AuditEvent',
    id: toHex(transactionId),
    ...(isWhole ? { meta: { profile: [PROFILE] } } : {}),
    type: coding(SYSTEMS.dicom, '110113', 'Security Alert'),
    subtype: [coding(SYSTEMS.authorization, subtypeOf(kind)), coding(OWN.transactionKind, kind)],
    action: 'E',
    recorded: instantOf(timestampMs),
    outcome: isDenied ? '4' : '0',
    ...(isDenied ? { outcomeDesc: isBlind ? NOT_COVERED : `denied: ${line.code ?? 'unknown'}` } : {}),
    ...(purpose === null ? {} : { purposeOfEvent: [{ coding: [purposeCoding(purpose)] }] }),
    agent: agentsOf(line, setting, home),
    source: sourceOf(setting),
    entity: isBlind ? [blindEntity(line)] : entitiesOf(line, consent),
  };
}

/** Kinds that a patient's grants or own policies decide. By the kind alone: by the patient, it would tell whether there is one. */
const BY_CONSENT: ReadonlySet<string> = new Set(['requestAccess', 'readRecord', 'registerRecord', 'amendRecord']);
const subtypeOf = (kind: string): string => (BY_CONSENT.has(kind) ? 'AuthZ-Consent' : 'AuthZ-Role');

const agentsOf = (line: AuditLine, setting: AuditSetting, home: string | null): AuditEventAgent[] => [
  deviceAgent(AGENT.application, line),
  userAgent(AGENT.recipient, line, setting),
  ...(home === null ? [] : [partyAgent(AGENT.provider, referenceTo({ kind: 'hospital', id: home }))]),
  partyAgent(AGENT.authorizer, siteReference(setting)),
];

const blindEntity = (line: AuditLine): AuditEventEntity => transactionEntity(line, false);

/** The profile's list is closed: patient and Consent. Without a Consent it is not claimed, and the record and the policies are told. */
function entitiesOf(line: AuditLine, consent: string | null): AuditEventEntity[] {
  const { owner, record } = line;
  const patient = owner === null ? [] : [patientEntity(toHex(owner))];
  if (consent !== null)
    return [
      ...patient,
      {
        type: coding(SYSTEMS.resourceTypes, 'Consent', 'Consent'),
        what: { reference: `Consent/${consent}`, type: 'Consent' },
      },
    ];
  return [
    ...patient,
    ...(record === null ? [] : [dataEntity(recordReference(toHex(record)))]),
    transactionEntity(line, true),
  ];
}
