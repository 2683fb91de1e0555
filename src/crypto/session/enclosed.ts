import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { CryptoCode } from '../codes.ts';
import { CRYPTO_LIMITS } from '../limits.ts';

/*
 * What a sealed message of a session says (SES-12): one request to the hospital's API and its answer, with the headers that mean anything
 * there and no others. Inside it is the very request that would go in the open, signature and all, so that each rule of the API holds for it.
 */
export interface EnclosedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly contentType: string | null;
  readonly contentDigest: string | null;
  readonly signatureInput: string | null;
  readonly signature: string | null;
  readonly body: Uint8Array;
}

export interface EnclosedAnswer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: Uint8Array;
}

const header = shape.nullable(shape.text(512));
const body = shape.bytes(0, CRYPTO_LIMITS.sessionMessageBytesMax);
const requestShape: shape.Shape<EnclosedRequest> = shape.struct({
  method: shape.oneOf('GET', 'POST', 'PUT'),
  target: shape.text(2_048, /^\/v1\/[\x21-\x7e]*$/),
  contentType: header,
  contentDigest: header,
  signatureInput: header,
  signature: header,
  body,
});
const answerShape: shape.Shape<EnclosedAnswer> = shape.struct({ status: shape.uint(599), contentType: header, body });

export const encloseRequest = (request: EnclosedRequest): Uint8Array => encode(request as unknown as Canonical);
export const encloseAnswer = (answer: EnclosedAnswer): Uint8Array => encode(answer as unknown as Canonical);
export const readRequest = (bytes: Uint8Array): Result<EnclosedRequest, CryptoCode> => read(bytes, requestShape);
export const readAnswer = (bytes: Uint8Array): Result<EnclosedAnswer, CryptoCode> => read(bytes, answerShape);

function read<T>(bytes: Uint8Array, of: shape.Shape<T>): Result<T, CryptoCode> {
  const value = decode(bytes, CRYPTO_LIMITS.sessionMessageBytesMax);
  const message = value.ok ? of(value.value, 'message') : value;
  return message.ok ? ok(message.value) : refuse('crypto-session.malformed');
}
