import type { Address } from '../../../base/brand.ts';
import { equal, toHex } from '../../../base/bytes.ts';
import { type AuditAudience, auditEventOf, disclosureBundle, searchPage } from '../../../fhir/index.ts';
import type { AuditLine } from '../../../ledger/audit.ts';
import { auditLineFace } from '../../denied-face.ts';
import { FHIR_PATH, faceUrl, fhir, fhirAnswer } from '../../fhir/answer.ts';
import {
  aboutPatient,
  countOf,
  dateFilter,
  dateQuery,
  pageQuery,
  patientOf,
  patientQuery,
} from '../../fhir/parameters.ts';
import { siteOf, whoIsFor } from '../../fhir/people.ts';
import { scanTrail, trailStart } from '../../fhir/trail-scan.ts';
import { API_LIMITS } from '../../limits.ts';
import { trailPlaceText } from '../../paging.ts';
import type { Call, Route } from '../../route.ts';
import { trailAfter } from '../../trail.ts';

/** Somebody's own trail, as IHE BALP writes such things down (F43, F54). */
const search: Route = {
  method: 'GET',
  path: `${FHIR_PATH}/AuditEvent`,
  tag: 'fhir',
  summary: 'Who did or tried what with a person and their records, as AuditEvents (IHE BALP), oldest first',
  access: aboutPatient('viewAudit'),
  query: { ...patientQuery, ...dateQuery, ...pageQuery },
  answer: fhirAnswer('Bundle'),
  handle: async (call) => {
    const subject = patientOf(call);
    const count = countOf(call);
    const isWithin = dateFilter(call);
    const start = trailStart(call);
    if (!start.ok) return start;
    const wish = { after: start.value, wanted: count + 1, counts: (line: AuditLine) => isWithin(line.timestampMs) };
    const lines = await scanTrail(call, subject, wish);
    if (!lines.ok) return lines;
    const setting = { site: siteOf(call), whoIs: whoIsFor(call) };
    const page = searchPage({
      ...askedOf(call),
      count,
      items: lines.value,
      // The trail is the subject's; the policies have said that the asker sees all of it.
      permits: () => true,
      placeOf: trailPlaceText,
      resourceOf: (line) =>
        auditEventOf(auditLineFace(subject, line), { ...setting, audience: audienceOf(line, subject) }),
    });
    return page.ok ? fhir(page.value) : page;
  },
};

/** By the line as the chain has it: its face may tell no owner. */
function audienceOf({ owner, sender }: AuditLine, subject: Address): AuditAudience {
  if (owner !== null && equal(owner, subject)) return 'owner';
  return equal(sender, subject) ? 'requester' : 'reviewer';
}

const askedOf = (call: Call) => ({
  url: faceUrl(call),
  type: 'AuditEvent' as const,
  parameters: [
    ['patient', `Patient/${toHex(patientOf(call))}`] as const,
    ...([call.query.date].flat() as (string | undefined)[]).flatMap((date) =>
      date === undefined ? [] : [['date', date] as const],
    ),
  ],
  after: call.query._after ?? null,
});

/** The accounting that 45 CFR 164.528 gives every patient (F47): an operation beside the search, since it has a rule of its own. */
const disclosures: Route = {
  method: 'GET',
  path: `${FHIR_PATH}/AuditEvent/$disclosures`,
  tag: 'fhir',
  summary:
    'The accounting of disclosures of six years, as AuditEvents (IHE BALP): who was given what of a patient. A page may be short and still have a next one',
  access: aboutPatient('viewAudit'),
  query: { ...patientQuery, _after: pageQuery._after },
  answer: fhirAnswer('Bundle'),
  handle: async (call) => {
    const patient = patientOf(call);
    const start = trailStart(call);
    if (!start.ok) return start;
    const piece = await trailAfter(call.service, patient, start.value, API_LIMITS.requestScanLinesMax);
    if (!piece.ok) return piece;
    const { lines, isEnd } = piece.value;
    const setting = { audience: 'owner' as const, site: siteOf(call), whoIs: whoIsFor(call) };
    const bundle = disclosureBundle(lines, patient, call.service.tip().header.timestampMs, setting);
    const last = lines.at(-1);
    if (isEnd || last === undefined) return fhir(bundle);
    const url = `${faceUrl(call)}/AuditEvent/$disclosures?patient=Patient/${toHex(patient)}&_after=${trailPlaceText(last)}`;
    return fhir({ ...bundle, link: [{ relation: 'next', url }] });
  },
};

export const auditEventRoutes: readonly Route[] = [disclosures, search];
