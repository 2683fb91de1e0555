import { readFileSync } from 'node:fs';
import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance } from 'fastify';
import type { CodeEntry } from '../base/result.ts';
import { type Catalogue, catalogueOf } from './catalogue.ts';
import { answerEnclosed } from './enclosed.ts';
import { rejectionOf } from './errors.ts';
import { EventHub } from './events.ts';
import { type ApiLogger, addHooks, answerError } from './hooks.ts';
import { API_LIMITS, type ApiLimits } from './limits.ts';
import { ApiMetrics } from './metrics.ts';
import { NonceMemory } from './nonces.ts';
import { OffenceReader } from './offences.ts';
import { openApiHead } from './openapi.ts';
import { DEFAULT_RATES, RateLimiter, type RateLimits } from './rate.ts';
import { addBodyParsers, registerRoutes } from './register.ts';
import type { Route, Shared } from './route.ts';
import { ROUTES, routesByTag } from './route-table.ts';
import { SealedPlaces } from './sealed-places.ts';
import type { NodeService } from './service.ts';
import { Slots } from './slots.ts';
import type { ApiTap } from './tap.ts';

export interface ApiOptions {
  readonly host: string;
  /** 0: any free one; `address` tells which. */
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Swagger UI at `/docs`. */
  readonly docs: boolean;
  readonly logger: ApiLogger | null;
  /** `null`: no limits, for benchmarks on one machine. */
  readonly rateLimits?: RateLimits | null;
  /** Web pages of these origins may call. Nobody's by default. */
  readonly corsOrigins?: readonly string[];
  readonly tap?: ApiTap;
  /** Codes of folders above the API that the service may answer with. */
  readonly codes?: Readonly<Record<string, CodeEntry>>;
  /** Of the software, for status and OpenAPI. */
  readonly version?: string;
  /** Of the host; tests put in their own. */
  readonly nowMs?: () => number;
  /** Tests make some smaller. */
  readonly limits?: Partial<ApiLimits>;
}

export interface Api {
  /** `http://127.0.0.1:7400`: where it listens. */
  readonly address: string;
  close(): Promise<void>;
}

/** Listens, once every route stands. */
export async function createApi(service: NodeService, options: ApiOptions): Promise<Api> {
  const app = await buildApi(service, options);
  const address = await app.listen({ host: options.host, port: options.port });
  return { address, close: () => app.close() };
}

const NO_RATE = { burst: Number.MAX_SAFE_INTEGER, perSecond: Number.MAX_SAFE_INTEGER };
const NO_RATES: RateLimits = { perAddress: NO_RATE, perKey: NO_RATE };

/** The server without a port. `routes`: tests put in their own. */
export async function buildApi(
  service: NodeService,
  options: ApiOptions,
  routes: readonly Route[] = ROUTES,
): Promise<FastifyInstance> {
  const nowMs = options.nowMs ?? Date.now;
  const rates = options.rateLimits === null ? NO_RATES : (options.rateLimits ?? DEFAULT_RATES);
  const version = options.version ?? packageVersion();
  const catalogue = catalogueOf(options.codes);
  const limits: ApiLimits = { ...API_LIMITS, ...options.limits };
  const app = newServer(options, limits, catalogue);
  const metrics = new ApiMetrics(service);
  const events = new EventHub(service, limits);
  const addresses = new RateLimiter(rates.perAddress, limits.rateKeysMax);
  const shared: Shared = {
    events,
    uploads: new Slots(limits.uploadsMax, limits.uploadsPerKeyMax),
    metrics,
    offences: new OffenceReader(service),
    places: new SealedPlaces(),
    canPages: new Slots(limits.canPagesMax, limits.canPagesPerKeyMax),
    version,
    charge: (remoteAddress, tokens) => addresses.take(remoteAddress, nowMs(), tokens),
    enclosed: (peer, remoteAddress, request) => answerEnclosed(app, { peer, remoteAddress }, request),
    openApi: () => app.swagger(),
  };
  const memory = {
    nonces: new NonceMemory(limits.nonceMemoryMax, limits.noncesPerKeyMax),
    strangerNonces: new NonceMemory(limits.strangerNoncesMax),
    rates: new RateLimiter(rates.perKey, limits.rateKeysMax),
  };

  app.decorateRequest('caller', null);
  addHooks(app, {
    ...options,
    nowMs,
    routes,
    metrics,
    catalogue,
    addresses,
  });
  addBodyParsers(app);
  await app.register(fastifySwagger, openApiHead(version));
  if (options.docs) await app.register(fastifySwaggerUi, { routePrefix: '/docs', staticCSP: true });
  for (const ofResource of routesByTag(routes).values())
    await app.register(async (plugin) => registerRoutes(plugin, { service, shared, memory, nowMs }, ofResource));
  app.addHook('preClose', async () => events.close());
  app.addHook('onClose', async () => metrics.close());
  await app.ready();
  return app;
}

function newServer({ tls }: ApiOptions, limits: ApiLimits, catalogue: Catalogue): FastifyInstance {
  const timeouts = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: limits.connectionCheckMs,
  };
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    forceCloseConnections: true,
    bodyLimit: limits.jsonBodyBytesMax,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    // What the router refuses reaches no other error handler.
    frameworkErrors: (error, request, reply) => {
      answerError(catalogue, request, reply, rejectionOf(error, catalogue) ?? { code: 'api-route.bad-url' });
    },
    routerOptions: { maxParamLength: limits.pathParameterCharactersMax },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: false } },
    ...(tls === undefined ? { http: timeouts } : { https: { ...timeouts, ...tls, minVersion: 'TLSv1.2' as const } }),
  }) as unknown as FastifyInstance;
  // Answers are written by hand: schemas describe them, and a test holds them to it.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.server.maxConnections = limits.connectionsMax;
  return app;
}

/** Two folders up in the sources, three in the build. */
function packageVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {}
  }
  return 'unknown';
}
