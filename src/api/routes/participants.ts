import { toHex } from '../../base/bytes.ts';
import { refuse } from '../../base/result.ts';
import type { StateReader } from '../../ledger/state/table.ts';
import { bundleItems, grants, hospitals, nonces, participants, records } from '../../ledger/state/tables.ts';
import { aboutParticipant } from '../access.ts';
import { json } from '../answers.ts';
import { recordFace, recordSchema } from '../faces.ts';
import { pageLimit } from '../paging.ts';
import { reading } from '../reading.ts';
import type { Route } from '../route.ts';
import {
  address,
  category,
  hash,
  hex,
  list,
  nullable,
  oneOf,
  pageOf,
  pageQuery,
  publicKey,
  struct,
  text,
  uint,
} from '../schemas.ts';

const idOf = (params: Readonly<Record<string, string>>): string => params.id as string;

const keyFields = {
  id: address,
  role: text(32),
  status: text(32),
  home: nullable(address),
  publicKey,
  signingKey: nullable(publicKey),
  receivingKey: nullable(publicKey),
};

/** A person's row, or a hospital's in the same form. */
function keysOf(state: StateReader, id: string): object | undefined {
  const person = participants.get(state, id);
  if (person !== undefined) {
    const { role, status, home, publicKey: key, signingKey, receivingKey } = person;
    return { id, role, status, home, publicKey: key, signingKey, receivingKey };
  }
  const hospital = hospitals.get(state, id);
  if (hospital === undefined) return undefined;
  const { status, record } = hospital;
  return {
    id,
    role: 'hospital',
    status,
    home: null,
    publicKey: record.accountKey,
    signingKey: null,
    receivingKey: null,
  };
}

const get: Route = {
  method: 'GET',
  path: '/v1/participants/:id',
  tag: 'participants',
  summary: 'A person or a hospital account: standing, keys, and the next nonce',
  access: aboutParticipant('viewParticipant'),
  params: { id: address },
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: struct({ ...keyFields, enrolledHeight: uint(), nextNonce: uint() }),
  },
  handle: ({ service, params }) =>
    reading(service, (view) => {
      const id = idOf(params);
      const keys = keysOf(view, id);
      if (keys === undefined) return refuse('api-view.nothing-here');
      const enrolledHeight = participants.get(view, id)?.enrolledHeight ?? hospitals.get(view, id)?.admittedHeight;
      return json({ ...keys, enrolledHeight, nextNonce: nonces.get(view, id) ?? 0 });
    }),
};

const lookUp: Route = {
  method: 'GET',
  path: '/v1/participants/:id/keys',
  tag: 'participants',
  summary: 'Keys and standing, to address a grant or a record to somebody',
  access: aboutParticipant('lookUpKeys'),
  params: { id: address },
  answer: { status: 200, contentType: 'application/json', schema: struct(keyFields) },
  handle: ({ service, params }) =>
    reading(service, (view) => {
      const keys = keysOf(view, idOf(params));
      return keys === undefined ? refuse('api-view.nothing-here') : json(keys);
    }),
};

const listRecords: Route = {
  method: 'GET',
  path: '/v1/participants/:id/records',
  tag: 'participants',
  summary: "A patient's own records, in the order of registration",
  access: aboutParticipant('viewRecords'),
  params: { id: address },
  query: { ...pageQuery, after: { type: 'string', pattern: '^(0|[1-9][0-9]{0,8})$' } },
  answer: { status: 200, contentType: 'application/json', schema: pageOf(recordSchema) },
  handle: ({ service, params, query }) =>
    reading(service, (view) => {
      const first = query.after === undefined ? 0 : Number(query.after) + 1;
      const limit = pageLimit(query);
      const items: unknown[] = [];
      for (let n = first; items.length < limit; n++) {
        const record = bundleItems.get(view, idOf(params), String(n));
        if (record === undefined) break;
        const row = records.get(view, toHex(record));
        if (row !== undefined) items.push(recordFace(record, row));
      }
      return json({ items, next: items.length < limit ? null : String(first + limit - 1) });
    }),
};

const listGrants: Route = {
  method: 'GET',
  path: '/v1/participants/:id/grants',
  tag: 'participants',
  summary: "A patient's live grants, by grant key",
  access: aboutParticipant('viewGrants'),
  params: { id: address },
  query: pageQuery,
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: pageOf(
      struct({
        grantee: struct({ type: oneOf('person', 'hospital', 'role', 'desk'), id: text(64) }),
        category,
        grant: hash,
        purposes: list(text(16)),
        access: text(16),
        expires: uint(),
        usesLeft: nullable(uint()),
        epochFrom: uint(),
        epochTo: uint(),
        grantedHeight: uint(),
        scheme: text(32),
        grantId: hex(32),
        threshold: uint(),
        oraclesMin: uint(),
        oraclesMax: uint(),
        holders: list(struct({ hospital: address, fragmentsHash: hash })),
      }),
    ),
  },
  handle: async ({ service, params, query }) => {
    const prefix = grants.key(idOf(params), '');
    const limit = pageLimit(query);
    const after = query.after === undefined ? null : prefix + query.after;
    const keys = await service.stateKeys(prefix, after, limit);
    return reading(service, (view) => {
      const items = keys.flatMap((key) => {
        const grantKey = key.slice(prefix.length);
        const row = grants.get(view, idOf(params), grantKey);
        return row === undefined ? [] : [{ ...faceOfGrantKey(grantKey), ...row }];
      });
      return json({ items, next: keys.length < limit ? null : (keys.at(-1) as string).slice(prefix.length) });
    });
  },
};

/** `grantKeyOf`, the other way round. */
function faceOfGrantKey(grantKey: string): object {
  const [type, id, categoryHex] = grantKey.split(':');
  return { grantee: { type, id }, category: categoryHex };
}

export const participantRoutes: readonly Route[] = [get, lookUp, listRecords, listGrants];
