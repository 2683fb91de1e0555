import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { get as httpsGet } from 'node:https';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Api, type ApiOptions, createApi } from '../../src/api/server.ts';
import type { ApiTapEvent } from '../../src/api/tap.ts';
import { equal, toHex } from '../../src/base/bytes.ts';
import { ok, refuse } from '../../src/base/result.ts';
import { noise } from '../storage/support.ts';
import { until } from '../support/until.ts';
import { OCTETS, OPTIONS, type Request, signedHeaders, typeOf } from './support.ts';
import type { TownService } from './town-service.ts';
import { buildWorld, type World } from './world.ts';

const MIB = 2 ** 20;
const BIG = noise(1, 20 * MIB);
/** What sockets and streams on both sides may hold on their own. */
const IN_FLIGHT_MAX = 8 * MIB;

let world: World;
beforeAll(async () => {
  world = await buildWorld();
});

async function serve(service: TownService, options: Partial<ApiOptions> = {}): Promise<Api> {
  const api = await createApi(service, { ...OPTIONS, ...options });
  onTestFinished(() => api.close());
  return api;
}

interface Answered {
  readonly status: number;
  readonly body: string;
}

/** Uploads piece by piece, counting what has left. */
function upload(api: Api, headers: Record<string, string>, pieces: AsyncIterable<Uint8Array>): Promise<Answered> {
  const { hostname, port } = new URL(api.address);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method: 'PUT', path: '/v1/blobs', headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('error', reject);
    Readable.from(pieces).pipe(request);
  });
}

const put = (body: Uint8Array): Request => ({ method: 'PUT', url: '/v1/blobs', body, type: OCTETS });
const uploadHeaders = (body: Uint8Array) => ({
  ...typeOf(put(body)),
  ...signedHeaders(world.service, 'patient', put(body)),
});

async function* inPieces(bytes: Uint8Array, onPiece: (bytes: number) => void = () => {}): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) {
    const piece = bytes.subarray(at, at + 65_536);
    onPiece(piece.length);
    yield piece;
  }
}

/** The count, once it has stood still for a while: a sender that nobody holds back would be through by then. */
async function settled(count: () => number): Promise<number> {
  let [last, still] = [-1, 0];
  await until(
    () => {
      still = count() === last ? still + 1 : 0;
      last = count();
      return last > 0 && still > 40;
    },
    { what: 'a count that stands still' },
  );
  return last;
}

