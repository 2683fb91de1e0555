import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Hash } from '../../src/base/brand.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import * as shape from '../../src/base/shape.ts';
import { createApiClient } from '../../src/client/api-client.ts';
import { hostDevice } from '../../src/client/device.ts';
import { collect, createHttp, type HttpOptions } from '../../src/client/http.ts';
import { fields, hex, readJson } from '../../src/client/json-shape.ts';
import { CLIENT_LIMITS } from '../../src/client/limits.ts';
import { serverSentEvents } from '../../src/client/server-sent-events.ts';
import { verifyRequest } from '../../src/crypto/http-signature.ts';
import { hash, primitives, publicOf, secretOf } from '../ledger/town.ts';

const chainId = hash('a chain');
const account = { publicKey: publicOf('somebody'), secretKey: secretOf('somebody') };

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A hospital that answers as `handle` says; the client's options for it. */
async function hospital(handle: RequestListener, change: Partial<HttpOptions> = {}): Promise<HttpOptions> {
  const listening = createServer(handle);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  return { baseUrl, chainId, device: hostDevice(primitives), account: null, ...change };
}

const get = { method: 'GET', path: '/x' } as const;

describe('a request', () => {
  it('is signed over method, path, query and body, with a new nonce each time', async () => {
    const seen: unknown[] = [];
    const options = await hospital(
      (request, response) => {
        const [path = '', query] = (request.url ?? '').split('?');
        const target = { method: request.method ?? '', path, query: query === undefined ? '' : `?${query}` };
        const verified = verifyRequest(
          primitives,
          chainId,
          target,
          request.headers as object,
          Math.floor(Date.now() / 1_000),
        );
        seen.push(verified.ok ? [toHex(verified.value.bodyHash), verified.value.nonce] : verified.rejection.code);
        response.end('{}');
      },
      { account },
    );
    const http = createHttp(options);
    const body = { type: 'text/plain', bytes: utf8('hello') };
    await http.whole({ method: 'POST', path: '/a%20b', query: { after: 'x y', limit: 5 }, body }, 10);
    await http.whole(get, 10);
    const [[posted, first], [nothing, second]] = seen as [[string, string], [string, string]];
    expect(posted).toBe(toHex(primitives.hash(utf8('hello'))));
    expect(nothing).toBe(toHex(primitives.hash(new Uint8Array(0))));
    expect(first).not.toBe(second);
  });

  it('carries no signature without an account', async () => {
    const options = await hospital((request, response) => response.end(JSON.stringify(Object.keys(request.headers))));
    const headers = JSON.parse(Buffer.from(await createHttp(options).whole(get, 1_000)).toString()) as string[];
    expect(headers).not.toContain('signature');
  });

  it('is recorded with its answer, byte for byte', async () => {
    const record: string[] = [];
    const options = await hospital((_request, response) => response.end('answered'), {
      account,
      tap: (exchange, side, bytes) => record.push(`${exchange} ${side} ${Buffer.from(bytes).toString()}`),
    });
    await createHttp(options).whole(
      { method: 'PUT', path: '/x', body: { type: 'text/plain', bytes: utf8('sent') } },
      10,
    );
    expect(record[0]).toMatch(/^1 sent PUT \/x HTTP\/1\.1\r\n[\s\S]*\r\n\r\nsent$/);
    expect(record[1]).toMatch(/^1 received HTTP\/1\.1 200\r\n/);
    expect(record[2]).toBe('1 received answered');
  });
});

