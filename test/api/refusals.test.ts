import { connect } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_CODES, type ApiCode } from '../../src/api/codes.ts';
import { ROUTES } from '../../src/api/route-table.ts';
import { type ApiOptions, buildApi } from '../../src/api/server.ts';
import { toHex } from '../../src/base/bytes.ts';
import { encode } from '../../src/base/canonical.ts';
import { refuse } from '../../src/base/result.ts';
import { openedBy } from './session-support.ts';
import {
  apiOver,
  ask,
  codeOf,
  DAG_CBOR,
  inject,
  NOW_MS,
  OCTETS,
  OPTIONS,
  type Request,
  signedHeaders,
} from './support.ts';
import type { TownService } from './town-service.ts';
import { buildWorld, type World } from './world.ts';

let world: World;
let app: FastifyInstance;
beforeAll(async () => {
  world = await buildWorld();
  app = await buildApi(world.service, OPTIONS);
});
afterAll(() => app.close());

interface Answered {
  readonly status: number;
  readonly code: string;
}
type Case = (app: FastifyInstance) => Promise<Answered>;

const by =
  (name: string | null, request: Request): Case =>
  async (app) => {
    const response = await ask(app, world.service, name, request);
    return { status: response.statusCode, code: codeOf(response) };
  };
const unsigned = (request: Request): Case => by(null, request);
/** Signed headers, changed afterwards. */
const tampered =
  (request: Request, headers: (signed: Record<string, string>) => Record<string, string>, name = 'patient'): Case =>
  async (app) => {
    const response = await inject(app, { ...request, headers: headers(signedHeaders(world.service, name, request)) });
    return { status: response.statusCode, code: codeOf(response) };
  };

const post = (body: Request['body'], type = 'application/json'): Request =>
  ({ method: 'POST', url: '/v1/transactions', body, type }) as Request;
const proofs = (body: Request['body']): Request => ({ method: 'POST', url: '/v1/proofs', body }) as Request;
const status: Request = { url: '/v1/status' };
const own = (): Request => ({ url: `/v1/participants/${world.patient}` });
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

const presence: Request = { method: 'POST', url: '/v1/handles/presence', body: { handle: '00'.repeat(32) } };
/** In a session of the patient's, signed by `name`. */
const enclosed =
  (request: Request, name = 'patient'): Case =>
  async (app) => {
    const session = await openedBy(app, world.service, 'patient');
    const { status: answered, body } = await session.ask(name, request);
    return {
      status: answered,
      code: (JSON.parse(new TextDecoder().decode(body)) as { error: { code: string } }).error.code,
    };
  };

