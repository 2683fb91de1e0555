import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROUTES } from '../../src/api/route-table.ts';
import { buildApi } from '../../src/api/server.ts';
import { ok } from '../../src/base/result.ts';
import { NODE_CODES } from '../../src/node/codes.ts';
import { REQUESTS } from './requests.ts';
import { ask, hash, OPTIONS, type Request, signedHeaders } from './support.ts';
import { buildWorld, ROLES, type RoleName, signerOf, type World } from './world.ts';

/**
 * Who gets which status. The doctor read the record under a grant; all are active people of hospital 1, which asks here too.
 *
 *                                   unsigned stranger patient other doctor hospital administrator
 */
const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  'GET /v1/status': /*              */ [200, 200, 200, 200, 200, 200, 200],
  'GET /v1/genesis': /*             */ [200, 200, 200, 200, 200, 200, 200],
  'GET /v1/unfinal': /*             */ [200, 200, 200, 200, 200, 200, 200],
  'GET /metrics': /*                */ [200, 200, 200, 200, 200, 200, 200],
  'GET /livez': /*                  */ [200, 200, 200, 200, 200, 200, 200],
  'GET /readyz': /*                 */ [200, 200, 200, 200, 200, 200, 200],
  'GET /openapi.json': /*           */ [200, 200, 200, 200, 200, 200, 200],
  'GET /v1/blocks/latest': /*       */ [200, 200, 200, 200, 200, 200, 200],
  'GET /v1/blocks/:height': /*      */ [200, 200, 200, 200, 200, 200, 200],
  'GET /v1/hospitals': /*           */ [200, 200, 200, 200, 200, 200, 200],
  'GET /v1/governance': /*          */ [200, 200, 200, 200, 200, 200, 200],
  'GET /v1/proposals': /*           */ [200, 200, 200, 200, 200, 200, 200],
  'GET /v1/events': /*              */ [200, 200, 200, 200, 200, 200, 200],
  'POST /v1/transactions': /*       */ [202, 202, 202, 202, 202, 202, 202],
  'POST /v1/transactions/batch': /* */ [200, 200, 200, 200, 200, 200, 200],
  'GET /v1/blocks/:height/body': /* */ [401, 403, 403, 403, 403, 200, 200],
  'GET /v1/participants/:id': /*    */ [401, 404, 200, 404, 404, 200, 200],
  'GET /v1/participants/:id/keys': /*     */ [401, 404, 200, 200, 200, 404, 404],
  'GET /v1/participants/:id/records': /*  */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/participants/:id/grants': /*   */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/participants/:id/requests': /* */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/participants/:id/audit': /*    */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/participants/:id/readable': /* */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/transactions/:id': /*    */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/receipts/:id': /*        */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/records/:id': /*         */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/records/:id/readers': /* */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/requests/:id': /*        */ [401, 404, 200, 404, 200, 404, 404],
  'PUT /v1/blobs': /*               */ [401, 403, 201, 201, 201, 403, 403],
  'POST /v1/storage': /*            */ [401, 403, 200, 200, 200, 403, 403],
  'POST /v1/fragments': /*          */ [401, 403, 200, 403, 403, 403, 403],
  'PUT /v1/participants/:id/search-index': /* */ [401, 404, 200, 404, 404, 404, 404],
  'POST /v1/participants/:id/search': /*      */ [401, 404, 200, 404, 200, 404, 404],
  'POST /v1/sessions': /*                      */ [200, 200, 200, 200, 200, 200, 200],
  'POST /v1/sessions/:session/finish': /*      */ [404, 404, 404, 404, 404, 404, 404],
  'POST /v1/sessions/:session/messages': /*    */ [404, 404, 404, 404, 404, 404, 404],
  'POST /v1/sessions/:session/renewals': /*    */ [404, 404, 404, 404, 404, 404, 404],
  'POST /v1/handles/evaluations': /*           */ [401, 403, 403, 403, 403, 200, 200],
  // In a session alone: who may there, sessions.test.ts says.
  'POST /v1/handles/presence': /*              */ [403, 403, 403, 403, 403, 403, 403],
  'POST /v1/handles/resolution': /*            */ [403, 403, 403, 403, 403, 403, 403],
  'GET /v1/reviews': /*             */ [401, 403, 403, 403, 403, 200, 403],
  'GET /v1/reviews/:id': /*         */ [401, 404, 200, 404, 200, 200, 404],
  'GET /v1/participants/:id/reviews': /* */ [401, 404, 200, 404, 404, 404, 404],
  'GET /v1/reads/:id/shares': /*    */ [401, 404, 404, 404, 200, 404, 404],
  'GET /v1/reads/:id/envelope': /*  */ [401, 404, 404, 404, 200, 404, 404],
  'GET /v1/reads/:id/ciphertext': /**/ [401, 404, 404, 404, 200, 404, 404],
  'POST /v1/guardian-shares': /*    */ [401, 403, 200, 403, 403, 403, 403],
  'GET /v1/guardianships/:id/shares': /*      */ [401, 404, 404, 200, 404, 404, 404],
  'POST /v1/proofs': /*             */ [401, 404, 200, 404, 404, 404, 404],
  'GET /fhir/metadata': /*          */ [200, 200, 200, 200, 200, 200, 200],
  'GET /fhir/AuditEvent': /*        */ [401, 404, 200, 404, 404, 404, 404],
  'GET /fhir/AuditEvent/$disclosures': /* */ [401, 404, 200, 404, 404, 404, 404],
  'GET /fhir/Consent': /*           */ [401, 404, 200, 404, 404, 404, 404],
  'GET /fhir/Consent/:id': /*       */ [401, 404, 200, 404, 404, 404, 404],
  'GET /fhir/DocumentReference': /* */ [401, 404, 200, 404, 404, 404, 404],
  'GET /fhir/DocumentReference/:id': /* */ [401, 404, 200, 404, 404, 404, 404],
  'GET /fhir/DocumentReference/:id/_history/:version': /* */ [401, 404, 200, 404, 404, 404, 404],
  'GET /fhir/Provenance': /*        */ [401, 404, 200, 404, 404, 404, 404],
};