describe('an answer', () => {
  it('that refuses is an error with the code of the catalogue', async () => {
    const options = await hospital((_request, response) => {
      response.statusCode = 429;
      response.end('{"error":{"code":"api-limit.rate","message":"Too many.","detail":{"waitSeconds":1,"odd":{}}}}');
    });
    await expect(createApiClient(options).status()).rejects.toMatchObject({
      name: 'ApiError',
      status: 429,
      code: 'api-limit.rate',
      message: 'Too many.',
      detail: { waitSeconds: 1 },
    });
  });

  it.each([
    ['a page of a proxy', 502, '<html>'],
    ['a refusal without a code', 400, '{"error":{"message":"x"}}'],
    ['no JSON', 200, 'hello'],
    ['invalid UTF-8', 200, Buffer.from([0x22, 0xff, 0x22])],
    ['a field of another form', 200, '{"chainId":"zz","height":1}'],
  ])('that is %s is a broken one', async (_what, status, body) => {
    const options = await hospital((_request, response) => {
      response.statusCode = status;
      response.end(body);
    });
    await expect(createApiClient(options).status()).rejects.toMatchObject({ code: 'client-http.malformed-answer' });
  });

  it('is refused once it is larger than its limit', async () => {
    const options = await hospital((_request, response) => response.end(Buffer.alloc(11)));
    const http = createHttp(options);
    await expect(http.whole(get, 10)).rejects.toMatchObject({ code: 'client-http.answer-too-large' });
    expect(await http.whole(get, 11)).toHaveLength(11);
  });

  it('that never comes, or stops half-way, ends with the time limit; a slow one does not', async () => {
    const silent = await hospital(() => {}, { timeoutMs: 40 });
    await expect(createHttp(silent).whole(get, 10)).rejects.toMatchObject({ code: 'client-http.timeout' });
    server?.closeAllConnections();
    server?.close();
    const half = await hospital((_request, response) => void response.write('half'), { timeoutMs: 40 });
    await expect(createHttp(half).whole(get, 10)).rejects.toMatchObject({ code: 'client-http.timeout' });
  });

  it('that is cut off is an error and no shorter answer', async () => {
    const options = await hospital((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half', () => response.destroy());
    });
    await expect(createHttp(options).whole(get, 1_000)).rejects.toMatchObject({ code: 'client-http.unreachable' });
  });

  it('of nobody, or one that points elsewhere, is none', async () => {
    const options = await hospital((_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' });
      response.end();
    });
    await expect(createHttp(options).whole(get, 10)).rejects.toMatchObject({ code: 'client-http.unreachable' });
    const nobody = { ...options, baseUrl: 'http://127.0.0.1:1' };
    await expect(createHttp(nobody).whole(get, 10)).rejects.toMatchObject({ code: 'client-http.unreachable' });
  });

  it('streams, and a reader that leaves early closes the connection', async () => {
    let closed = (): void => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const options = await hospital((_request, response) => {
      response.on('close', closed);
      response.write('first');
    });
    for await (const piece of await createHttp(options).stream(get)) {
      expect(Buffer.from(piece).toString()).toBe('first');
      break;
    }
    await gone;
  });

  it('of endless pages is cut off (pagesMax)', async () => {
    let pages = 0;
    const answer = async (): Promise<Response> => {
      pages++;
      return new Response('{"items":[],"next":"1"}');
    };
    const options = {
      baseUrl: 'http://nowhere',
      chainId,
      device: hostDevice(primitives),
      account: null,
      fetch: answer,
    };
    const list = createApiClient(options).records(new Uint8Array(20) as never);
    await expect(list).rejects.toMatchObject({ code: 'client-http.answer-too-large' });
    expect(pages).toBe(CLIENT_LIMITS.pagesMax);
  });
});

describe('JSON of an answer', () => {
  const as = fields({ id: hex<Hash>(2), n: shape.uint(9) });
  const read = (text: string) => readJson(utf8(text), as);

  it('gives bytes for hexadecimal, and leaves out what this device does not know', () => {
    expect(read('{"id":"00ff","n":1,"new":true,"__proto__":{"n":2}}')).toEqual({ id: Uint8Array.of(0, 255), n: 1 });
  });

  it.each(['{"id":"00f","n":1}', '{"id":"00FF","n":1}', '{"id":"00ff"}', '{"id":"00ff","n":10}', '[]', 'null'])(
    'is refused as %s',
    (text) => {
      expect(() => read(text)).toThrow('another form');
    },
  );
});

describe('server-sent events', () => {
  const eventsOf = async (...pieces: (string | Uint8Array)[]) => {
    const stream = (async function* () {
      for (const piece of pieces) yield typeof piece === 'string' ? utf8(piece) : piece;
    })();
    const events = [];
    for await (const event of serverSentEvents(stream)) events.push(event);
    return events;
  };

  it('are the same wherever the pieces are cut', async () => {
    const text = utf8('retry: 2000\n\n: still here\n\nid: 1\nevent: block\ndata: {"ü":1}\n\ndata: a\ndata: b\n\n');
    const whole = await eventsOf(text);
    expect(whole).toEqual([
      { event: 'block', data: '{"ü":1}' },
      { event: 'message', data: 'a\nb' },
    ]);
    for (let cut = 1; cut < text.length; cut++)
      expect(await eventsOf(text.slice(0, cut), text.slice(cut))).toEqual(whole);
  });

  it('that never end are cut off (eventCharactersMax)', async () => {
    const piece = new Uint8Array(CLIENT_LIMITS.eventCharactersMax / 2 + 1).fill(65);
    await expect(eventsOf(piece, piece)).rejects.toMatchObject({ code: 'client-http.answer-too-large' });
  });
});

describe('collecting', () => {
  it('joins pieces up to the limit', async () => {
    const pieces = async function* () {
      yield Uint8Array.of(1);
      yield Uint8Array.of(2, 3);
    };
    expect(await collect(pieces(), 3)).toEqual(Uint8Array.of(1, 2, 3));
    await expect(collect(pieces(), 2)).rejects.toThrow('larger');
  });
});
