import type { Hash } from '../base/brand.ts';
import { concat, utf8 } from '../base/bytes.ts';
import { REQUEST_NONCE_BYTES, signRequest } from '../crypto/http-signature.ts';
import { streamOf } from './content.ts';
import type { Device } from './device.ts';
import { ApiError, ClientError } from './errors.ts';
import { CLIENT_LIMITS } from './limits.ts';
import type { KeyPair } from './wallet.ts';

/**
 * Sees every byte of application traffic, above transport encryption: for recordings that a later search reads. Heads are
 * written as HTTP/1.1 writes them. `exchange` counts requests from 1.
 */
export type Tap = (exchange: number, side: 'sent' | 'received', bytes: Uint8Array) => void;

export interface HttpOptions {
  /** Scheme, host and port, without a path. */
  readonly baseUrl: string;
  readonly chainId: Hash;
  readonly device: Device;
  /** Signs requests. Null asks as a stranger. */
  readonly account: KeyPair | null;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
  readonly tap?: Tap;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Percent-encoded, from the first slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: { readonly type: string; readonly bytes: Uint8Array } | StreamedBody;
  readonly accept?: string;
  /** Beside those of the body and the signature. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where the hospital does long work before it answers. */
  readonly timeoutMs?: number;
  /** Also ends the request when it aborts. */
  readonly signal?: AbortSignal;
}

/** A body that is read as it is sent. The signature covers its digest, so that is known before. */
export interface StreamedBody {
  readonly type: string;
  readonly sha256: Hash;
  open(): AsyncIterable<Uint8Array>;
}

export interface Http {
  /** The whole answer, at most `bytesMax` long. Throws `ApiError` where the hospital refused, else `ClientError`. */
  whole(request: HttpRequest, bytesMax: number): Promise<Uint8Array>;
  /** The answer piece by piece. It ends with an error, never early, where the hospital stops half-way. */
  stream(request: HttpRequest): Promise<AsyncGenerator<Uint8Array, void, undefined>>;
}

export function createHttp(options: HttpOptions): Http {
  const { baseUrl, tap } = options;
  const send = options.fetch ?? fetch;
  const timeoutMs = options.timeoutMs ?? CLIENT_LIMITS.requestTimeoutMs;
  let exchanges = 0;

  async function stream(request: HttpRequest): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
    const exchange = ++exchanges;
    const query = queryOf(request);
    const headers = headersOf(options, request, query);
    tap?.(exchange, 'sent', recordingOf(request, query, headers));
    const timer = idleTimer(request.timeoutMs ?? timeoutMs, request.signal);
    try {
      const response = await send(`${baseUrl}${request.path}${query}`, {
        method: request.method,
        headers,
        signal: timer.signal,
        redirect: 'error',
        ...bodyOf(request, timer, (bytes) => tap?.(exchange, 'sent', bytes)),
      });
      tap?.(exchange, 'received', utf8(`HTTP/1.1 ${response.status}\r\n${headText(response.headers)}\r\n`));
      const pieces = piecesOf(response, timer, (bytes) => tap?.(exchange, 'received', bytes));
      if (response.ok) return pieces;
      throw refusalOf(response.status, await collect(pieces, CLIENT_LIMITS.answerBytesMax));
    } catch (error) {
      timer.stop();
      throw asClientError(error, timer);
    }
  }

  return {
    stream,
    whole: async (request, bytesMax) => collect(await stream(request), bytesMax),
  };
}

/** Each piece that the hospital takes begins its time anew. */
function bodyOf({ body }: HttpRequest, timer: IdleTimer, onPiece: (bytes: Uint8Array) => void): RequestInit {
  if (body === undefined) return {};
  if ('bytes' in body) return { body: body.bytes as Uint8Array<ArrayBuffer> };
  async function* pieces({ open }: StreamedBody): AsyncGenerator<Uint8Array> {
    for await (const piece of open()) {
      timer.restart();
      onPiece(piece);
      yield piece;
    }
    timer.restart();
  }
  // Fetch asks for `duplex` with a stream, and its types do not know it yet.
  return { body: streamOf(pieces(body)), duplex: 'half' } as RequestInit;
}