const names = ROUTES.map(({ method, path }) => `${method} ${path}`);

describe('the matrix of routes and roles', () => {
  let world: World;
  let app: FastifyInstance;
  let address: string;

  beforeAll(async () => {
    world = await buildWorld();
    app = await buildApi(world.service, { ...OPTIONS, codes: NODE_CODES });
    address = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => app.close());

  it('names every route of the table, and no other', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...names].sort());
    expect(Object.keys(REQUESTS).sort()).toEqual([...names].sort());
  });

  const cases = names.flatMap((route) =>
    ROLES.map((role, i) => [route, role, EXPECTED[route]?.[i] as number] as const),
  );

  it.each(cases)('%s, asked by %s, answers %i', async (route, role, status) => {
    // The door for transactions is open; what the ledger says of them is not asked here.
    world.service.submitted = [ok(hash('a transaction'))];
    const request = (REQUESTS[route] as (world: World) => Request)(world);
    const answered = route === 'GET /v1/events' ? await opens(role, request) : await statusOf(role, request);
    expect(answered).toBe(status);
    expect(world.service.openViews).toBe(0);
  });

  const statusOf = async (role: RoleName, request: Request): Promise<number> =>
    (await ask(app, world.service, signerOf(role), request)).statusCode;

  /** An event stream does not end by itself. */
  async function opens(role: RoleName, request: Request): Promise<number> {
    const leaving = new AbortController();
    const headers = signedHeaders(world.service, signerOf(role), request);
    const response = await fetch(address + request.url, { headers, signal: leaving.signal });
    leaving.abort();
    return response.status;
  }
});
