import type { Address, Hash } from '../base/brand.ts';
import { toHex, utf8 } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import { LIMITS } from '../base/limits.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import type { Shape } from '../base/shape.ts';
import { decodeCertificate } from '../consensus/certificate.ts';
import { headerShape } from '../ledger/header.ts';
import { decodeStateProof } from '../ledger/tree/prove.ts';
import * as answers from './answers.ts';
import type { ApiClient, ChainEvent, ProofsAnswer } from './api.ts';
import { ApiError, ClientError } from './errors.ts';
import { createHttp, type Http, type HttpOptions, type HttpRequest } from './http.ts';
import { readJson } from './json-shape.ts';
import { CLIENT_LIMITS } from './limits.ts';
import { patiently } from './patiently.ts';
import { serverSentEvents } from './server-sent-events.ts';

const DAG_CBOR = 'application/vnd.ipld.dag-cbor';
const JSON_TYPE = 'application/json';
const OCTETS = 'application/octet-stream';

/** One hospital's API over HTTP, for one account. */
export function createApiClient(options: HttpOptions): ApiClient {
  const http = createHttp(options);
  const ask = jsonOf(http);
  const patient: Ask = (request, as) => patiently(() => ask(request, as));

  return {
    status: () => ask(get('/v1/status'), answers.statusShape),
    genesis: async () => new TextDecoder().decode(await http.whole(get('/v1/genesis'), LIMITS.genesisBytesMax)),
    block: async (height) =>
      blockBody(await http.whole(get(`/v1/blocks/${height}/body`), CLIENT_LIMITS.blockAnswerBytesMax)),

    submit: async (signed) => (await ask(post('/v1/transactions', { signed: toHex(signed) }), answers.idShape)).id,
    submitBatch: async (signed) => {
      const body = { type: DAG_CBOR, bytes: encode(signed) };
      const list = await ask({ method: 'POST', path: '/v1/transactions/batch', body }, answers.batchShape);
      return list.map(admissionOf);
    },
    receipt: async (id) => {
      const found = await orNothing(ask(get(`/v1/receipts/${toHex(id)}`), answers.receiptShape));
      return found && { height: found.height, index: found.index, receipt: answers.receiptOf(found) };
    },

    nonce: async (id) => (await orNothing(ask(participant(id), answers.nonceShape)))?.nextNonce ?? 0,
    participant: (id) => orNothing(ask(participant(id, '/keys'), answers.participantShape)),
    hospitals: () => ask(get('/v1/hospitals'), answers.hospitalsShape),
    records: async (owner) => (await allPages(ask, participant(owner, '/records'), answers.recordPage)).map(recordOf),
    record: async (id) => {
      const found = await orNothing(ask(get(`/v1/records/${toHex(id)}`), answers.recordShape));
      return found && recordOf(found);
    },
    requests: async (id) =>
      (await allPages(ask, participant(id, '/requests'), answers.requestPage)).map(({ request, ...row }) => ({
        request,
        row,
      })),
    grants: async (patient) =>
      (await allPages(ask, participant(patient, '/grants'), answers.grantPage)).map(
        ({ grantee, category, ...row }) => ({
          grantee,
          category,
          row,
        }),
      ),
    waitingReviews: async () => (await allPages(ask, get('/v1/reviews'), answers.reviewPage)).map(reviewOf),
    reviewsOf: async (id) => (await allPages(ask, participant(id, '/reviews'), answers.reviewPage)).map(reviewOf),
    review: async (read) => {
      const found = await orNothing(ask(get(`/v1/reviews/${toHex(read)}`), answers.reviewShape));
      if (found === undefined) return undefined;
      const { transaction, ...line } = found;
      return { ...reviewOf(line), transaction };
    },
    readable: (principal) => allPages(patient, participant(principal, '/readable'), answers.readablePage),
    readers: (record) => allPages(patient, get(`/v1/records/${toHex(record)}/readers`), answers.readersPage),
    audit: (subject) => allPages(ask, participant(subject, '/audit'), answers.auditPage),

    putBlob: (ciphertext) => {
      const body =
        ciphertext instanceof Uint8Array
          ? { type: OCTETS, bytes: ciphertext }
          : { type: OCTETS, sha256: ciphertext.sha256, open: () => ciphertext.open() };
      const timeoutMs = CLIENT_LIMITS.custodyTimeoutMs;
      return ask({ method: 'PUT', path: '/v1/blobs', body, timeoutMs }, answers.blobShape);
    },
    storeRecord: ({ ciphertextBytes = 0, ...request }) =>
      untilAnswered(ciphertextBytes, () => ask(custody('/v1/storage', request), answers.storeShape)),
    storeFragments: (request) => ask(custody('/v1/fragments', request), answers.fragmentReceiptsShape),

    storeIndex: (patient, index) => {
      const body = { type: DAG_CBOR, bytes: encode({ ...index }) };
      const timeoutMs = CLIENT_LIMITS.custodyTimeoutMs;
      return ask(
        { ...participant(patient, '/search-index'), method: 'PUT', body, timeoutMs },
        answers.indexStoredShape,
      );
    },
    search: async (patient, { category, ...trapdoor }) => {
      const query = category === null ? {} : { category: toHex(category) };
      const { path } = participant(patient, '/search');
      return (await ask({ ...post(path, hexed(trapdoor)), query }, answers.matchesShape)).matches;
    },

    keepGuardianShares: (request) => ask(custody('/v1/guardian-shares', request), answers.dutyReceiptsShape),
    releasedShares: (request) => ask(get(`/v1/guardianships/${toHex(request)}/shares`), answers.releasedSharesShape),

    readShares: (read) => ask(get(`/v1/reads/${toHex(read)}/shares`), answers.sharesShape),
    readEnvelope: (read) => ask(get(`/v1/reads/${toHex(read)}/envelope`), answers.envelopeShape),
    readCiphertext: (read) => http.stream(get(`/v1/reads/${toHex(read)}/ciphertext`)),

    proofs: async (keys) => proofsOf(await ask(post('/v1/proofs', { keys }), answers.proofsShape)),
    events: (listen = {}) => chainEvents(http, listen),
  };
}

