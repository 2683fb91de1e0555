import type { Consent } from 'fhir/r4.js';
import type { Address, Hash } from '../../base/brand.ts';
import { equal, toHex } from '../../base/bytes.ts';
import { consentOf, type GrantTerms, type Label, standingTerms } from '../../fhir/index.ts';
import { PAYLOADS, type Payload } from '../../ledger/families/payloads.ts';
import { grantKeyOf } from '../../ledger/grant-key.ts';
import type { StateReader } from '../../ledger/state/table.ts';
import { delegatingKeys, grants, participants } from '../../ledger/state/tables.ts';
import { readTransaction } from '../../ledger/transaction.ts';
import { reading } from '../reading.ts';
import type { NodeService } from '../service.ts';
import { senderIdOf } from '../transaction-face.ts';
import { BlockLookUp } from './block-look-up.ts';

/** A grant as it was signed. */
export interface SignedGrant {
  readonly grant: Hash;
  readonly patient: Address;
  readonly grantedMs: number;
  readonly payload: Payload<'grant'>;
}

/** The applied grant of that transaction id; `undefined` where it is no grant. */
export async function signedGrant(service: NodeService, grant: Hash): Promise<SignedGrant | undefined> {
  const found = await service.receipt(grant);
  if (found === undefined || found.receipt.outcome !== 'applied') return undefined;
  const read = readTransaction(service.env.chainId, found.transaction);
  if (!read.ok || read.value.transaction.kind !== 'grant') return undefined;
  const { transaction } = read.value;
  const payload = PAYLOADS.grant(transaction.payload, '');
  if (!payload.ok) return undefined;
  const patient = reading(service, (view) => senderIdOf(service.env.primitives, view, transaction.publicKey));
  const grantedMs = await new BlockLookUp(service).timestampMs(found.height);
  return { grant, patient, grantedMs, payload: payload.value };
}

/**
 * The Consent: with what still stands of the grant, from its rows, and `inactive` with all that was signed once nothing does. Labels are told: the
 * patient alone may ask (`viewGrants`).
 */
export function consentAt(service: NodeService, { grant, patient, grantedMs, payload }: SignedGrant): Consent {
  const { grantee, categories, request } = payload;
  const nowMs = service.tip().header.timestampMs;
  return reading(service, (view) => {
    const owner = toHex(patient);
    const rows = categories.flatMap(({ category }) => {
      const row = grants.get(view, owner, grantKeyOf(grantee, category));
      return row !== undefined && equal(row.grant, grant) ? [{ grantee, category, row }] : [];
    });
    const [standing] = standingTerms(rows, nowMs);
    const { delivery: _, ...signed } = payload;
    const terms: GrantTerms = standing === undefined ? signed : { ...standing.terms, request };
    return consentOf({
      grant: toHex(grant),
      patient: owner,
      hospital: toHex(service.hospital),
      terms,
      person: personOf(view, grantee),
      grantedMs,
      status: standing === undefined || standing.isOver ? 'inactive' : 'active',
      labels: labelsOf(view, owner, terms),
    });
  });
}

const personOf = (state: StateReader, { type, id }: GrantTerms['grantee']): 'practitioner' | 'related-person' =>
  type === 'person' && participants.get(state, id)?.role === 'patient' ? 'related-person' : 'practitioner';

const labelsOf = (state: StateReader, patient: string, { categories }: GrantTerms): readonly Label[] =>
  categories.flatMap(({ category }) => delegatingKeys.get(state, patient, toHex(category))?.label ?? []);
