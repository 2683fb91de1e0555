import { fromHex, toHex } from '../../base/bytes.ts';
import { refuse } from '../../base/result.ts';
import { NO_RATINGS, RATING_MAX, reputationOf } from '../../ledger/evaluation/rating.ts';
import { hospitalIds, hospitals, records, reputations, requests, validatorSets } from '../../ledger/state/tables.ts';
import { aboutItem } from '../access.ts';
import { json } from '../answers.ts';
import { recordFace, recordSchema, requestFace, requestSchema } from '../faces.ts';
import { reading } from '../reading.ts';
import type { Route } from '../route.ts';
import { address, bool, hash, hex, list, nullable, publicKey, struct, text, uint } from '../schemas.ts';

const listHospitals: Route = {
  method: 'GET',
  path: '/v1/hospitals',
  tag: 'hospitals',
  summary: 'The consortium: every hospital with its standing, keys and addresses',
  access: 'open',
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: list(
      struct({
        id: address,
        name: text(120),
        tier: text(32),
        status: text(32),
        validator: bool,
        accountKey: publicKey,
        validatorKey: nullable(publicKey),
        dutyKey: publicKey,
        peerId: text(80),
        addresses: list(text(200)),
        admittedHeight: uint(),
        reputation: uint(RATING_MAX),
        ratings: uint(),
      }),
    ),
  },
  handle: ({ service }) =>
    reading(service, (view) => {
      const validating = new Set((validatorSets.get(view, 'validators') ?? []).map(({ id }) => toHex(id)));
      const faces = (hospitalIds.get(view, 'all') ?? []).flatMap((bytes) => {
        const id = toHex(bytes);
        const row = hospitals.get(view, id);
        if (row === undefined) return [];
        const { status, record, admittedHeight } = row;
        const ratings = reputations.get(view, id) ?? NO_RATINGS;
        const standing = { reputation: reputationOf(ratings), ratings: ratings.count };
        return [{ id, status, validator: validating.has(id), ...record, admittedHeight, ...standing }];
      });
      return json(faces);
    }),
};

const getRecord: Route = {
  method: 'GET',
  path: '/v1/records/:id',
  tag: 'records',
  summary: 'The newest version of a record: who, when, where its ciphertext is. Never its content',
  access: aboutItem('viewRecord', 'Record'),
  params: { id: hex(32) },
  answer: { status: 200, contentType: 'application/json', schema: recordSchema },
  handle: ({ service, params }) =>
    reading(service, (view) => {
      const id = params.id as string;
      const row = records.get(view, id);
      return row === undefined ? refuse('api-view.nothing-here') : json(recordFace(fromHex(id) as Uint8Array, row));
    }),
};

const getRequest: Route = {
  method: 'GET',
  path: '/v1/requests/:id',
  tag: 'requests',
  summary: 'An access request, by the transaction that made it',
  access: aboutItem('viewRequest', 'Request'),
  params: { id: hash },
  answer: { status: 200, contentType: 'application/json', schema: requestSchema },
  handle: ({ service, params }) =>
    reading(service, (view) => {
      const id = params.id as string;
      const row = requests.get(view, id);
      return row === undefined ? refuse('api-view.nothing-here') : json(requestFace(fromHex(id) as Uint8Array, row));
    }),
};

export const itemRoutes: readonly Route[] = [listHospitals, getRecord, getRequest];