/** What the API itself refuses: a request for each of its codes. */
const API_CASES: Readonly<Record<ApiCode, readonly Case[]>> = {
  'api-route.unknown': [unsigned({ url: '/v1/nothing' }), unsigned({ url: `/v1/participants/${'a'.repeat(200)}/x` })],
  'api-route.method': [
    unsigned({ method: 'PUT', url: '/v1/status' }),
    unsigned({ method: 'POST', url: '/v1/blocks/1' }),
  ],
  'api-route.bad-url': [unsigned({ url: '/v1/blocks/%zz' })],
  'api-request.malformed': [raw('NONSENSE\r\n\r\n')],
  'api-request.headers-too-large': [raw(`GET /livez HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(40_000)}\r\n\r\n`)],
  'api-request.timeout': [raw('GET /livez HTTP/1.1\r\nhost: x\r\n', { headersTimeoutMs: 50, connectionCheckMs: 20 })],
  'api-request.invalid': [
    unsigned({ url: '/v1/blocks/01' }),
    unsigned({ url: '/v1/blocks/-1' }),
    unsigned({ url: '/v1/status?unknown=1' }),
    (app) => by('patient', { url: `/v1/participants/${world.patient}/audit?limit=0` })(app),
    (app) => by('patient', { url: `/v1/participants/${world.patient}/audit?after=x` })(app),
    (app) => by('patient', { url: `/v1/participants/${world.patient}/grants?limit=1&limit=2` })(app),
    unsigned({ url: '/v1/events', headers: { 'last-event-id': 'x' } }),
  ],
  'api-request.replayed': [
    async (app) => {
      const headers = signedHeaders(world.service, 'patient', own());
      expect((await inject(app, { ...own(), headers })).statusCode).toBe(200);
      const again = await inject(app, { ...own(), headers });
      return { status: again.statusCode, code: codeOf(again) };
    },
  ],
  'api-session.only-here': [by('hospital 1', presence), by(null, presence)],
  'api-session.not-here': [enclosed({ url: '/v1/events' }), enclosed({ method: 'POST', url: '/v1/sessions' })],
  'api-session.wrong-signer': [enclosed(status, 'doctor')],
  'api-body.unexpected': [unsigned({ url: '/v1/status', body: 'x', type: 'application/json' } as Request)],
  'api-body.empty': [
    unsigned({ method: 'POST', url: '/v1/transactions' }),
    unsigned(post('')),
    unsigned({ method: 'POST', url: '/v1/transactions/batch', body: new Uint8Array(0), type: DAG_CBOR }),
  ],
  'api-body.wrong-type': [
    unsigned(post('{"signed":"00"}', 'text/plain')),
    unsigned(post('{"signed":"00"}', 'application/json ')),
    unsigned(post('{"signed":"00"}', ' application/json')),
    unsigned(post('{"signed":"00"}', 'application/json; charset=utf-16')),
    unsigned(post('{"signed":"00"}', DAG_CBOR)),
    unsigned({ ...post('{"signed":"00"}'), headers: { 'content-encoding': 'gzip' } }),
  ],
  'api-body.too-large': [
    unsigned(post({ signed: '00'.repeat(20_000) })),
    unsigned({ method: 'POST', url: '/v1/transactions/batch', body: new Uint8Array(1_048_577), type: DAG_CBOR }),
    by('patient', { ...proofs({ keys: ['x'.repeat(40_000)] }) }),
  ],
  'api-body.truncated': [
    async (app) => {
      const response = await inject(app, { ...post('{"signed":"00"}'), headers: { 'content-length': '99' } });
      return { status: response.statusCode, code: codeOf(response) };
    },
  ],
  'api-body.not-utf8': [unsigned(post(Uint8Array.of(0x22, 0xff, 0x22)))],
  'api-body.invalid': [
    unsigned(post({ signed: 'zz' })),
    unsigned(post({ signed: '000' })),
    unsigned(post({ signed: 7 })),
    unsigned(post({ signed: '00', more: true })),
    unsigned(post('{"signed":"00","constructor":{}}')),
    unsigned(post({})),
    unsigned(post([])),
    unsigned(post('null')),
    unsigned(post('9007199254740993')),
    by('patient', proofs({ keys: [] })),
    by('patient', proofs({ keys: Array(33).fill('hospitals/all') })),
  ],
  'api-body.digest-mismatch': [
    (app) =>
      tampered({ ...proofs({ keys: ['hospitals/all'] }) }, () =>
        signedHeaders(world.service, 'patient', proofs({ keys: ['hospitals/any'] })),
      )(app),
    (app) =>
      tampered({ method: 'PUT', url: '/v1/blobs', body: Uint8Array.of(1), type: OCTETS }, () =>
        signedHeaders(world.service, 'patient', { method: 'PUT', url: '/v1/blobs', body: Uint8Array.of(2) }),
      )(app),
    (app) => tampered(own(), () => signedHeaders(world.service, 'patient', { ...own(), body: Uint8Array.of(2) }))(app),
  ],
  'api-view.nothing-here': [
    (app) => by('stranger', own())(app),
    by('patient', { url: '/v1/participants/zz' }),
    by('patient', { url: `/v1/receipts/${'00'.repeat(32)}` }),
    by('patient', proofs({ keys: ['no-such-table/x'] })),
    by('patient', proofs({ keys: [`record/${'00'.repeat(32)}`] })),
  ],
  'api-view.denied': [
    by('doctor', { method: 'POST', url: '/v1/fragments', body: { grantId: '', fragments: [] } } as Request),
  ],
  'api-view.no-block': [
    unsigned({ url: '/v1/blocks/999' }),
    by('patient', proofs({ keys: ['hospitals/all'], height: 999 })),
  ],
  'api-view.trail-too-dense': [
    async (app) => {
      const { service } = world;
      const line = (await service.audit(service.hospital, 0 as never, 1))[0];
      const { audit } = service;
      service.audit = async (_subject, _height, limit) => Array(limit).fill({ ...line, height: 5, index: 0 });
      const answered = await by('patient', { url: `/v1/participants/${world.patient}/audit?after=5.2000` })(app);
      service.audit = audit;
      return answered;
    },
  ],
  'api-limit.rate': [
    limited({ rateLimits: { perAddress: { burst: 1, perSecond: 1 }, perKey: NO_RATE() } }, status),
    limited({ rateLimits: { perAddress: NO_RATE(), perKey: { burst: 1, perSecond: 1 } } }, status),
    // One batch of three transactions where the address has two tokens left: refused before anything is handed in.
    async () => {
      const poor = await apiOver(world.service, {
        rateLimits: { perAddress: { burst: 2, perSecond: 1 }, perKey: NO_RATE() },
      });
      const body = encode([0, 1, 2].map((n) => Uint8Array.of(n)));
      return unsigned({ method: 'POST', url: '/v1/transactions/batch', body, type: DAG_CBOR })(poor);
    },
  ],
  'api-limit.nonces': [
    limited({ limits: { nonceMemoryMax: 2 } }, status),
    limited({ limits: { noncesPerKeyMax: 2 } }, status),
    limited({ limits: { strangerNoncesMax: 2 } }, status, 'stranger'),
  ],
  'api-limit.uploads': [
    async () => {
      const full = await apiOver(world.service, { limits: { uploadsMax: 0 } });
      return by('patient', { method: 'PUT', url: '/v1/blobs', body: Uint8Array.of(1), type: OCTETS })(full);
    },
  ],
  'api-limit.listeners': [
    async () => unsigned({ url: '/v1/events' })(await apiOver(world.service, { limits: { listenersMax: 0 } })),
  ],
  'api-node.not-ready': [
    async (app) => {
      world.service.ready = { ready: false, code: 'node.catching-up' };
      const answered = await unsigned({ url: '/readyz' })(app);
      world.service.ready = { ready: true, code: null };
      return answered;
    },
  ],
  'api-node.internal': [
    (app) => withSubmit(app, async () => Promise.reject(new Error('a secret of the machine'))),
    (app) => withSubmit(app, async () => [refuse('nobody.knows-this-code')]),
    (app) => withSubmit(app, async () => []),
  ],
};

