import type { Bundle } from 'fhir/r4.js';
import type { Address } from '../base/brand.ts';
import { toHex } from '../base/bytes.ts';
import { ok, type Result } from '../base/result.ts';
import {
  type AuditSetting,
  type Disclosure,
  disclosureBundle,
  disclosuresOf,
  kindOfRole,
  type RepeatedDisclosure,
  repeatedDisclosures,
} from '../fhir/index.ts';
import { participants } from '../ledger/state/tables.ts';
import { provenRows } from './proven.ts';
import type { Session } from './session.ts';

export interface Accounting {
  /** Every read of the patient's records in six years, the own ones too, oldest first (F47; 45 CFR 164.528). */
  readonly disclosures: readonly Disclosure[];
  readonly repeated: readonly RepeatedDisclosure[];
  /** Those to others, as AuditEvents of IHE BALP. */
  readonly bundle: Bundle;
}

/**
 * An accounting of disclosures for the patient of this session, from the own trail. Who received what, in which role and of which hospital, is what the
 * chain proves; that no line is missing is the hospital's word, which the block bodies of an exported chain check (docs/fhir.md).
 */
export async function accountOfDisclosures(session: Session, siteUrl: string): Promise<Result<Accounting>> {
  const { api, device, account } = session;
  const { hospital } = await api.status();
  const lines = await api.audit(account.id);
  const whoIs = await provenPersons(session, [...new Set(lines.map(({ sender }) => toHex(sender)))]);
  if (!whoIs.ok) return whoIs;
  const nowMs = device.nowMs();
  const disclosures = disclosuresOf(lines, account.id, nowMs, whoIs.value);
  const setting: AuditSetting = {
    audience: 'owner',
    site: { hospital: toHex(hospital), url: siteUrl },
    whoIs: whoIs.value,
  };
  return ok({
    disclosures,
    repeated: repeatedDisclosures(disclosures),
    bundle: disclosureBundle(lines, account.id, nowMs, setting),
  });
}

async function provenPersons(session: Session, ids: readonly string[]): Promise<Result<AuditSetting['whoIs']>> {
  const rows = await provenRows(
    session,
    participants,
    ids.map((id) => [id] as const),
  );
  if (!rows.ok) return rows;
  const persons = new Map(ids.map((id, i) => [id, rows.value[i]]));
  return ok((id) => {
    const row = persons.get(id);
    return row === undefined ? undefined : { kind: kindOfRole(row.role), home: toHex(row.home as Address) };
  });
}
