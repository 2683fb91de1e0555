import type { Address } from '../../base/brand.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { type AuditSetting, kindOfRole, type Party } from '../../fhir/index.ts';
import type { StateReader } from '../../ledger/state/table.ts';
import { hospitals, participants } from '../../ledger/state/tables.ts';
import { permits } from '../access.ts';
import { reading } from '../reading.ts';
import type { Call } from '../route.ts';
import { faceUrl } from './answer.ts';

/** Somebody by address, as far as the asker may look him up (`lookUpKeys`): hospitals are public, a stranger's role and home are not. */
export function whoIsFor(call: Call): AuditSetting['whoIs'] {
  const known = new Map<string, ReturnType<AuditSetting['whoIs']>>();
  return (address) => {
    if (!known.has(address)) known.set(address, lookUp(call, address));
    return known.get(address);
  };
}

function lookUp({ service, caller }: Call, address: string): ReturnType<AuditSetting['whoIs']> {
  const found = reading(service, (view) => standingOf(view, address));
  if (found === undefined || found.kind === 'hospital') return found;
  const isOneself = caller?.id != null && toHex(caller.id) === address;
  const id = fromHex(address) as Address;
  return isOneself || permits(service, caller, 'lookUpKeys', [{ resource: { type: 'Participant', id } }])
    ? found
    : undefined;
}

function standingOf(
  state: StateReader,
  address: string,
): { readonly kind: Party['kind']; readonly home: string | null } | undefined {
  if (hospitals.get(state, address) !== undefined) return { kind: 'hospital', home: null };
  const person = participants.get(state, address);
  return person === undefined ? undefined : { kind: kindOfRole(person.role), home: toHex(person.home) };
}

/** An author as the chain has him; whoever may see the record may see who wrote it. */
export const authorOf = (state: StateReader, author: Uint8Array): Party => ({
  id: toHex(author),
  kind: standingOf(state, toHex(author))?.kind ?? 'practitioner',
});

export const siteOf = (call: Call): AuditSetting['site'] => ({
  hospital: toHex(call.service.hospital),
  url: faceUrl(call),
});