function NO_RATE() {
  return { burst: 1_000, perSecond: 1_000 };
}

/** The second request is over the limit. */
function limited(options: Partial<ApiOptions>, request: Request, name = 'patient'): Case {
  return async () => {
    const app = await apiOver(world.service, options);
    await ask(app, world.service, name, request);
    const response = await ask(app, world.service, name, request);
    expect(response.headers['retry-after']).toBe('1');
    return { status: response.statusCode, code: codeOf(response) };
  };
}

async function withSubmit(app: FastifyInstance, submit: TownService['submit']): Promise<Answered> {
  const { service } = world;
  const before = service.submit;
  service.submit = submit;
  const response = await inject(app, post({ signed: toHex(service.someTransaction()) }));
  service.submit = before;
  expect(response.body).not.toContain('secret');
  return { status: response.statusCode, code: codeOf(response) };
}

/** Bytes on a socket of their own, and what comes back. */
function raw(text: string, limits: ApiOptions['limits'] = {}): Case {
  return async () => {
    const app = await apiOver(world.service, { limits });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as { port: number };
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
      });
      socket.on('close', () => resolve(received));
      socket.on('error', reject);
    });
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    return { status: Number(head.split(' ')[1]), code: (JSON.parse(body) as { error: { code: string } }).error.code };
  };
}

describe('what the API refuses', () => {
  const cases = Object.entries(API_CASES).flatMap(([code, list]) => list.map((run, i) => [code, i + 1, run] as const));

  it('has a case for every code', () => {
    expect(Object.keys(API_CASES).sort()).toEqual(Object.keys(API_CODES).sort());
    expect(Object.values(API_CASES).filter((list) => list.length === 0)).toEqual([]);
  });

  it.each(cases)('%s (%i) has its code and status, and the node serves on', async (code, _i, run) => {
    expect(await run(app)).toEqual({ status: API_CODES[code as ApiCode].status, code });
    expect((await inject(app, status)).statusCode).toBe(200);
    expect(world.service.openViews).toBe(0);
  });
});