const get = (path: string): HttpRequest => ({ method: 'GET', path });
const post = (path: string, value: object): HttpRequest => ({
  method: 'POST',
  path,
  body: { type: JSON_TYPE, bytes: utf8(JSON.stringify(value)) },
});
const custody = (path: string, value: object): HttpRequest => ({
  ...post(path, hexed(value)),
  timeoutMs: CLIENT_LIMITS.custodyTimeoutMs,
});
const participant = (id: Address, part = ''): HttpRequest => get(`/v1/participants/${toHex(id)}${part}`);

type Ask = <T>(request: HttpRequest, as: Shape<T>) => Promise<T>;

const jsonOf =
  (http: Http): Ask =>
  async (request, as) =>
    readJson(await http.whole(request, CLIENT_LIMITS.answerBytesMax), as);

/** What is not there, or not to be seen, is nothing: the API does not tell the two apart. */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'api-view.nothing-here') return undefined;
    throw error;
  }
}

/** Every item of a list. A hospital that never stops is cut off. */
async function allPages<T>(
  ask: Ask,
  request: HttpRequest,
  as: Shape<{ readonly items: readonly T[]; readonly next: string | null }>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let after: string | null = null;
  for (let page = 0; page < CLIENT_LIMITS.pagesMax; page++) {
    const query: Record<string, string | number> = {
      ...(after === null ? {} : { after }),
      limit: CLIENT_LIMITS.pageItemsMax,
    };
    const answer: { readonly items: readonly T[]; readonly next: string | null } = await ask({ ...request, query }, as);
    items.push(...answer.items);
    after = answer.next;
    if (after === null) return items;
  }
  throw new ClientError('client-http.answer-too-large');
}

/** Hospitals go on fetching from each other when a request of the device ends: it asks again while a large record may be on its way. */
async function untilAnswered<T>(bytes: number, ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + (bytes * 1_000) / CLIENT_LIMITS.streamPaceBytes;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const late = error instanceof ClientError && error.code === 'client-http.timeout';
      if (!late || performance.now() >= deadline) throw error;
    }
  }
}

const recordOf = <R extends { readonly record: Uint8Array }>({ record, ...row }: R) => ({ record, row });

const reviewOf = <R extends { readonly read: Hash }>({ read, ...row }: R) => ({ read, row });

/** Bytes as the API's JSON writes them. */
function hexed(value: unknown): object {
  const map = (item: unknown): unknown => {
    if (item instanceof Uint8Array) return toHex(item);
    if (Array.isArray(item)) return item.map(map);
    if (typeof item !== 'object' || item === null) return item;
    return Object.fromEntries(Object.entries(item).map(([name, field]) => [name, map(field)]));
  };
  return map(value) as object;
}

function admissionOf(answer: Readonly<Record<string, unknown>>): Result<Hash> {
  if (typeof answer.code === 'string') return refuse(answer.code);
  const read = answers.idShape(answer, 'answer');
  if (!read.ok) throw new ClientError('client-http.malformed-answer');
  return ok(read.value.id);
}

function blockBody(bytes: Uint8Array) {
  const value = decode(bytes, CLIENT_LIMITS.blockAnswerBytesMax);
  const body = value.ok ? answers.blockBodyShape(value.value, 'body') : value;
  if (!body.ok) throw new ClientError('client-http.malformed-answer');
  return body.value;
}

function proofsOf(answer: {
  header: Uint8Array;
  certificate: Uint8Array | null;
  proofs: readonly ProofText[];
}): ProofsAnswer {
  const value = decode(answer.header, LIMITS.blockBytesMax);
  const header = value.ok ? headerShape(value.value, 'header') : value;
  const certificate = decodeCertificate(answer.certificate ?? new Uint8Array(0));
  if (!header.ok || !certificate.ok) throw new ClientError('client-http.malformed-answer');
  const rows = answer.proofs.map(({ key, value: held, proof }) => {
    const read = decodeStateProof(proof);
    if (!read.ok) throw new ClientError('client-http.malformed-answer');
    return { key, value: held, proof: read.value };
  });
  return { header: header.value, certificate: certificate.value, rows };
}
interface ProofText {
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly proof: Uint8Array;
}

async function* chainEvents(
  http: Http,
  { signal, afterHeight }: { readonly signal?: AbortSignal; readonly afterHeight?: number },
): AsyncGenerator<ChainEvent, void, undefined> {
  const pieces = await http.stream({
    ...get('/v1/events'),
    accept: 'text/event-stream',
    ...(signal === undefined ? {} : { signal }),
    ...(afterHeight === undefined ? {} : { headers: { 'last-event-id': String(afterHeight) } }),
  });
  for await (const { event, data } of serverSentEvents(pieces)) {
    if (event === 'gap') yield { type: 'gap', ...readJson(utf8(data), answers.gapEventShape) };
    if (event !== 'block') continue;
    const told = answers.toldEventsShape(JSON.parse(data), '');
    yield {
      type: 'block',
      ...readJson(utf8(data), answers.blockEventShape),
      events: told.ok ? told.value.events : null,
    };
  }
}