describe('an upload', () => {
  it('of 20 MiB arrives as it was sent', async () => {
    const api = await serve(world.service);
    const answered = await upload(api, uploadHeaders(BIG), inPieces(BIG));
    expect(answered.status).toBe(201);
    const { cid, bytes } = JSON.parse(answered.body) as { cid: string; bytes: number };
    expect(bytes).toBe(BIG.length);
    let at = 0;
    for await (const piece of world.service.blobs.get(cid)) {
      expect(equal(piece, BIG.subarray(at, at + piece.length))).toBe(true);
      at += piece.length;
    }
    expect(at).toBe(BIG.length);
  });

  it('waits for the disk: what is not taken is not read from the socket', async () => {
    const service = await slowStore();
    const api = await serve(service.service);
    let sent = 0;
    const running = upload(
      api,
      uploadHeaders(BIG),
      inPieces(BIG, (bytes) => (sent += bytes)),
    );
    await until(() => service.taken() > 0, { what: 'the upload runs' });
    expect(await settled(() => sent)).toBeLessThan(IN_FLIGHT_MAX);
    service.goOn();
    expect((await running).status).toBe(201);
    expect(service.taken()).toBe(BIG.length);
  });

  it('whose bytes are not the signed ones is refused at its end, and nothing of it is kept', async () => {
    const api = await serve(world.service);
    const other = noise(2, MIB);
    const answered = await upload(api, uploadHeaders(noise(3, MIB)), inPieces(other));
    expect(JSON.parse(answered.body)).toMatchObject({ error: { code: 'api-body.digest-mismatch' } });
    const honest = await upload(api, uploadHeaders(other), inPieces(other));
    const { cid } = JSON.parse(honest.body) as { cid: string };
    expect(await world.service.blobs.has(cid)).toBe(true);
    await world.service.blobs.delete(cid);
    await upload(api, uploadHeaders(noise(3, MIB)), inPieces(other));
    expect(await world.service.blobs.has(cid)).toBe(false);
  });

  it('over the quota is refused with the code of the store', async () => {
    const api = await serve(world.service);
    const { service } = world;
    const { putBlob } = service;
    service.putBlob = async (stream) => {
      for await (const _piece of stream) break;
      return refuse('blob.quota');
    };
    onTestFinished(() => {
      service.putBlob = putBlob;
    });
    const answered = await upload(api, uploadHeaders(BIG.subarray(0, MIB)), inPieces(BIG.subarray(0, MIB))).catch(
      () => null,
    );
    // A sender in the middle of its body may lose the answer with the connection.
    if (answered !== null)
      expect([answered.status, answered.body]).toEqual([429, expect.stringContaining('blob.quota')]);
    expect((await fetch(`${api.address}/livez`)).status).toBe(200);
  });

  it('that breaks off gives its place back', async () => {
    const { service } = world;
    const api = await serve(service, { limits: { uploadsMax: 1 } });
    const { hostname, port } = new URL(api.address);
    const headers = { ...uploadHeaders(BIG), 'content-length': String(BIG.length) };
    const broken = httpRequest({ hostname, port, method: 'PUT', path: '/v1/blobs', headers });
    broken.on('error', () => {});
    broken.write(BIG.subarray(0, MIB));
    const small = noise(4, 10);
    const again = async (status: number) =>
      (await upload(api, uploadHeaders(small), inPieces(small))).status === status;
    await until(() => again(503), { what: 'the only place is taken' });
    broken.destroy();
    await until(() => again(201), { what: 'the place is free' });
  });

  /** A store that takes one piece and then waits for `goOn`. */
  async function slowStore() {
    const { service } = await buildWorld();
    let bytes = 0;
    let goOn = (): void => {};
    const open = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    service.putBlob = async (stream) => {
      for await (const piece of stream) {
        bytes += piece.length;
        await open;
      }
      return ok({ cid: 'bafk', bytes });
    };
    return { service, taken: () => bytes, goOn: () => goOn() };
  }
});

describe('a ciphertext', () => {
  const url = () => `/v1/reads/${world.read}/ciphertext`;
  const fetchIt = (api: Api) =>
    fetch(api.address + url(), { headers: signedHeaders(world.service, 'doctor', { url: url() }) });

  it('of 20 MiB arrives whole, with its length and CID', async () => {
    world.service.opened = { envelope: Uint8Array.of(1), ciphertext: BIG };
    const response = await fetchIt(await serve(world.service));
    expect(response.headers.get('carechain-cid')).toBe('bafkcid');
    expect(response.headers.get('content-length')).toBe(String(BIG.length));
    expect(equal(new Uint8Array(await response.arrayBuffer()), BIG)).toBe(true);
  });

  it('is read from the disk as fast as the reader takes it', async () => {
    const { service } = world;
    const { readCiphertext } = service;
    let read = 0;
    service.readCiphertext = async () =>
      ok({ cid: 'bafk', bytes: BIG.length, stream: inPieces(BIG, (bytes) => (read += bytes)) });
    onTestFinished(() => {
      service.readCiphertext = readCiphertext;
    });
    const response = await fetchIt(await serve(service));
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    expect(await settled(() => read)).toBeLessThan(IN_FLIGHT_MAX);
    await reader.cancel();
  });

  it('that breaks half-way never looks complete', async () => {
    const { service } = world;
    const { readCiphertext } = service;
    service.readCiphertext = async () => ok({ cid: 'bafk', bytes: BIG.length, stream: breaking() });
    onTestFinished(() => {
      service.readCiphertext = readCiphertext;
    });
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield BIG.subarray(0, MIB);
      throw new Error('disk');
    }
    const api = await serve(service);
    await expect(fetchIt(api).then((response) => response.arrayBuffer())).rejects.toThrow();
    expect((await fetch(`${api.address}/livez`)).status).toBe(200);
  });
});

