import type { Hash } from '../../base/brand.ts';
import { fromHex } from '../../base/bytes.ts';
import { field, isMap, type JsonMap, textField, typeOf } from '../json.ts';
import { OWN, SYSTEMS } from '../terms.ts';
import { combine } from './combine.ts';
import { partyOf } from './read-party.ts';
import { readRule, refused } from './read-rule.ts';
import { Reading } from './reading.ts';
import type { ConsentFinding, ConsentImport, ConsentSetting } from './types.ts';

const NOTHING: ConsentImport = { grants: [], refusals: [], revocations: [], findings: [] };
const BASES: readonly (string | null)[] = ['OPTIN', 'OPTOUT'];

/**
 * A FHIR R4 Consent, parsed from a file (`parseBounded`), in the words of this chain: what is to be granted, refused and revoked, and a
 * finding for each part that is not imported as it stands. Where the resource can be read in two ways, only what both permit is granted;
 * whatever is granted, the Consent permits.
 */
export function importConsent(value: unknown, setting: ConsentSetting): ConsentImport {
  const reading = new Reading();
  if (!isMap(value) || typeOf(value) !== 'Consent') return onlyRefused('fhir-consent.malformed', 'Consent');
  const obstacle = envelopeObstacle(reading, value, setting);
  const provision = reading.map(value, 'provision', 'Consent');
  const root = provision === null ? null : readRule(reading, provision, setting);
  const base = baseOf(reading, value);
  const request = requestOf(reading, value);
  if (reading.fault !== null) return onlyRefused(reading.fault.code, reading.fault.path);
  if (obstacle !== null) return { ...NOTHING, findings: [obstacle] };

  const findings = base === 'OPTIN' ? [refused('fhir-consent.base-permits', 'Consent.policyRule')] : [];
  if (root === null) return { ...NOTHING, findings: [...findings, refused('fhir-consent.no-provision', 'Consent')] };
  const combined = combine(root, setting);
  const [only, ...others] = combined.grants;
  // An answer to a request is one grant to the one who asked.
  const answers = request !== null && only !== undefined && others.length === 0 && only.grantee.type === 'person';
  return {
    ...combined,
    grants: answers ? [{ ...only, request }] : combined.grants,
    findings: distinct([...findings, ...combined.findings]),
  };
}

const onlyRefused = (code: ConsentFinding['code'], path: string): ConsentImport => ({
  ...NOTHING,
  findings: [refused(code, path)],
});

/** Why nothing of the Consent counts. */
function envelopeObstacle(reading: Reading, consent: JsonMap, setting: ConsentSetting): ConsentFinding | null {
  if (field(consent, 'modifierExtension') !== undefined || field(consent, 'implicitRules') !== undefined)
    return refused('fhir-consent.modifier', 'Consent');
  if (textField(consent, 'status') !== 'active') return refused('fhir-consent.not-active', 'Consent.status');
  const scope = reading.map(consent, 'scope', 'Consent');
  if (scope === null || reading.codeOf(scope, SYSTEMS.consentScope, 'Consent.scope') !== 'patient-privacy')
    return refused('fhir-consent.scope', 'Consent.scope');
  const patient = reading.map(consent, 'patient', 'Consent');
  const party = patient === null ? undefined : partyOf(reading, patient, setting, 'Consent.patient');
  if (party?.type !== 'person' || party.id !== setting.patient)
    return refused('fhir-consent.patient', 'Consent.patient');
  const verifications = reading.maps(consent, 'verification', 'Consent') ?? [];
  if (verifications.some((one) => field(one, 'verified') !== true))
    return refused('fhir-consent.unverified', 'Consent.verification');
  return null;
}

/** Opt-in, opt-out, or null where the provisions say it all (IHE PCF has no `policyRule`). */
function baseOf(reading: Reading, consent: JsonMap): string | null {
  const rule = reading.map(consent, 'policyRule', 'Consent');
  if (rule === null) return null;
  const code = reading.codeOf(rule, SYSTEMS.actCode, 'Consent.policyRule');
  if (!BASES.includes(code)) reading.fail('Consent.policyRule', 'fhir-consent.policy-rule');
  return code;
}

function requestOf(reading: Reading, consent: JsonMap): Hash | null {
  const identifiers = reading.maps(consent, 'identifier', 'Consent') ?? [];
  const ours = identifiers.find((one) => textField(one, 'system') === OWN.request);
  const bytes = ours === undefined ? undefined : fromHex(textField(ours, 'value') ?? '');
  return bytes?.length === 32 ? (bytes as Hash) : null;
}

function distinct(findings: readonly ConsentFinding[]): readonly ConsentFinding[] {
  const seen = new Map(findings.map((one) => [`${one.code} ${one.path} ${one.effect}`, one]));
  return [...seen.values()];
}
