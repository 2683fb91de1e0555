import { ROLES, type Role } from '../../ledger/vocabulary.ts';
import type { ConsentCode } from '../codes.ts';
import type { JsonMap } from '../json.ts';
import { OWN, SYSTEMS } from '../terms.ts';
import type { Reading } from './reading.ts';
import type { ConsentParty, ConsentSetting } from './types.ts';

/** Recipients: IHE PCF names `IRCP`, R4's own examples `PRCP`. Custodians and authors are no grantees. */
const RECIPIENTS: readonly (string | null)[] = ['IRCP', 'PRCP'];
const ADDRESS = /^[0-9a-f]{40}$/;

/** Whom an actor means, or why nobody. */
export function readParty(
  reading: Reading,
  actor: JsonMap,
  setting: ConsentSetting,
  path: string,
): ConsentParty | ConsentCode {
  const role = reading.map(actor, 'role', path);
  const reference = reading.map(actor, 'reference', path);
  if (role === null || reference === null) return 'fhir-consent.actor-role';
  if (!RECIPIENTS.includes(reading.codeOf(role, SYSTEMS.participation, path))) return 'fhir-consent.actor-role';
  return partyOf(reading, reference, setting, path) ?? 'fhir-consent.unknown-actor';
}

/** A reference of this chain speaks for itself; any other is the caller's to resolve. */
export function partyOf(
  reading: Reading,
  reference: JsonMap,
  { resolve }: Pick<ConsentSetting, 'resolve'>,
  path: string,
): ConsentParty | undefined {
  const literal = reading.text(reference, 'reference', path) ?? '';
  const identifier = reading.map(reference, 'identifier', path);
  const system = identifier === null ? '' : (reading.text(identifier, 'system', path) ?? '');
  const value = identifier === null ? '' : (reading.text(identifier, 'value', path) ?? '');
  const type = reading.text(reference, 'type', path) ?? literal.split('/')[0] ?? '';
  if (system === OWN.role) return ROLES.includes(value as Role) ? { type: 'role', id: value } : undefined;
  if (system === OWN.address) return ADDRESS.test(value) ? ownParty(type, value) : undefined;
  return resolve({ reference: literal, identifier: identifier === null ? '' : `${system}|${value}` });
}

function ownParty(type: string, id: string): ConsentParty | undefined {
  switch (type) {
    case 'Organization':
      return { type: 'hospital', id };
    case 'Practitioner':
      return { type: 'person', id, entity: 'Practitioner' };
    case 'Patient':
    case 'RelatedPerson':
      return { type: 'person', id, entity: 'Patient' };
    default:
      return undefined;
  }
}
