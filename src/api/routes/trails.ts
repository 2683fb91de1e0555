import type { Address } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import { refuse } from '../../base/result.ts';
import { requests } from '../../ledger/state/tables.ts';
import { aboutParticipant } from '../access.ts';
import { json } from '../answers.ts';
import { auditLineFace } from '../denied-face.ts';
import { requestFace, requestSchema } from '../faces.ts';
import { API_LIMITS } from '../limits.ts';
import { pageLimit, trailPlaceOf, trailPlaceText } from '../paging.ts';
import { hexParameter, reading } from '../reading.ts';
import type { Route } from '../route.ts';
import { address, hash, hex, list, nullable, oneOf, pageOf, pageQuery, struct, text, uint } from '../schemas.ts';
import { trailAfter } from '../trail.ts';

/** What is read from somebody's audit trail: the trail itself, and the access requests that it names. */

const subjectOf = (params: Readonly<Record<string, string>>): Address =>
  hexParameter<Address>(params.id, 20) as Address;

const audit: Route = {
  method: 'GET',
  path: '/v1/participants/:id/audit',
  tag: 'participants',
  summary: 'Who did or tried what with a person and their records, the denied attempts too, oldest first',
  access: aboutParticipant('viewAudit'),
  params: { id: address },
  query: pageQuery,
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: pageOf(
      struct({
        height: uint(),
        index: uint(),
        timestampMs: uint(),
        transactionId: hash,
        kind: text(32),
        sender: address,
        outcome: oneOf('applied', 'denied', 'failed'),
        code: nullable(text(64)),
        policies: list(text(128)),
        owner: nullable(address),
        record: nullable(hex(32)),
        purpose: nullable(text(16)),
        path: nullable(text(16)),
      }),
    ),
  },
  handle: async ({ service, params, query }) => {
    const after = trailPlaceOf(query.after);
    if (after === undefined) return refuse('api-request.invalid', { at: '/after' });
    const piece = await trailAfter(service, subjectOf(params), after, pageLimit(query));
    if (!piece.ok) return piece;
    const { lines, isEnd } = piece.value;
    const last = lines.at(-1);
    const items = lines.map((line) => auditLineFace(subjectOf(params), line));
    return json({ items, next: isEnd || last === undefined ? null : trailPlaceText(last) });
  },
};

const listRequests: Route = {
  method: 'GET',
  path: '/v1/participants/:id/requests',
  tag: 'participants',
  summary:
    'Access requests that a person received or made, oldest first. A page may be short and still have a next one',
  access: aboutParticipant('viewRequests'),
  params: { id: address },
  query: pageQuery,
  answer: { status: 200, contentType: 'application/json', schema: pageOf(requestSchema) },
  handle: async ({ service, params, query }) => {
    const after = trailPlaceOf(query.after);
    if (after === undefined) return refuse('api-request.invalid', { at: '/after' });
    const limit = pageLimit(query);
    const piece = await trailAfter(service, subjectOf(params), after, API_LIMITS.requestScanLinesMax);
    if (!piece.ok) return piece;
    const { lines } = piece.value;
    const asked = lines
      .filter(({ kind, outcome }) => kind === 'requestAccess' && outcome === 'applied')
      .slice(0, limit);
    const last = asked.length === limit ? asked.at(-1) : lines.at(-1);
    const isEnd = asked.length < limit && piece.value.isEnd;
    return reading(service, (view) => {
      const items = asked.flatMap(({ transactionId }) => {
        const row = requests.get(view, toHex(transactionId));
        return row === undefined ? [] : [requestFace(transactionId, row)];
      });
      return json({ items, next: isEnd || last === undefined ? null : trailPlaceText(last) });
    });
  },
};

export const trailRoutes: readonly Route[] = [listRequests, audit];
