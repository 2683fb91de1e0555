import type { Consent } from 'fhir/r4.js';
import type { Address, Hash } from '../../../base/brand.ts';
import { toHex } from '../../../base/bytes.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import { FHIR_LIMITS, searchset } from '../../../fhir/index.ts';
import type { AuditLine } from '../../../ledger/audit.ts';
import { anyOf } from '../../access.ts';
import { FHIR_PATH, faceUrl, fhir, fhirAnswer } from '../../fhir/answer.ts';
import { consentAt, signedGrant } from '../../fhir/grants.ts';
import { aboutPatient, countOf, pageQuery, patientOf, patientQuery } from '../../fhir/parameters.ts';
import { scanTrail, trailStart } from '../../fhir/trail-scan.ts';
import { type TrailPlace, trailPlaceText } from '../../paging.ts';
import { hexParameter } from '../../reading.ts';
import type { AccessRule, Call, Route } from '../../route.ts';
import { hash, oneOf } from '../../schemas.ts';

/** Grants as FHIR Consents (IHE PCF): the patient's own. Where one was revoked or is used up, it is told as inactive. */

const grantOf = ({ service, params }: Call) => {
  const id = hexParameter<Hash>(params.id, 32);
  return id === undefined ? undefined : signedGrant(service, id);
};

const aboutGrantor: AccessRule = {
  action: 'viewGrants',
  questions: async (call) => {
    const found = await grantOf(call);
    return found === undefined ? [] : anyOf({ type: 'Participant', id: found.patient });
  },
};

const readConsent: Route = {
  method: 'GET',
  path: `${FHIR_PATH}/Consent/:id`,
  tag: 'fhir',
  summary: 'A grant as a Consent (IHE PCF), by the transaction that granted',
  access: aboutGrantor,
  params: { id: hash },
  answer: fhirAnswer('Consent'),
  handle: async (call) => {
    const found = await grantOf(call);
    return found === undefined ? refuse('api-view.nothing-here') : fhir(consentAt(call.service, found));
  },
};

const searchConsents: Route = {
  method: 'GET',
  path: `${FHIR_PATH}/Consent`,
  tag: 'fhir',
  summary: 'The grants of a patient as Consents (IHE PCF), oldest first, those that ended too',
  access: aboutPatient('viewGrants'),
  query: { ...patientQuery, status: oneOf('active', 'inactive'), ...pageQuery },
  answer: fhirAnswer('Bundle'),
  handle: async (call) => {
    const patient = patientOf(call);
    const { status, _after: after = null } = call.query;
    const count = countOf(call);
    const found = await consentsOf(call, patient, count + 1);
    if (!found.ok) return found;
    const page = found.value.slice(0, count);
    const last = page.at(-1);
    const next = found.value.length > count && last !== undefined ? trailPlaceText(last.line) : null;
    const parameters = [
      ['patient', `Patient/${toHex(patient)}`] as const,
      ...(status === undefined ? [] : [['status', status] as const]),
    ];
    const asked = { url: faceUrl(call), type: 'Consent' as const, parameters, after, count };
    const consents = page.map(({ consent }) => consent);
    return fhir(searchset(asked, consents, next));
  },
};

interface FoundConsent {
  readonly line: AuditLine;
  readonly consent: Consent;
}

/** The grants behind the page's beginning that have the status asked for: it shows once a grant is looked up. */
async function consentsOf(call: Call, patient: Address, wanted: number): Promise<Result<readonly FoundConsent[]>> {
  const { status } = call.query;
  const start = trailStart(call);
  if (!start.ok) return start;
  const found: FoundConsent[] = [];
  let after: TrailPlace | null = start.value;
  for (let looked = 0; looked < FHIR_LIMITS.pageScanMax; looked += wanted) {
    if (!call.shared.charge(call.remoteAddress, Math.ceil(wanted / GRANTS_PER_TOKEN) - 1))
      return refuse('api-limit.rate');
    const lines = await scanTrail(call, patient, { after, wanted, counts: isGrant });
    if (!lines.ok) return lines;
    for (const line of lines.value) {
      const consent = await consentBy(call, line);
      if (consent !== undefined && (status === undefined || consent.status === status)) found.push({ line, consent });
    }
    if (lines.value.length < wanted || found.length >= wanted) return ok(found.slice(0, wanted));
    after = lines.value.at(-1) ?? after;
  }
  return refuse('fhir-page.too-many', { pageScanMax: FHIR_LIMITS.pageScanMax });
}

/** Each is a transaction to be found and a block to be read. */
const GRANTS_PER_TOKEN = 8;

const isGrant = ({ kind, outcome }: AuditLine): boolean => kind === 'grant' && outcome === 'applied';

async function consentBy({ service }: Call, { transactionId }: AuditLine): Promise<Consent | undefined> {
  const found = await signedGrant(service, transactionId);
  return found === undefined ? undefined : consentAt(service, found);
}

export const consentRoutes: readonly Route[] = [readConsent, searchConsents];
