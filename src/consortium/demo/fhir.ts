import type { AuditEvent, Consent } from 'fhir/r4.js';
import { toHex } from '../../base/bytes.ts';
import { type Canonical, encode } from '../../base/canonical.ts';
import { auditTrail } from '../../client/audit.ts';
import { provenDelegatingKey } from '../../client/categories.ts';
import { provenRow } from '../../client/proven.ts';
import {
  auditEventOf,
  type ConsentParty,
  consentOf,
  type GrantSource,
  type GrantTerms,
  importConsent,
  parseBounded,
  profileFaults,
  standingTerms,
} from '../../fhir/index.ts';
import { parameterRows } from '../../ledger/state/tables.ts';
import { must } from '../people.ts';
import { fetchHeader } from '../status.ts';
import { faultsByLibrary } from './fhir-judge.ts';
import { forEachRecord } from './for-each-record.ts';
import { HOSPITAL_A, type RecordStory, type Story } from './story.ts';

/** What stands on the chain becomes a FHIR Consent, and that, read as anybody's, the same grant again: nothing wider, nothing lost. */
export async function consentGoesRound(story: Story): Promise<void> {
  await forEachRecord(story, 'fhir-consent-roundtrip', async (record) => {
    const { session, wallet } = record.patient;
    const nowMs = story.device.nowMs();
    const parameters = must(await provenRow(session, parameterRows, 'parameters'), 'the parameters are proven');
    const standing = standingTerms(await session.api.grants(wallet.id), nowMs).filter(({ isOver }) => !isOver);
    const categories = await Promise.all(
      standing
        .flatMap(({ terms }) => terms.categories)
        .map(async ({ category }) => {
          const { epoch } = must(await provenDelegatingKey(session, wallet.id, category), 'a category is proven');
          return { category, epoch, label: 'N', sensitivities: [] } as const;
        }),
    );
    const found = [];
    for (const { grant, grantedHeight, terms } of standing) {
      const { timestampMs: grantedMs } = await fetchHeader(story.consortium.api(HOSPITAL_A), grantedHeight);
      const consent = exportGrant(story, record, { grant, grantedMs, terms });
      const imported = importConsent(must(parseBounded(JSON.stringify(consent)), 'the Consent is read'), {
        nowMs,
        longestMs: parameters?.grantDurationMaxMs ?? 0,
        patient: toHex(wallet.id),
        categories,
        resolve: ({ reference }) => partyIn(reference),
      });
      const same = imported.grants.length === 1 && equalTerms(imported.grants[0] as GrantTerms, terms);
      const findings = imported.findings.map(({ code }) => code);
      found.push({ grant, same, findings, invalid: await faultsByLibrary(consent) });
    }
    const ok = found.length > 0 && found.every(({ same, invalid }) => same && invalid.length === 0);
    return { ok, facts: { consents: found } };
  });
  story.tell('Each grant that stands goes out as a FHIR Consent, and comes back from it as the same grant.');
}

function exportGrant(
  story: Story,
  { patient }: RecordStory,
  standing: Pick<GrantSource, 'grant' | 'grantedMs' | 'terms'>,
): Consent {
  return consentOf({
    ...standing,
    patient: toHex(patient.wallet.id),
    hospital: toHex(story.deskA.account.id),
    person: 'practitioner',
    status: 'active',
  });
}

/** On this chain a person's reference holds the address. */
function partyIn(reference: string): ConsentParty | undefined {
  const [type, id] = reference.split('/');
  if (id === undefined) return undefined;
  if (type === 'Organization') return { type: 'hospital', id };
  return type === 'Practitioner' ? { type: 'person', id, entity: 'Practitioner' } : undefined;
}

const equalTerms = (one: GrantTerms, other: GrantTerms): boolean =>
  toHex(encode(one as unknown as Canonical)) === toHex(encode(other as unknown as Canonical));

/** The patient's trail as FHIR AuditEvents in IHE's patterns: each one valid, and a denied doctor's tells nothing of the record. */
export async function auditEventsAreValid(story: Story): Promise<void> {
  await forEachRecord(story, 'audit-event-valid', async ({ patient }) => {
    const trail = await auditTrail(patient.session, patient.wallet.id);
    const site = { hospital: toHex(story.deskA.account.id), url: story.consortium.api(HOSPITAL_A) };
    const events: AuditEvent[] = trail.map(({ line }) =>
      auditEventOf(line, { audience: 'owner', site, whoIs: () => undefined }),
    );
    const faults: string[] = [];
    for (const event of events) faults.push(...profileFaults(event), ...(await faultsByLibrary(event)));
    return {
      ok: events.length === trail.length && events.length > 0 && faults.length === 0,
      facts: { events: events.length, faults },
    };
  });
  story.tell("The patient's trail goes out as FHIR AuditEvents, each valid by a validator that is not ours.");
}
