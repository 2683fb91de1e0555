import type { AuditEventAgent, AuditEventEntity, AuditEventSource, CodeableConcept, Reference } from 'fhir/r4.js';
import { toHex } from '../../base/bytes.ts';
import type { AuditLine } from '../../ledger/audit.ts';
import { type Party, referenceTo } from '../references.ts';
import { coding, concept, OWN, purposeCoding, SYSTEMS } from '../terms.ts';

/** Who reads the event. A denied requester learns that nothing covers the request, and no more (PRIVACY.md, "Transport"). */
export type AuditAudience = 'owner' | 'requester' | 'reviewer';

export interface AuditSetting {
  readonly audience: AuditAudience;
  /** The hospital whose server answers from the chain, and the address of its FHIR face. */
  readonly site: { readonly hospital: string; readonly url: string };
  /** Somebody by address in hexadecimal; `undefined` where the asker may not know, or nobody does. */
  readonly whoIs: (address: string) => { readonly kind: Party['kind']; readonly home: string | null } | undefined;
}

export type AgentType = readonly [system: string, code: string, display: string];

/** Agents by what BALP 1.1.4 calls their slices. */
export const AGENT = {
  source: [SYSTEMS.dicom, '110153', 'Source Role ID'],
  destination: [SYSTEMS.dicom, '110152', 'Destination Role ID'],
  application: [SYSTEMS.dicom, '110150', 'Application'],
  custodian: [SYSTEMS.provenanceAgent, 'custodian', 'Custodian'],
  recipient: [SYSTEMS.participation, 'IRCP', 'information recipient'],
  author: [SYSTEMS.participation, 'AUT', 'author (originator)'],
  provider: [SYSTEMS.roleClass, 'PROV', 'healthcare provider'],
  authorizer: [SYSTEMS.securityRole, 'authserver', 'authorization server'],
  patientAdvocate: [SYSTEMS.snomed, '429577009', 'Patient advocate'],
} as const satisfies Record<string, AgentType>;

const typeOf = ([system, code, display]: AgentType): CodeableConcept => concept(system, code, display);

/** Somebody who is not known here is named by his address alone. */
export const personReference = (address: string, { whoIs }: AuditSetting): Reference => {
  const known = whoIs(address);
  return known === undefined
    ? { identifier: { system: OWN.address, value: address } }
    : referenceTo({ id: address, kind: known.kind });
};

export const siteReference = ({ site }: AuditSetting): Reference =>
  referenceTo({ kind: 'hospital', id: site.hospital });

export const sourceOf = (setting: AuditSetting): AuditEventSource => ({
  site: setting.site.url,
  observer: siteReference(setting),
  type: [coding(SYSTEMS.sourceType, '4', 'Application Server')],
});

/** The person who asked. */
export const userAgent = (type: AgentType, { sender, purpose }: AuditLine, setting: AuditSetting): AuditEventAgent => ({
  type: typeOf(type),
  who: personReference(toHex(sender), setting),
  requestor: true,
  ...(purpose === null ? {} : { purposeOfUse: [{ coding: [purposeCoding(purpose)] }] }),
});

/** His device. A chain has no network addresses, and a trail that kept them would say where people were: the account is the address. */
export const deviceAgent = (type: AgentType, { sender }: AuditLine): AuditEventAgent => {
  const address = toHex(sender);
  return {
    type: typeOf(type),
    who: { identifier: { system: OWN.address, value: address }, display: 'a device with the account key' },
    requestor: false,
    network: { address: `${OWN.address}:${address}`, type: '5' },
  };
};

export const serverAgent = (type: AgentType, setting: AuditSetting): AuditEventAgent => ({
  type: typeOf(type),
  who: siteReference(setting),
  requestor: false,
  network: { address: setting.site.url, type: '5' },
});

export const partyAgent = (type: AgentType, who: Reference): AuditEventAgent => ({
  type: typeOf(type),
  who,
  requestor: false,
});

export const patientEntity = (owner: string): AuditEventEntity => ({
  what: referenceTo({ kind: 'patient', id: owner }),
  type: coding(SYSTEMS.auditEntityType, '1', 'Person'),
  role: coding(SYSTEMS.objectRole, '1', 'Patient'),
});

export const dataEntity = (what: Reference): AuditEventEntity => ({
  what,
  type: coding(SYSTEMS.auditEntityType, '2', 'System Object'),
  role: coding(SYSTEMS.objectRole, '4', 'Domain Resource'),
});

/** Where on the chain it stands, and what decided, for those who may know. */
export const transactionEntity = (
  { transactionId, height, index, policies, path }: AuditLine,
  tellsWhy: boolean,
): AuditEventEntity => ({
  what: { identifier: { system: OWN.transaction, value: toHex(transactionId) } },
  type: coding(OWN.transaction, 'transaction'),
  detail: [
    { type: 'height', valueString: String(height) },
    { type: 'index', valueString: String(index) },
    ...(tellsWhy ? policies.map((policy) => ({ type: 'policy', valueString: policy })) : []),
    ...(tellsWhy && path !== null ? [{ type: 'key path', valueString: path }] : []),
  ],
});