describe('the server', () => {
  it('speaks TLS where it is given a certificate, and tells browsers to stay with it', async () => {
    const pem = (name: string) => readFileSync(new URL(`fixtures/localhost-${name}.pem`, import.meta.url), 'utf8');
    const api = await serve(world.service, { tls: { cert: pem('cert'), key: pem('key') } });
    expect(api.address).toMatch(/^https:/);
    const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
      httpsGet(`${api.address}/livez`, { ca: pem('cert') }, (response) => {
        response.resume();
        resolve({ ...response.headers, status: response.statusCode });
      }).on('error', reject);
    });
    expect(headers).toMatchObject({ status: 200, 'strict-transport-security': 'max-age=31536000' });
  });

  it('sends security headers, and lets no page of another origin in unless told so', async () => {
    const origin = { origin: 'https://page.example' };
    const closed = await fetch(`${(await serve(world.service)).address}/v1/status`, { headers: origin });
    expect(closed.headers.get('access-control-allow-origin')).toBeNull();
    expect(closed.headers.get('x-content-type-options')).toBe('nosniff');
    expect(closed.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(closed.headers.get('cache-control')).toBe('no-store');

    const { address } = await serve(world.service, { corsOrigins: ['https://page.example'] });
    const opened = await fetch(`${address}/v1/status`, { headers: origin });
    expect(opened.headers.get('access-control-allow-origin')).toBe('https://page.example');
    const preflight = await fetch(`${address}/v1/proofs`, { method: 'OPTIONS', headers: origin });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringContaining('signature-input'),
    ]);
    const other = await fetch(`${address}/v1/proofs`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example' },
    });
    expect(other.status).toBe(405);
  });

  it('shows its traffic to the tap: heads and bodies, in and out', async () => {
    const seen: ApiTapEvent[] = [];
    const api = await serve(world.service, { tap: (event) => seen.push(event) });
    const { service } = world;
    service.submitted = [refuse('mempool.full')];
    onTestFinished(() => {
      service.submitted = null;
    });
    const signed = toHex(service.someTransaction());
    const body = JSON.stringify({ signed });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${api.address}/v1/transactions`, { method: 'POST', body, headers });
    expect(response.status).toBe(503);
    const answer = await response.text();
    await upload(api, uploadHeaders(noise(5, 1_000)), inPieces(noise(5, 1_000)));
    world.service.opened = { envelope: Uint8Array.of(1), ciphertext: noise(6, 1_000) };
    const url = `/v1/reads/${world.read}/ciphertext`;
    await (await fetch(api.address + url, { headers: signedHeaders(service, 'doctor', { url }) })).arrayBuffer();

    const bytesOf = (side: string) =>
      Buffer.concat(seen.filter(({ direction }) => direction === side).map(({ bytes }) => bytes));
    const [inside, outside] = [bytesOf('in'), bytesOf('out')];
    for (const text of ['POST /v1/transactions', body]) expect(inside.includes(text)).toBe(true);
    expect(inside.includes(Buffer.from(noise(5, 1_000)))).toBe(true);
    expect(outside.includes(answer)).toBe(true);
    expect(outside.includes(Buffer.from(noise(6, 1_000)))).toBe(true);
  });

  it("reports CometBFT's metrics in Prometheus form, each name once", async () => {
    const { service } = world;
    const api = await serve(service);
    service.seal(() => service.town.seal([]));
    service.seal(() => service.town.seal([]));
    service.nodeMetrics =
      '# TYPE cometbft_mempool_size gauge\ncometbft_mempool_size 99\n# TYPE carechain_x gauge\ncarechain_x 5\n';
    const text = await (await fetch(`${api.address}/metrics`)).text();
    const value = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
    expect(value('cometbft_consensus_height')).toBe(service.tip().header.height);
    expect(value('cometbft_consensus_validators')).toBe(4);
    expect(value('cometbft_p2p_peers')).toBe(2);
    expect(value('cometbft_consensus_block_interval_seconds_sum')).toBe(1);
    expect([value('cometbft_mempool_size'), value('carechain_x')]).toEqual([0, 5]);
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('logs patterns of routes, and never an id', async () => {
    const lines: string[] = [];
    const log = (event: string, fields?: object) => void lines.push(JSON.stringify({ event, ...fields }));
    const api = await serve(world.service, { logger: { debug: log, error: log } });
    await fetch(`${api.address}/v1/participants/${world.patient}`);
    await until(() => lines.length > 0, { what: 'a line' });
    expect(lines.join()).toContain('/v1/participants/:id');
    expect(lines.join()).not.toContain(world.patient);
  });
});