/** The answer's bytes as they come. Leaving the loop early closes the connection. */
async function* piecesOf(
  response: Response,
  timer: IdleTimer,
  onPiece: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = response.body?.getReader();
  try {
    while (reader !== undefined) {
      timer.restart();
      const { done, value } = await reader.read();
      if (done) return;
      onPiece(value);
      // What the caller does with a piece is not the hospital's time.
      timer.stop();
      yield value;
    }
  } catch (error) {
    throw asClientError(error, timer);
  } finally {
    timer.stop();
    await reader?.cancel().catch(() => {});
  }
}

export async function collect(pieces: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new ClientError('client-http.answer-too-large');
    parts.push(piece);
  }
  return concat(...parts);
}

interface IdleTimer {
  readonly signal: AbortSignal;
  readonly timedOut: () => boolean;
  restart(): void;
  stop(): void;
}

/** Aborts once nothing has happened for `timeoutMs`: a large ciphertext may take long, a silent hospital may not. */
function idleTimer(timeoutMs: number, outer: AbortSignal | undefined): IdleTimer {
  const controller = new AbortController();
  let late = false;
  const expire = (): void => {
    late = true;
    controller.abort();
  };
  let timer: ReturnType<typeof setTimeout> | undefined = setTimeout(expire, timeoutMs);
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    signal: outer === undefined ? controller.signal : AbortSignal.any([controller.signal, outer]),
    timedOut: () => late,
    restart: () => {
      stop();
      timer = setTimeout(expire, timeoutMs);
    },
    stop,
  };
}

const asClientError = (error: unknown, timer: IdleTimer): Error =>
  error instanceof ApiError || error instanceof ClientError
    ? error
    : new ClientError(timer.timedOut() ? 'client-http.timeout' : 'client-http.unreachable', error);

function queryOf({ query }: HttpRequest): string {
  const pairs = Object.entries(query ?? {}).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function headersOf(options: HttpOptions, request: HttpRequest, query: string): Record<string, string> {
  const { account, chainId, device } = options;
  const { body, method, path } = request;
  const headers = {
    ...request.headers,
    ...(request.accept === undefined ? {} : { accept: request.accept }),
    ...(body === undefined ? {} : { 'content-type': body.type }),
  };
  if (account === null) return headers;
  const signed = signRequest(device.primitives, account.secretKey, account.publicKey, chainId, {
    method,
    path,
    query,
    body: body === undefined ? new Uint8Array(0) : 'bytes' in body ? body.bytes : body,
    createdSeconds: Math.floor(device.nowMs() / 1_000),
    nonce: device.random(REQUEST_NONCE_BYTES),
  });
  return { ...headers, ...signed };
}

const recordingOf = ({ method, path, body }: HttpRequest, query: string, headers: Record<string, string>) =>
  concat(
    utf8(`${method} ${path}${query} HTTP/1.1\r\n${headText(Object.entries(headers))}\r\n`),
    body !== undefined && 'bytes' in body ? body.bytes : new Uint8Array(0),
  );

const headText = (headers: Iterable<[string, string]>): string =>
  [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');

/** The one form of a refusal, `{ error: { code, message, detail } }`; anything else is a broken answer. */
function refusalOf(status: number, bytes: Uint8Array): Error {
  try {
    const { error } = JSON.parse(new TextDecoder().decode(bytes)) as { error: Record<string, unknown> };
    const { code, message, detail } = error;
    if (typeof code === 'string' && typeof message === 'string')
      return new ApiError(status, code, message, plainDetail(detail));
  } catch {
    // Not a refusal of ours: a proxy's page, perhaps.
  }
  return new ClientError('client-http.malformed-answer', `HTTP status ${status}`);
}

function plainDetail(detail: unknown): Record<string, string | number> {
  if (typeof detail !== 'object' || detail === null) return {};
  const plain = Object.entries(detail).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
  return Object.fromEntries(plain) as Record<string, string | number>;
}