describe('bad JSON', () => {
  it.each([
    ['no JSON', 'vm-json.malformed', '{"signed"'],
    ['33 levels', 'vm-json.too-deep', `{"signed":${nested(33)}}`],
    ['100,000 levels', 'api-body.too-large', nested(100_000)],
    ['a repeated key', 'vm-json.duplicate-key', '{"signed":"00","signed":"01"}'],
    ['__proto__', 'vm-json.forbidden-key', '{"signed":"00","__proto__":{}}'],
    ['a fraction', 'vm-json.not-an-integer', '{"signed":1.5}'],
    ['a rounded integer', 'vm-json.not-an-integer', '{"signed":1e3}'],
    ['half a surrogate pair', 'vm-json.malformed', '{"signed":"\\ud800"}'],
  ])('with %s is refused as %s', async (_name, code, body) => {
    expect(codeOf(await inject(app, post(body)))).toBe(code);
  });

  it('as long as its limit is read without trouble', async () => {
    const long = { ...proofs({ keys: ['x'] }), url: '/v1/fragments', body: `"${'\\n'.repeat(500_000)}"` };
    expect(codeOf(await ask(app, world.service, 'patient', long))).toBe('api-body.invalid');
  });
});

describe('signatures of requests', () => {
  const cases: readonly (readonly [string, string, Case])[] = [
    ['none', 'crypto-request.unsigned', (app) => unsigned(own())(app)],
    [
      'one of another chain',
      'crypto-request.bad-signature',
      (app) =>
        tampered(own(), () => signedHeaders(world.service, 'patient', own(), { chainId: new Uint8Array(32) }))(app),
    ],
    [
      'one of two minutes ago',
      'crypto-request.outside-window',
      (app) =>
        tampered(own(), () => signedHeaders(world.service, 'patient', own(), { createdSeconds: NOW_MS / 1_000 - 120 }))(
          app,
        ),
    ],
    [
      'one for another path',
      'crypto-request.bad-signature',
      (app) => tampered(own(), () => signedHeaders(world.service, 'patient', status))(app),
    ],
    [
      'one for another method',
      'crypto-request.bad-signature',
      (app) => tampered(own(), () => signedHeaders(world.service, 'patient', { ...own(), method: 'PUT' }))(app),
    ],
    [
      'one for another query',
      'crypto-request.bad-signature',
      (app) => tampered(own(), () => signedHeaders(world.service, 'patient', { url: `${own().url}?x` }))(app),
    ],
    [
      'half of one',
      'crypto-request.malformed',
      (app) => tampered(own(), ({ 'content-digest': _gone, ...rest }) => rest)(app),
    ],
    [
      'a bad one where none is needed',
      'crypto-request.malformed',
      (app) => tampered(status, (headers) => ({ ...headers, signature: 'x' }))(app),
    ],
  ];
  it.each(cases)('%s is refused as %s', async (_name, code, run) => {
    expect(await run(app)).toEqual({ status: 401, code });
  });
});

it('strangers can fill the memory of nonces for strangers only, and replay nothing', async () => {
  const { service } = world;
  const tight = await apiOver(service, { limits: { strangerNoncesMax: 4 } });
  const replayed = { ...status, headers: signedHeaders(service, 'stranger 0', status) };
  expect((await inject(tight, replayed)).statusCode).toBe(200);
  expect(codeOf(await inject(tight, replayed))).toBe('api-request.replayed');
  expect((await ask(tight, service, 'stranger 1', status)).statusCode).toBe(200);
  expect(codeOf(await ask(tight, service, 'stranger 2', status))).toBe('api-limit.nonces');
  expect((await ask(tight, service, 'patient', own())).statusCode).toBe(200);

  const closed = await apiOver(service, { limits: { nonceMemoryMax: 2 } });
  for (const n of [1, 2, 3]) expect((await ask(closed, service, `stranger ${n}`, status)).statusCode).toBe(200);
  expect((await ask(closed, service, 'patient', own())).statusCode).toBe(200);
});

it('a route without an access rule does not get onto the server', async () => {
  const { access: _none, ...route } = ROUTES[0] as (typeof ROUTES)[number];
  const options = { host: '127.0.0.1', port: 0, docs: false, logger: null };
  await expect(buildApi(world.service, options, [route as (typeof ROUTES)[number]])).rejects.toThrow('no access rule');
});
