import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Rejection } from '../base/result.ts';
import type { Catalogue } from './catalogue.ts';
import { isEnclosed } from './enclosed.ts';
import { errorAnswer, refusal, rejectionOf } from './errors.ts';
import { FHIR_TYPE, fhirRefusal, isBelowFhir } from './fhir/answer.ts';
import { corsHeaders, SECURITY_HEADERS, TRANSPORT_SECURITY } from './headers.ts';
import { API_LIMITS } from './limits.ts';
import type { ApiMetrics } from './metrics.ts';
import type { RateLimiter } from './rate.ts';
import type { Route } from './route.ts';
import { methodsOf } from './route-table.ts';
import { type ApiTap, tapStream, tapText } from './tap.ts';

type LogFields = Readonly<Record<string, string | number | null>>;

/** Structured lines: an event and its fields. Route patterns only: an id in a path says who was looked at. */
export interface ApiLogger {
  debug(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export interface HookOptions {
  readonly logger: ApiLogger | null;
  readonly tls?: object;
  readonly corsOrigins?: readonly string[];
  readonly tap?: ApiTap;
  readonly nowMs: () => number;
  readonly routes: readonly Route[];
  readonly metrics: ApiMetrics;
  readonly catalogue: Catalogue;
  readonly addresses: RateLimiter;
}

/** What holds for every request, whichever route it takes or misses. */
export function addHooks(app: FastifyInstance, options: HookOptions): void {
  addHeaders(app, options);
  addRateLimit(app, options);
  addErrors(app, options);
  addRecord(app, options);
  if (options.tap !== undefined) addTap(app, options.tap);
}

const routeOf = ({ method, routeOptions }: FastifyRequest): string => `${method} ${routeOptions.url ?? 'unknown'}`;

function addHeaders(app: FastifyInstance, { tls, corsOrigins = [] }: HookOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...SECURITY_HEADERS, ...corsHeaders(request.headers.origin, corsOrigins) });
    if (tls !== undefined) reply.header('strict-transport-security', TRANSPORT_SECURITY);
    // The question that a browser asks before a page of another origin may call.
    if (request.method === 'OPTIONS' && reply.hasHeader('access-control-allow-origin')) return reply.code(204).send();
  });
}

function addRateLimit(app: FastifyInstance, { addresses, nowMs }: HookOptions): void {
  app.addHook('onRequest', async (request) => {
    if (!addresses.take(request.ip, nowMs())) throw refusal('api-limit.rate');
  });
}

/** Every refusal leaves through here. */
export function answerError(
  catalogue: Catalogue,
  request: FastifyRequest,
  reply: FastifyReply,
  rejection: Rejection,
): FastifyReply {
  const { status, body } = errorAnswer(catalogue, rejection);
  if (status === 429 || status === 503) reply.header('retry-after', String(API_LIMITS.retryAfterSeconds));
  // Refused before its body was read: the rest is not waited for.
  if (!request.raw.complete) reply.header('connection', 'close');
  if (isBelowFhir(pathOf(request))) {
    const { code, message } = body.error;
    return reply
      .code(status)
      .type(`${FHIR_TYPE}; charset=utf-8`)
      .send(fhirRefusal(code, { status, meaning: message }));
  }
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

const pathOf = ({ url }: FastifyRequest): string => url.split('?')[0] as string;

function addErrors(app: FastifyInstance, { catalogue, logger, routes }: HookOptions): void {
  app.setErrorHandler((error, request, reply) => {
    const rejection = rejectionOf(error, catalogue);
    if (rejection === null || !catalogue.has(rejection.code))
      logger?.error('api-request-failed', {
        route: routeOf(request),
        code: rejection?.code ?? null,
        error: String(error),
      });
    return answerError(catalogue, request, reply, rejection ?? { code: 'api-node.internal' });
  });

  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(routes, pathOf(request));
    if (methods.length === 0) return answerError(catalogue, request, reply, { code: 'api-route.unknown' });
    reply.header('allow', methods.join(', '));
    return answerError(catalogue, request, reply, { code: 'api-route.method' });
  });

  app.server.removeAllListeners('clientError');
  app.server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { status, body } = errorAnswer(catalogue, { code: clientErrorCode(error) });
    if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
    const text = JSON.stringify(body);
    const head = `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${text.length}`;
    socket.end(`${head}\r\nconnection: close\r\n\r\n${text}`, () => socket.destroy());
  });
}

function clientErrorCode({ code }: NodeJS.ErrnoException): string {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'api-request.timeout';
  return code === 'HPE_HEADER_OVERFLOW' ? 'api-request.headers-too-large' : 'api-request.malformed';
}

function addRecord(app: FastifyInstance, { metrics, logger }: HookOptions): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.answered(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
    const ms = Math.round(reply.elapsedTime);
    logger?.debug('api-request', { route: routeOf(request), status: reply.statusCode, ms });
  });
}

function addTap(app: FastifyInstance, tap: ApiTap): void {
  app.addHook('onRequest', async (request) => {
    if (isEnclosed()) return;
    const head = `${request.method} ${request.url}\r\n${request.raw.rawHeaders.join('\r\n')}\r\n`;
    tapText(tap, 'in', routeOf(request), head);
  });
  app.addHook('preParsing', async (request, _reply, payload) =>
    isEnclosed() ||
    (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined)
      ? payload
      : tapStream(tap, 'in', routeOf(request), payload),
  );
  app.addHook('onSend', async (request, reply, payload) => {
    if (isEnclosed()) return payload;
    const route = routeOf(request);
    tapText(tap, 'out', route, `${reply.statusCode}\r\n${JSON.stringify(reply.getHeaders())}\r\n`);
    if (payload instanceof Readable) return tapStream(tap, 'out', route, payload);
    if (typeof payload === 'string') tapText(tap, 'out', route, payload);
    if (payload instanceof Uint8Array) tap({ direction: 'out', route, bytes: payload });
    return payload;
  });
}
