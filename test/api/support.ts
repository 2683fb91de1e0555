import { randomBytes } from 'node:crypto';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { onTestFinished } from 'vitest';
import { type ApiOptions, buildApi } from '../../src/api/server.ts';
import type { SecretKey } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { signRequest } from '../../src/crypto/http-signature.ts';
import { primitives, secretOf } from '../ledger/town.ts';
import type { TownService } from './town-service.ts';

export { hash, idOf, primitives, publicOf, secretOf } from '../ledger/town.ts';

export const NOW_MS = 1_800_000_000_000;
export const idText = (id: Uint8Array): string => toHex(id);

export const OPTIONS: ApiOptions = {
  host: '127.0.0.1',
  port: 0,
  docs: false,
  logger: null,
  rateLimits: null,
  nowMs: () => NOW_MS,
};

export async function apiOver(service: TownService, options: Partial<ApiOptions> = {}): Promise<FastifyInstance> {
  const app = await buildApi(service, { ...OPTIONS, ...options });
  onTestFinished(() => app.close());
  return app;
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly url: string;
  /** An object goes as JSON; bytes as they are. */
  readonly body?: object | Uint8Array | string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

/** Headers of a request that `name` signs; `null` signs nothing. */
export function signedHeaders(
  service: TownService,
  name: string | null,
  { method = 'GET', url, body }: Request,
  change: { readonly nonce?: Uint8Array; readonly createdSeconds?: number; readonly chainId?: Uint8Array } = {},
): Record<string, string> {
  if (name === null) return {};
  const secret: SecretKey = secretOf(name);
  const cut = url.indexOf('?');
  const chainId = (change.chainId ?? service.env.chainId) as typeof service.env.chainId;
  return {
    ...signRequest(primitives, secret, primitives.publicKeyOf(secret), chainId, {
      method,
      path: cut === -1 ? url : url.slice(0, cut),
      query: cut === -1 ? '' : url.slice(cut),
      body: bytesOf(body),
      createdSeconds: change.createdSeconds ?? NOW_MS / 1_000,
      nonce: change.nonce ?? randomBytes(16),
    }),
  };
}

export const bytesOf = (body: Request['body']): Uint8Array => {
  if (body === undefined) return new Uint8Array(0);
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
};

export const typeOf = ({ body, type }: Request): Record<string, string> => {
  if (type !== undefined) return { 'content-type': type };
  return body === undefined ? {} : { 'content-type': body instanceof Uint8Array ? OCTETS : 'application/json' };
};
export const OCTETS = 'application/octet-stream';
export const DAG_CBOR = 'application/vnd.ipld.dag-cbor';

/** Asks as `name`, or unsigned. */
export function ask(
  app: FastifyInstance,
  service: TownService,
  name: string | null,
  request: Request,
): Promise<LightMyRequestResponse> {
  return inject(app, { ...request, headers: { ...signedHeaders(service, name, request), ...request.headers } });
}

export function inject(app: FastifyInstance, request: Request): Promise<LightMyRequestResponse> {
  const { method = 'GET', url, body, headers } = request;
  const options: InjectOptions = { method, url, headers: { ...typeOf(request), ...headers } };
  return app.inject(body === undefined ? options : { ...options, payload: Buffer.from(bytesOf(body)) });
}

export const codeOf = (response: LightMyRequestResponse): string =>
  (response.json() as { error: { code: string } }).error.code;
