import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from 'fhir/r4.js';
import { toHex } from '../../base/bytes.ts';
import type { AuditLine } from '../../ledger/audit.ts';
import { recordReference, referenceTo } from '../references.ts';
import { coding, OWN, purposeCoding, SYSTEMS } from '../terms.ts';
import { instantOf } from '../times.ts';
import {
  AGENT,
  type AgentType,
  type AuditSetting,
  dataEntity,
  deviceAgent,
  partyAgent,
  patientEntity,
  serverAgent,
  sourceOf,
  transactionEntity,
  userAgent,
} from './audit-setting.ts';
import { decisionEvent } from './decision-event.ts';

export const BALP = 'https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.';

/** How BALP writes down one thing that was done to a patient's data. */
interface Pattern {
  readonly profile: string;
  readonly action: NonNullable<AuditEvent['action']>;
  readonly interaction: string;
  readonly device: AgentType;
  readonly server: AgentType;
  readonly user: AgentType;
}

const WRITING = { device: AGENT.source, server: AGENT.destination, user: AGENT.author };
/** Kinds of transaction that are one of BALP's patterns; `shred` is of the tombstone that stays. */
const PATTERNS: Readonly<Record<string, Pattern>> = {
  registerRecord: { profile: 'PatientCreate', action: 'C', interaction: 'create', ...WRITING },
  amendRecord: { profile: 'PatientUpdate', action: 'U', interaction: 'update', ...WRITING },
  readRecord: {
    profile: 'PatientRead',
    action: 'R',
    interaction: 'read',
    device: AGENT.destination,
    server: AGENT.source,
    user: AGENT.recipient,
  },
  shred: {
    profile: 'PatientDelete',
    action: 'D',
    interaction: 'delete',
    device: AGENT.application,
    server: AGENT.custodian,
    user: AGENT.author,
  },
};
/** Everything else that a transaction does: an operation, by the kind's name. */
const OPERATION: Pattern = { profile: '', action: 'E', interaction: 'operation', ...WRITING };

/** One line of an audit trail (T-16) as a FHIR AuditEvent, with as much as its reader may know. */
export function auditEventOf(line: AuditLine, setting: AuditSetting): AuditEvent {
  if (line.outcome === 'denied') return decisionEvent(line, setting, null);
  const pattern = Object.hasOwn(PATTERNS, line.kind) ? (PATTERNS[line.kind] ?? OPERATION) : OPERATION;
  const isDone = line.outcome === 'applied';
  const entities = entitiesOf(line, setting);
  // The profiles are of what succeeded, with its patient and its data.
  const isWhole = isDone && pattern !== OPERATION && line.owner !== null && line.record !== null;
  return {
    resourceType: 'AuditEvent',
    id: toHex(line.transactionId),
    ...(isWhole ? { meta: { profile: [`${BALP}${pattern.profile}`] } } : {}),
    type: coding(SYSTEMS.auditEventType, 'rest', 'Restful Operation'),
    subtype: subtypesOf(line, pattern),
    action: pattern.action,
    recorded: instantOf(line.timestampMs),
    outcome: isDone ? '0' : '4',
    ...(isDone ? {} : { outcomeDesc: `not done: ${line.code ?? 'unknown'}` }),
    ...(line.purpose === null ? {} : { purposeOfEvent: [{ coding: [purposeCoding(line.purpose)] }] }),
    agent: agentsOf(line, pattern, setting),
    source: sourceOf(setting),
    entity: entities,
  };
}

function subtypesOf({ kind, purpose }: AuditLine, { interaction }: Pattern): Coding[] {
  const emergency = purpose === 'BTG' ? [coding(SYSTEMS.dicom, '110127', 'Emergency Override Started')] : [];
  return [coding(SYSTEMS.restful, interaction, interaction), coding(OWN.transactionKind, kind), ...emergency];
}

function agentsOf(line: AuditLine, { device, server, user }: Pattern, setting: AuditSetting): AuditEventAgent[] {
  const home = setting.whoIs(toHex(line.sender))?.home ?? null;
  const organization = home === null ? [] : [partyAgent(AGENT.provider, referenceTo({ kind: 'hospital', id: home }))];
  return [deviceAgent(device, line), serverAgent(server, setting), userAgent(user, line, setting), ...organization];
}

/** Whoever asked and failed learns nothing of the record that he could not name before. */
function entitiesOf(line: AuditLine, { audience }: AuditSetting): AuditEventEntity[] {
  const { owner, record, outcome, transactionId, kind } = line;
  const mayKnow = audience !== 'requester' || outcome === 'applied';
  const transaction = transactionEntity(line, audience !== 'requester');
  if (!mayKnow) return [transaction];
  const consent =
    kind === 'grant' && outcome === 'applied'
      ? [dataEntity({ reference: `Consent/${toHex(transactionId)}`, type: 'Consent' })]
      : [];
  return [
    ...(owner === null ? [] : [patientEntity(toHex(owner))]),
    ...(record === null ? consent : [dataEntity(recordReference(toHex(record)))]),
    transaction,
  ];
}
