import { equal } from '../../base/bytes.ts';
import type { Grantee } from '../../ledger/families/payloads.ts';
import type { GrantRow } from '../../ledger/state/tables.ts';
import type { ConsentParty, ConsentRefusal } from './types.ts';

/** A grant as the API lists it. */
export interface StandingGrant {
  readonly grantee: Grantee;
  readonly category: Uint8Array;
  readonly row: Pick<GrantRow, 'access' | 'purposes'>;
}

/** Home hospital and role of a person, in hexadecimal and by name; `undefined` for somebody unknown. */
export type Whereabouts = (person: string) => { readonly home: string; readonly role: string } | undefined;

/**
 * Standing grants that a refusal reaches, to be revoked: what break-glass and writing allow, no policy of the patient's closes. A person of
 * whom nothing is known counts as included; a hospital's grant is not closed for the sake of one of its people.
 */
export const grantsWithin = <G extends StandingGrant>(
  refusal: ConsentRefusal,
  standing: readonly G[],
  whereabouts: Whereabouts,
): readonly G[] =>
  standing.filter(
    ({ grantee, category, row }) =>
      refusal.parties.every((party) => includes(party, grantee, whereabouts)) &&
      (refusal.categories === null || refusal.categories.some((one) => equal(one, category))) &&
      isRefused(refusal, row),
  );

function isRefused(
  { reading, writing, purposes }: ConsentRefusal,
  { access, purposes: granted }: StandingGrant['row'],
): boolean {
  const forSome = purposes === null || granted.some((purpose) => purposes.includes(purpose));
  return forSome && ((reading && access !== 'write') || (writing && access !== 'read'));
}

function includes(party: ConsentParty, grantee: Grantee, whereabouts: Whereabouts): boolean {
  if (party.type === grantee.type) return party.id === grantee.id;
  if (grantee.type !== 'person') return false;
  const known = whereabouts(grantee.id);
  if (known === undefined) return true;
  return party.type === 'hospital' ? known.home === party.id : known.role === party.id;
}
