import type { PublicKey } from '../../base/brand.ts';
import { decode, encode } from '../../base/canonical.ts';
import { addressOf } from '../../base/digest.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import { CRYPTO_LIMITS } from '../../crypto/limits.ts';
import { encloseAnswer, readRequest } from '../../crypto/session/enclosed.ts';
import { anyOf, permits } from '../access.ts';
import { bytes } from '../answers.ts';
import { API_CODES } from '../codes.ts';
import { ENCLOSED_BODY_BYTES_MAX } from '../enclosed.ts';
import { API_LIMITS } from '../limits.ts';
import { type Call, CONTENT_TYPES, type Route } from '../route.ts';
import { hex } from '../schemas.ts';
import type { NodeService } from '../service.ts';

/**
 * A session with the hospital (docs/specification/session.md), as requests. None is signed: who asks shows himself in the third message, to this
 * hospital alone. Bodies are canonical bytes.
 */
const TAG = 'sessions';
const CBOR = CONTENT_TYPES['dag-cbor'];
const canonical = { status: 200, contentType: CBOR } as const;
/** A sealed message, and the head of a byte string. */
const SEALED_BYTES_MAX = CRYPTO_LIMITS.sessionMessageBytesMax + 8;
const params = { session: hex(16, 16, 'The id that the hospital gave the session.') };

const begin: Route = {
  method: 'POST',
  path: '/v1/sessions',
  tag: TAG,
  summary: 'Begins a session: takes the first message of the handshake, answers { session, message } with the second',
  access: 'open',
  body: { kind: 'dag-cbor', bytesMax: CRYPTO_LIMITS.handshakeBytesMax },
  answer: canonical,
  handle: ({ service, shared, remoteAddress, body }) => {
    if (!shared.charge(remoteAddress, API_LIMITS.sessionTokens - 1)) return refuse('api-limit.rate');
    const begun = service.sessions.begin(remoteAddress, body as Uint8Array);
    return begun.ok ? bytes(CBOR, encode(begun.value)) : begun;
  },
};

const finish: Route = {
  method: 'POST',
  path: '/v1/sessions/:session/finish',
  tag: TAG,
  summary: 'Shows who asks, sealed: the third message of the handshake. The policies decide; the answer is the fourth',
  access: 'open',
  params,
  body: { kind: 'dag-cbor', bytesMax: CRYPTO_LIMITS.handshakeBytesMax },
  answer: canonical,
  handle: ({ service, params: { session }, body }) => {
    const finished = service.sessions.finish(session as string, body as Uint8Array, (peer) => mayHave(service, peer));
    return finished.ok ? bytes(CBOR, finished.value) : finished;
  },
};

function mayHave(service: NodeService, peer: PublicKey): boolean {
  const keyAddress = addressOf(service.env.primitives, peer);
  return permits(service, { keyAddress }, 'openSession', anyOf({ type: 'Consortium' })[0] ?? []);
}

const message: Route = {
  method: 'POST',
  path: '/v1/sessions/:session/messages',
  tag: TAG,
  summary: 'Answers a request that is sealed in the session, sealed: a byte string for a byte string',
  access: 'open',
  params,
  body: { kind: 'dag-cbor', bytesMax: SEALED_BYTES_MAX },
  answer: canonical,
  handle: async (call) => {
    const sealed = sealedIn(call);
    if (!sealed.ok) return sealed;
    const { service, params: of } = call;
    const answered = await service.sessions.answer(of.session as string, sealed.value, (peer, text) =>
      answerOf(call, peer, text),
    );
    return answered.ok ? bytes(CBOR, encode(answered.value)) : answered;
  },
};

/** Who has the channel's keys and says nonsense in it is told so in it. */
async function answerOf({ shared, remoteAddress }: Call, peer: PublicKey, text: Uint8Array): Promise<Uint8Array> {
  const request = readRequest(text);
  if (!request.ok) return encloseAnswer(refusedInside('api-body.invalid'));
  const answer = await shared.enclosed(peer, remoteAddress, request.value);
  const fits = answer.body.length <= ENCLOSED_BODY_BYTES_MAX;
  return encloseAnswer(fits ? answer : refusedInside('api-body.too-large'));
}

function refusedInside(code: 'api-body.invalid' | 'api-body.too-large') {
  const { status, meaning } = API_CODES[code];
  const body = new TextEncoder().encode(JSON.stringify({ error: { code, message: meaning } }));
  return { status, contentType: CONTENT_TYPES.json, body };
}

const renewal: Route = {
  method: 'POST',
  path: '/v1/sessions/:session/renewals',
  tag: TAG,
  summary: 'Puts fresh keys into the session: an offer, sealed, for an answer, sealed',
  access: 'open',
  params,
  body: { kind: 'dag-cbor', bytesMax: CRYPTO_LIMITS.handshakeBytesMax },
  answer: canonical,
  handle: (call) => {
    if (!call.shared.charge(call.remoteAddress, API_LIMITS.sessionTokens - 1)) return refuse('api-limit.rate');
    const sealed = sealedIn(call);
    if (!sealed.ok) return sealed;
    const answer = call.service.sessions.renew(call.params.session as string, sealed.value);
    return answer.ok ? bytes(CBOR, encode(answer.value)) : answer;
  },
};

function sealedIn({ body }: Call): Result<Uint8Array> {
  const value = decode(body as Uint8Array, SEALED_BYTES_MAX);
  const sealed = value.ok ? shape.bytes(0, CRYPTO_LIMITS.sessionMessageBytesMax)(value.value, '') : value;
  return sealed.ok ? ok(sealed.value) : sealed;
}

export const sessionRoutes: readonly Route[] = [begin, finish, message, renewal];
