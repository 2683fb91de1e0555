import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Result } from '../base/result.ts';
import { decideAccess } from './access.ts';
import { hasDigest, isEmptyDigest, readJson } from './body.ts';
import { checkPlace, checkSigner } from './enclosed.ts';
import { ApiRefusal, refusal } from './errors.ts';
import { type CallerMemory, identify, isSigned } from './identify.ts';
import { API_LIMITS } from './limits.ts';
import { schemaOf } from './openapi.ts';
import { type Answer, type Call, type Caller, CONTENT_TYPES, type Route, type Shared } from './route.ts';
import type { NodeService } from './service.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who signed; null until that is known, and for who did not sign. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    carechainRoute?: Route;
  }
}

export interface RouteHost {
  readonly service: NodeService;
  readonly shared: Shared;
  readonly memory: CallerMemory;
  readonly nowMs: () => number;
}

/** Puts one resource's routes on the server. The only way in: a route without an access rule does not get through. */
export function registerRoutes(app: FastifyInstance, host: RouteHost, routes: readonly Route[]): void {
  for (const route of routes) {
    if (route.access === undefined) throw new TypeError(`${route.method} ${route.path} has no access rule`);
    app.route({
      method: route.method,
      url: route.path,
      schema: schemaOf(route),
      config: { carechainRoute: route },
      ...(route.body === undefined ? {} : { bodyLimit: route.body.bytesMax }),
      onRequest: (request) => atTheDoor(host, route, request),
      preValidation: async (request) => checkBodyIsThere(route, request),
      preHandler: (request) => afterTheBody(host, route, request),
      handler: async (request, reply) => send(reply, await route.handle(callOf(host, request))),
    });
  }
}

/** Before a byte of the body is read: its announced form, who asks, and whether they may. */
async function atTheDoor(host: RouteHost, route: Route, request: FastifyRequest): Promise<void> {
  checkPlace(route);
  checkAnnouncedBody(route, request);
  boundBodyTime(route, request);
  const { access } = route;
  if (access === 'open') return;
  if (!access.anonymous || isSigned(request.headers)) request.caller = callerOf(host, request);
  if (route.body === undefined && request.caller !== null && !isEmptyDigest(request.caller.bodyHash))
    throw refusal('api-body.digest-mismatch');
  if (!access.afterBody) await checkAccess(host, route, request);
}

async function afterTheBody(host: RouteHost, route: Route, request: FastifyRequest): Promise<void> {
  if (route.access !== 'open' && route.access.afterBody) await checkAccess(host, route, request);
}

async function checkAccess(host: RouteHost, { access }: Route, request: FastifyRequest): Promise<void> {
  if (access === 'open') return;
  const answer = await decideAccess(access, callOf(host, request));
  if (answer === 'allowed') return;
  if (request.caller === null) throw new ApiRefusal({ code: 'crypto-request.unsigned' });
  throw refusal(answer === 'denied' ? 'api-view.denied' : 'api-view.nothing-here');
}

function callerOf({ service, memory, nowMs }: RouteHost, request: FastifyRequest): Caller {
  const url = request.raw.url ?? '';
  const cut = url.indexOf('?');
  const target = {
    method: request.method,
    path: cut === -1 ? url : url.slice(0, cut),
    query: cut === -1 ? '' : url.slice(cut),
  };
  const caller = identify(service, memory, target, request.headers, nowMs());
  if (!caller.ok) throw new ApiRefusal(caller.rejection);
  checkSigner(caller.value);
  return caller.value;
}

/** One content type a route, nothing else near it: validators have been led astray by odd ones (FACTS.md). */
function checkAnnouncedBody({ body }: Route, { headers }: FastifyRequest): void {
  const length = Number(headers['content-length'] ?? 0);
  const hasBody = headers['transfer-encoding'] !== undefined || length > 0;
  if (body === undefined) {
    if (hasBody) throw refusal('api-body.unexpected');
    return;
  }
  if (headers['content-type'] !== CONTENT_TYPES[body.kind]) {
    if (!hasBody && headers['content-type'] === undefined) throw refusal('api-body.empty');
    throw refusal('api-body.wrong-type', { expected: CONTENT_TYPES[body.kind] });
  }
  if (headers['content-encoding'] !== undefined) throw refusal('api-body.wrong-type', { expected: 'no encoding' });
  if (length > body.bytesMax) throw refusal('api-body.too-large', { bytesMax: body.bytesMax });
}

/** The server's own timeout is that of the longest upload. An upload has its pace (body.ts); other bodies come within a minute. */
function boundBodyTime({ body }: Route, { raw }: FastifyRequest): void {
  if (body === undefined || body.kind === 'stream') return;
  const timer = setTimeout(() => raw.destroy(), API_LIMITS.bodyTimeoutMs);
  for (const event of ['end', 'close'] as const) raw.once(event, () => clearTimeout(timer));
}

function checkBodyIsThere({ body }: Route, request: FastifyRequest): void {
  if (body !== undefined && request.body === undefined) throw refusal('api-body.empty');
}

/** Three parsers, one for each kind of body. A buffered body is held to the digest that was signed before anyone reads it. */
export function addBodyParsers(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(CONTENT_TYPES.json, { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    const json = readJson(checkedBody(request, body));
    if (!json.ok) throw new ApiRefusal(json.rejection);
    return json.value;
  });
  app.addContentTypeParser(
    CONTENT_TYPES['dag-cbor'],
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => checkedBody(request, body),
  );
  // An upload is read by its handler, as it arrives.
  app.addContentTypeParser(CONTENT_TYPES.stream, async (_request: FastifyRequest, payload: Readable) => payload);
}

function checkedBody({ caller }: FastifyRequest, body: Buffer): Uint8Array {
  if (body.length === 0) throw refusal('api-body.empty');
  if (caller !== null && !hasDigest(body, caller.bodyHash)) throw refusal('api-body.digest-mismatch');
  // A plain array: a Buffer's `slice` shares memory, which canonical code does not expect.
  return new Uint8Array(body.buffer, body.byteOffset, body.length);
}

const callOf = ({ service, shared }: RouteHost, request: FastifyRequest): Call => ({
  service,
  shared,
  params: request.params as Readonly<Record<string, string>>,
  query: request.query as Readonly<Record<string, string>>,
  body: request.body,
  caller: request.caller,
  remoteAddress: request.ip,
  origin: originOf(request),
  lastEventId: request.headers['last-event-id'] as string | undefined,
});

/** What is no host is left out: the answer is to whoever said it, and no cache keeps it. */
function originOf({ protocol, headers }: FastifyRequest): string {
  const origin = `${protocol}://${headers.host ?? ''}`;
  return URL.canParse(origin) && new URL(origin).origin === origin ? origin : `${protocol}://localhost`;
}

function send(reply: FastifyReply, result: Result<Answer>): FastifyReply {
  if (!result.ok) throw new ApiRefusal(result.rejection);
  const answer = result.value;
  switch (answer.kind) {
    case 'json':
      return reply.code(answer.status).type('application/json; charset=utf-8').send(JSON.stringify(answer.value));
    case 'bytes':
      return reply
        .type(answer.contentType)
        .send(typeof answer.bytes === 'string' ? answer.bytes : Buffer.from(answer.bytes));
    case 'stream': {
      const { stream, headers, contentType } = answer;
      const readable = stream instanceof Readable ? stream : Readable.from(stream, { objectMode: false });
      return reply.headers(headers).type(contentType).send(readable);
    }
  }
}
