import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';
import type { PublicKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import { MESSAGE_OVERHEAD_BYTES } from '../crypto/session/channel.ts';
import type { EnclosedAnswer, EnclosedRequest } from '../crypto/session/enclosed.ts';
import { refusal } from './errors.ts';
import { type Caller, CONTENT_TYPES, type Route } from './route.ts';

/** Whose session the request came in, for all that is done to answer it. */
const inSession = new AsyncLocalStorage<PublicKey>();

/** What is said in a session goes over no wire in this form: nothing records it. */
export const isEnclosed = (): boolean => inSession.getStore() !== undefined;

/**
 * A request out of a session goes the way of every other, through the same hooks and rules: what holds in the open holds here. Only who signed
 * must be the peer, so that nobody's request is answered to another, though he got hold of it.
 */
export function answerEnclosed(
  app: FastifyInstance,
  { peer, remoteAddress }: { readonly peer: PublicKey; readonly remoteAddress: string },
  { method, target, body, ...headers }: EnclosedRequest,
): Promise<EnclosedAnswer> {
  return inSession.run(peer, async () => {
    const response = await app.inject({
      method: method as 'GET' | 'POST' | 'PUT',
      url: target,
      headers: present({
        'content-type': headers.contentType,
        'content-digest': headers.contentDigest,
        'signature-input': headers.signatureInput,
        signature: headers.signature,
      }),
      remoteAddress,
      ...(body.length === 0 ? {} : { payload: Buffer.from(body) }),
    });
    const contentType = response.headers['content-type'];
    return {
      status: response.statusCode,
      contentType: typeof contentType === 'string' ? contentType : null,
      body: new Uint8Array(response.rawPayload),
    };
  });
}

const present = (headers: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((pair): pair is [string, string] => pair[1] !== null));

/** Beside its body, an answer in a message has a status, a type and a tag. */
export const ENCLOSED_BODY_BYTES_MAX = CRYPTO_LIMITS.sessionMessageBytesMax - MESSAGE_OVERHEAD_BYTES - 256;

/** Some routes are served in a session alone, some never there: a stream has no end that one message could hold. */
export function checkPlace({ onlyInSession, tag, body, answer }: Route): void {
  if (inSession.getStore() === undefined) {
    if (onlyInSession) throw refusal('api-session.only-here');
    return;
  }
  const streams = body?.kind === 'stream' || STREAMS.has(answer.contentType);
  if (streams || tag === 'sessions') throw refusal('api-session.not-here');
}

const STREAMS: ReadonlySet<string> = new Set([CONTENT_TYPES.stream, 'text/event-stream']);

export function checkSigner({ publicKey }: Caller): void {
  const peer = inSession.getStore();
  if (peer !== undefined && !equal(peer, publicKey)) throw refusal('api-session.wrong-signer');
}
