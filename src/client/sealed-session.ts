import type { Address, PublicKey } from '../base/brand.ts';
import { toHex, utf8 } from '../base/bytes.ts';
import { decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { SCALAR_ENTROPY_BYTES } from '../crypto/keys.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import { type Channel, completeRenewal, offerRenewal, openMessage, sealMessage } from '../crypto/session/channel.ts';
import { encloseRequest, readAnswer } from '../crypto/session/enclosed.ts';
import { confirm, finish, initiate, SESSION_ENTROPY_BYTES } from '../crypto/session/handshake.ts';
import { hospitals } from '../ledger/state/tables.ts';
import { ClientError } from './errors.ts';
import { createHttp, type Http, type HttpOptions } from './http.ts';
import { provenRow } from './proven.ts';
import type { Session } from './session.ts';
import type { KeyPair } from './wallet.ts';

/** Where and with whom: `account` shows itself to that hospital alone, whose duty key the chain proves. */
export interface SealedSessionOptions extends Omit<HttpOptions, 'account'> {
  readonly account: KeyPair;
  readonly hospitalKey: PublicKey;
}

/** A session with one hospital (docs/specification/session.md). What fails on the way ends it: the two sides may no longer agree. */
export interface SealedSession {
  /** Stands in for the host's own: an API client that is given it speaks inside the session, and is otherwise the same. */
  readonly fetch: typeof fetch;
  /** Fresh keys: who stole the state before and only listens reads nothing after. */
  renew(): Promise<void>;
  isOpen(): boolean;
}

const DAG_CBOR = 'application/vnd.ipld.dag-cbor';
const begunShape = shape.struct({ session: shape.bytes(16), message: shape.bytes(1, CRYPTO_LIMITS.handshakeBytesMax) });
/** A byte string of a whole message, or a message of the handshake and what is around it. */
const ANSWER_BYTES_MAX = CRYPTO_LIMITS.sessionMessageBytesMax + CRYPTO_LIMITS.handshakeBytesMax;

/** The handshake. Refused where somebody else answers than was meant; the account has shown itself to nobody then. */
export async function openSealedSession(options: SealedSessionOptions): Promise<Result<SealedSession>> {
  const { chainId, device, account, hospitalKey } = options;
  const { primitives } = device;
  // Nobody signs these requests: the handshake shows who asks, to the hospital alone.
  const http = createHttp({ ...options, account: null });
  const party = { chainId, secret: account.secretKey };
  const hello = initiate(primitives, party, hospitalKey, device.random(SESSION_ENTROPY_BYTES));
  const begun = begunShape(decoded(await post(http, '/v1/sessions', hello.message)), 'answer');
  if (!begun.ok) throw new ClientError('client-http.malformed-answer');
  const { session, message } = begun.value;
  const shown = finish(primitives, hello.state, message);
  if (!shown.ok) return shown;
  const path = `/v1/sessions/${toHex(session)}`;
  const channel = confirm(shown.value.state, await post(http, `${path}/finish`, shown.value.message));
  return channel.ok ? ok(sessionOver({ ...options, http, path }, channel.value)) : channel;
}

/** The hospital's key as a quorum signed it, then the handshake. */
export async function sealedSessionWith(
  { device, trust, account, api, seenHeight }: Pick<Session, 'device' | 'trust' | 'account' | 'api' | 'seenHeight'>,
  hospital: Address,
  baseUrl: string,
): Promise<Result<SealedSession>> {
  const row = await provenRow({ device, trust, account, api, seenHeight } as Session, hospitals, toHex(hospital));
  if (!row.ok) return row;
  if (row.value === undefined) return refuse('client-session.hospital-unknown');
  const { chainId } = trust;
  return openSealedSession({ baseUrl, chainId, device, account, hospitalKey: row.value.record.dutyKey });
}

type Place = SealedSessionOptions & { readonly http: Http; readonly path: string };

function sessionOver({ device, http, path }: Place, first: Channel): SealedSession {
  const { primitives } = device;
  /** Null while a message is under way, and for good once one has failed. */
  let channel: Channel | null = first;
  let hasFailed = false;
  let last: Promise<unknown> = Promise.resolve();

  /** One message after another, as the channel counts them. Whatever fails, the channel is not used again. */
  function inTurn<T>(work: (open: Channel) => Promise<readonly [T, Channel]>): Promise<T> {
    const turn = last.then(async () => {
      if (channel === null) throw new ClientError('client-session.ended');
      const open = channel;
      channel = null;
      const [value, next] = await work(open);
      channel = next;
      return value;
    });
    last = turn.catch(() => {
      hasFailed = true;
    });
    return turn;
  }

  const exchange = (text: Uint8Array): Promise<Uint8Array> =>
    inTurn(async (open) => {
      const sealed = believed(sealMessage(primitives, open, text));
      const answer = await post(http, `${path}/messages`, encode(sealed.message));
      const opened = believed(openMessage(primitives, sealed.channel, bytesIn(answer)));
      return [opened.text, opened.channel];
    });

  return {
    isOpen: () => !hasFailed,
    renew: () =>
      inTurn(async (open) => {
        const offered = believed(offerRenewal(primitives, open, device.random(SCALAR_ENTROPY_BYTES)));
        const answer = await post(http, `${path}/renewals`, encode(offered.message));
        return [undefined, believed(completeRenewal(primitives, offered.state, bytesIn(answer)))];
      }),
    fetch: async (input, init = {}) => {
      const { status, contentType, body } = believed(readAnswer(await exchange(enclosed(String(input), init))));
      const headers = contentType === null ? {} : { 'content-type': contentType };
      return new Response(body as Uint8Array<ArrayBuffer>, { status, headers });
    },
  };
}

/** The request that `createHttp` would send in the open. A stream does not fit into a message. */
function enclosed(url: string, { method = 'GET', headers = {}, body = null }: RequestInit): Uint8Array {
  if (body !== null && !(body instanceof Uint8Array)) throw new ClientError('client-session.not-sealable');
  const { pathname, search } = new URL(url);
  const given = new Headers(headers);
  return encloseRequest({
    method,
    target: pathname + search,
    contentType: given.get('content-type'),
    contentDigest: given.get('content-digest'),
    signatureInput: given.get('signature-input'),
    signature: given.get('signature'),
    body: body ?? utf8(''),
  });
}

const post = (http: Http, path: string, bytes: Uint8Array): Promise<Uint8Array> =>
  http.whole({ method: 'POST', path, body: { type: DAG_CBOR, bytes } }, ANSWER_BYTES_MAX);

function decoded(bytes: Uint8Array): unknown {
  const value = decode(bytes, ANSWER_BYTES_MAX);
  return value.ok ? value.value : undefined;
}

function bytesIn(answer: Uint8Array): Uint8Array {
  const value = decoded(answer);
  if (!(value instanceof Uint8Array)) throw new ClientError('client-http.malformed-answer');
  return value;
}

/** In a session that stands, what does not open was altered or is the hospital's own fault: there is nothing to decide. */
function believed<T>(result: Result<T>): T {
  if (!result.ok) throw new ClientError('client-session.broken', result.rejection.code);
  return result.value;
}
