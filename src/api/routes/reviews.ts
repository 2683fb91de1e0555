import type { Address, Hash } from '../../base/brand.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import { refuse } from '../../base/result.ts';
import { type ReviewRow, reviews, waitingReviews } from '../../ledger/state/desk-tables.ts';
import { FINDINGS } from '../../ledger/vocabulary.ts';
import { aboutConsortium, aboutItem, aboutParticipant } from '../access.ts';
import { json } from '../answers.ts';
import { API_LIMITS } from '../limits.ts';
import { pageLimit, trailPlaceOf, trailPlaceText } from '../paging.ts';
import { hexParameter, reading } from '../reading.ts';
import type { JsonSchema, Route } from '../route.ts';
import { address, hash, hex, nullable, oneOf, pageOf, pageQuery, publicKey, struct, uint } from '../schemas.ts';
import { trailAfter } from '../trail.ts';

/** Breaks of the glass and what other hospitals found of them (F50). The reason stays sealed: its readers open it on their own devices. */

const fields: Readonly<Record<string, JsonSchema>> = {
  read: hash,
  record: hex(32),
  owner: address,
  reader: address,
  desk: address,
  receivingKey: publicKey,
  height: uint(),
  timestampMs: uint(),
  status: oneOf('open', 'closed'),
  finding: nullable(oneOf(...FINDINGS)),
  closedBy: nullable(address),
  closedHeight: nullable(uint()),
};
const face = (read: Uint8Array, row: ReviewRow): object => ({ read, ...row });

const waiting: Route = {
  method: 'GET',
  path: '/v1/reviews',
  tag: 'reviews',
  summary: 'Breaks of the glass that no other hospital has reviewed yet, by the id of the read',
  access: aboutConsortium('viewReviews'),
  query: pageQuery,
  answer: { status: 200, contentType: 'application/json', schema: pageOf(struct(fields)) },
  handle: async ({ service, query }) => {
    const prefix = waitingReviews.key('');
    const limit = pageLimit(query);
    const keys = await service.stateKeys(prefix, query.after === undefined ? null : prefix + query.after, limit);
    return reading(service, (view) => {
      const items = keys.flatMap((key) => {
        const id = key.slice(prefix.length);
        const row = reviews.get(view, id);
        return row === undefined || row.status !== 'open' ? [] : [face(fromHex(id) as Uint8Array, row)];
      });
      return json({ items, next: keys.length < limit ? null : (keys.at(-1) as string).slice(prefix.length) });
    });
  },
};

const ofParticipant: Route = {
  method: 'GET',
  path: '/v1/participants/:id/reviews',
  tag: 'participants',
  summary:
    "Breaks of the glass over a patient's records, or by a practitioner, oldest first. A page may be short and still have a next one",
  access: aboutParticipant('viewAudit'),
  params: { id: address },
  query: pageQuery,
  answer: { status: 200, contentType: 'application/json', schema: pageOf(struct(fields)) },
  handle: async ({ service, params, query }) => {
    const after = trailPlaceOf(query.after);
    if (after === undefined) return refuse('api-request.invalid', { at: '/after' });
    const limit = pageLimit(query);
    const subject = hexParameter<Address>(params.id, 20) as Address;
    const piece = await trailAfter(service, subject, after, API_LIMITS.requestScanLinesMax);
    if (!piece.ok) return piece;
    const { lines } = piece.value;
    const broken = lines.filter(({ path, outcome }) => path === 'desk' && outcome === 'applied').slice(0, limit);
    const last = broken.length === limit ? broken.at(-1) : lines.at(-1);
    const isEnd = broken.length < limit && piece.value.isEnd;
    return reading(service, (view) => {
      const items = broken.flatMap(({ transactionId }) => {
        const row = reviews.get(view, toHex(transactionId));
        return row === undefined ? [] : [face(transactionId, row)];
      });
      return json({ items, next: isEnd || last === undefined ? null : trailPlaceText(last) });
    });
  },
};

const one: Route = {
  method: 'GET',
  path: '/v1/reviews/:id',
  tag: 'reviews',
  summary: 'One break of the glass by its read, with the transaction that broke it: the sealed reason stands there',
  access: aboutItem('viewReview', 'Review'),
  params: { id: hash },
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: struct({ ...fields, transaction: hex(1, LIMITS.transactionBytesMax) }),
  },
  handle: async ({ service, params }) => {
    const read = hexParameter<Hash>(params.id, 32) as Hash;
    const found = await service.receipt(read);
    return reading(service, (view) => {
      const row = reviews.get(view, toHex(read));
      if (row === undefined || found === undefined) return refuse('api-view.nothing-here');
      return json({ ...face(read, row), transaction: found.transaction });
    });
  },
};

export const reviewRoutes: readonly Route[] = [waiting, ofParticipant, one];
