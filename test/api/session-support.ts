import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { PublicKey } from '../../src/base/brand.ts';
import { type Canonical, decode, encode } from '../../src/base/canonical.ts';
import { type Channel, openMessage, sealMessage } from '../../src/crypto/session/channel.ts';
import { type EnclosedAnswer, encloseRequest, readAnswer } from '../../src/crypto/session/enclosed.ts';
import { confirm, finish, initiate, SESSION_ENTROPY_BYTES } from '../../src/crypto/session/handshake.ts';
import { accepted } from '../support/person.ts';
import {
  bytesOf,
  codeOf,
  DAG_CBOR,
  inject,
  primitives,
  type Request,
  secretOf,
  signedHeaders,
  typeOf,
} from './support.ts';
import type { TownService } from './town-service.ts';

const entropy = () => new Uint8Array(randomBytes(SESSION_ENTROPY_BYTES));

/** The patient's side by hand, so that a test can keep, change and repeat every message. */
export class Initiator {
  readonly app: FastifyInstance;
  readonly service: TownService;
  readonly name: string;
  session = '';
  channel: Channel | null = null;
  /** As they went: messages 1 to 4. */
  readonly messages: Uint8Array[] = [];

  constructor(app: FastifyInstance, service: TownService, name: string) {
    this.app = app;
    this.service = service;
    this.name = name;
  }

  /** The answer's bytes, or the code of the refusal. */
  async post(path: string, body: Uint8Array): Promise<Uint8Array | string> {
    const response = await inject(this.app, { method: 'POST', url: path, body, type: DAG_CBOR });
    return response.statusCode === 200 ? new Uint8Array(response.rawPayload) : codeOf(response);
  }

  /** The code of the refusal, or null where the session is open. `expected`: whom it means. */
  async open(expected: PublicKey = this.service.dutyKey()): Promise<string | null> {
    const party = { chainId: this.service.env.chainId, secret: secretOf(this.name) };
    const hello = initiate(primitives, party, expected, entropy());
    const begun = await this.post('/v1/sessions', hello.message);
    if (typeof begun === 'string') return begun;
    const { session, message } = read<{ session: Uint8Array; message: Uint8Array }>(begun);
    this.session = Buffer.from(session).toString('hex');
    const shown = finish(primitives, hello.state, message);
    if (!shown.ok) return shown.rejection.code;
    const last = await this.post(`/v1/sessions/${this.session}/finish`, shown.value.message);
    if (typeof last === 'string') return last;
    this.messages.push(hello.message, message, shown.value.message, last);
    this.channel = accepted(confirm(shown.value.state, last));
    return null;
  }

  seal(text: Uint8Array): Uint8Array {
    const sealed = accepted(sealMessage(primitives, this.channel as Channel, text));
    this.channel = sealed.channel;
    return sealed.message;
  }
  unseal(message: Uint8Array): Uint8Array {
    const opened = accepted(openMessage(primitives, this.channel as Channel, message));
    this.channel = opened.channel;
    return opened.text;
  }

  /** The answer's sealed bytes, or the code of the refusal. */
  async send(sealed: Uint8Array): Promise<Uint8Array | string> {
    const answer = await this.post(`/v1/sessions/${this.session}/messages`, encode(sealed));
    return typeof answer === 'string' ? answer : read<Uint8Array>(answer);
  }

  /** A request of the API in the session, signed by `name`. */
  async ask(name: string | null, request: Request): Promise<EnclosedAnswer> {
    const answer = await this.send(this.seal(this.request(name, request)));
    if (typeof answer === 'string') throw new Error(`refused: ${answer}`);
    return accepted(readAnswer(this.unseal(answer)));
  }

  request(name: string | null, request: Request): Uint8Array {
    const headers = signedHeaders(this.service, name, request);
    return encloseRequest({
      method: request.method ?? 'GET',
      target: request.url,
      contentType: typeOf(request)['content-type'] ?? null,
      contentDigest: headers['content-digest'] ?? null,
      signatureInput: headers['signature-input'] ?? null,
      signature: headers.signature ?? null,
      body: new Uint8Array(bytesOf(request.body)),
    });
  }
}

export const read = <T>(bytes: Uint8Array): T => accepted(decode(bytes, 2 ** 21)) as Canonical as T;

export async function openedBy(app: FastifyInstance, service: TownService, name: string): Promise<Initiator> {
  const initiator = new Initiator(app, service, name);
  const refused = await initiator.open();
  if (refused !== null) throw new Error(`refused: ${refused}`);
  return initiator;
}
