import type { Consent, ConsentProvision, ConsentProvisionActor } from 'fhir/r4.js';
import { toHex } from '../../base/bytes.ts';
import type { Grantee } from '../../ledger/families/payloads.ts';
import { type Party, referenceTo, referenceToRole } from '../references.ts';
import { coding, concept, OWN, purposeCoding, SYSTEMS } from '../terms.ts';
import { instantOf } from '../times.ts';
import { categoryText } from './read-data.ts';
import { type GrantTerms, LABEL_ORDER, type Label } from './types.ts';

/** A grant as the chain keeps it, and what a Consent says beside. */
export interface GrantSource {
  /** Transaction that granted, in hexadecimal: the Consent's id. */
  readonly grant: string;
  /** Addresses in hexadecimal. */
  readonly patient: string;
  /** The hospital that answers, and keeps the Consent. */
  readonly hospital: string;
  readonly terms: GrantTerms;
  /** Which kind of person a grantee is; a hospital or role needs none. */
  readonly person?: Extract<Party['kind'], 'practitioner' | 'related-person'>;
  /** Block time of the grant, ms. */
  readonly grantedMs: number;
  /** `inactive` once revoked, expired or used up. */
  readonly status: 'active' | 'inactive';
  /** Labels of the categories, for an audience that may know them. */
  readonly labels?: readonly Label[];
}

const PCF = 'https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.';
const ACTIONS: Readonly<Record<GrantTerms['access'], readonly string[]>> = {
  // IHE PCF has no actions: the purpose suffices.
  read: [],
  write: ['collect', 'correct'],
  'read-write': ['access', 'collect', 'correct'],
};

/** A grant as a FHIR R4 Consent, in the fields of IHE PCF where it is for reading (its Intermediate and Advanced options). */
export function consentOf(source: GrantSource): Consent {
  const { grant, patient, hospital, terms, grantedMs, status } = source;
  const subject = referenceTo({ kind: 'patient', id: patient });
  const profile = profileOf(source);
  return {
    resourceType: 'Consent',
    id: grant,
    ...(profile === null ? {} : { meta: { profile: [profile] } }),
    identifier: [
      { system: OWN.grant, value: grant },
      ...(terms.request === null ? [] : [{ system: OWN.request, value: toHex(terms.request) }]),
    ],
    status,
    scope: concept(SYSTEMS.consentScope, 'patient-privacy', 'Privacy Consent'),
    category: [concept(SYSTEMS.loinc, '59284-0', 'Consent Document')],
    patient: subject,
    dateTime: instantOf(grantedMs),
    performer: [subject],
    organization: [referenceTo({ kind: 'hospital', id: hospital })],
    sourceAttachment: { title: 'The transaction that granted', url: `${OWN.transaction}:${grant}` },
    policy: [{ uri: OWN.policy }],
    provision: provisionOf(source),
  };
}

function provisionOf({ terms, person, grantedMs, labels = [] }: GrantSource): ConsentProvision {
  const actions = ACTIONS[terms.access];
  const mark = [...labels].sort((a, b) => LABEL_ORDER.indexOf(b) - LABEL_ORDER.indexOf(a))[0];
  return {
    ...(terms.uses === null ? {} : { modifierExtension: [{ url: OWN.uses, valueUnsignedInt: terms.uses }] }),
    type: 'permit',
    // A period includes its end, a grant covers nothing from `expires` on.
    period: { start: instantOf(grantedMs), end: instantOf(terms.expires - 1) },
    actor: [actorOf(terms.grantee, person ?? 'practitioner')],
    ...(actions.length === 0 ? {} : { action: actions.map((action) => concept(SYSTEMS.consentAction, action)) }),
    // A high-water mark: one label says it.
    ...(mark === undefined ? {} : { securityLabel: [coding(SYSTEMS.confidentiality, mark)] }),
    purpose: terms.purposes.map(purposeCoding),
    data: terms.categories.map((category) => ({
      meaning: 'instance',
      reference: { identifier: { system: OWN.category, value: categoryText(category) } },
    })),
  };
}

function actorOf({ type, id }: Grantee, person: Party['kind']): ConsentProvisionActor {
  const role = concept(SYSTEMS.participation, 'IRCP', 'information recipient');
  if (type === 'role') return { role, reference: referenceToRole(id) };
  return { role, reference: referenceTo({ id, kind: type === 'hospital' || type === 'desk' ? 'hospital' : person }) };
}

/** PCF's Advanced option knows the labels N and R, its Intermediate one none; none of them knows writing. */
function profileOf({ terms, labels = [] }: GrantSource): string | null {
  if (terms.access !== 'read' || labels.includes('V')) return null;
  return `${PCF}${labels.length === 0 ? 'consentIntermediate' : 'consentAdvanced'}`;
}
