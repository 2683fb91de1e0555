import { assert } from '../base/assert.ts';
import type { Hash, PublicKey, SecretKey, Signature } from '../base/brand.ts';
import { fromHex, toHex } from '../base/bytes.ts';
import { encode } from '../base/canonical.ts';
import { signingDigest } from '../base/digest.ts';
import type { Primitives } from '../base/primitives.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { fromBase64, toBase64 } from './base64.ts';
import type { CryptoCode } from './codes.ts';

/*
 * A person's signature on an HTTP request: the structure of RFC 9421 (HTTP Message Signatures) with the digest of RFC 9530,
 * in one form only. Client and server share this file. What is signed is the chain's own digest, tag `http-request`, over the
 * chain id and the signature base, so that a signature serves one chain and one purpose.
 */
const COMPONENTS = '("@method" "@path" "@query" "content-digest")';
const ALGORITHM = 'carechain-secp256k1-sha256';
const INPUT =
  /^carechain=(\("@method" "@path" "@query" "content-digest"\);created=([1-9]\d{0,14});nonce="([0-9a-f]{32})";keyid="(0[23][0-9a-f]{64})";alg="carechain-secp256k1-sha256")$/;
const SIGNATURE = /^carechain=:([A-Za-z0-9+/=]{88}):$/;
const DIGEST = /^sha-256=:([A-Za-z0-9+/=]{44}):$/;

export const REQUEST_NONCE_BYTES = 16;
/** How far `created` may lie from the verifier's clock, in either direction. */
export const REQUEST_WINDOW_SECONDS = 60;

/** What the signature covers beside its own parameters. */
export interface RequestTarget {
  /** Upper case. */
  readonly method: string;
  /** The path exactly as sent, percent-encoded. */
  readonly path: string;
  /** Exactly as sent, with its leading `?`; empty where there is none. */
  readonly query: string;
}

export interface RequestToSign extends RequestTarget {
  /** The body, empty where there is none; or the SHA-256 of one that is streamed. */
  readonly body: Uint8Array | { readonly sha256: Hash };
  /** Seconds since the Unix epoch. */
  readonly createdSeconds: number;
  /** 16 random bytes: a verifier accepts each once. */
  readonly nonce: Uint8Array;
}

/** The three headers, by their lower-case names. */
export interface SignatureHeaders {
  readonly 'content-digest': string;
  readonly 'signature-input': string;
  readonly signature: string;
}

export interface VerifiedRequest {
  readonly publicKey: PublicKey;
  readonly createdSeconds: number;
  /** 32 hexadecimal characters. The verifier remembers it until the window has passed. */
  readonly nonce: string;
  /** What the body must hash to. The caller compares. */
  readonly bodyHash: Hash;
}

export function signRequest(
  primitives: Primitives,
  secretKey: SecretKey,
  publicKey: PublicKey,
  chainId: Hash,
  request: RequestToSign,
): SignatureHeaders {
  const { body, createdSeconds, nonce, query } = request;
  assert(nonce.length === REQUEST_NONCE_BYTES, 'a request nonce is 16 bytes');
  assert(query === '' || query.startsWith('?'), 'a query begins with its question mark');
  const bodyHash = body instanceof Uint8Array ? primitives.hash(body) : body.sha256;
  const digest = contentDigest(bodyHash);
  const parameters = `${COMPONENTS};created=${createdSeconds};nonce="${toHex(nonce)}";keyid="${toHex(publicKey)}";alg="${ALGORITHM}"`;
  const signature = primitives.sign(requestDigest(primitives, chainId, request, digest, parameters), secretKey);
  return {
    'content-digest': digest,
    'signature-input': `carechain=${parameters}`,
    signature: `carechain=:${toBase64(signature)}:`,
  };
}

/** Form, time window and signature. Whether the nonce is new, and whether the body has the digest, is the caller's to check. */
export function verifyRequest(
  primitives: Primitives,
  chainId: Hash,
  target: RequestTarget,
  headers: Partial<SignatureHeaders>,
  nowSeconds: number,
): Result<VerifiedRequest, CryptoCode> {
  const { 'content-digest': digest, 'signature-input': input, signature: signed } = headers;
  if (digest === undefined && input === undefined && signed === undefined) return refuse('crypto-request.unsigned');
  const [, parameters, created, nonce, keyId] = INPUT.exec(input ?? '') ?? [];
  const signature = fromBase64(SIGNATURE.exec(signed ?? '')?.[1] ?? '=') as Signature | undefined;
  const bodyHash = fromBase64(DIGEST.exec(digest ?? '')?.[1] ?? '=') as Hash | undefined;
  if (parameters === undefined || nonce === undefined || signature === undefined || bodyHash === undefined)
    return refuse('crypto-request.malformed');

  const createdSeconds = Number(created);
  if (Math.abs(nowSeconds - createdSeconds) > REQUEST_WINDOW_SECONDS)
    return refuse('crypto-request.outside-window', { windowSeconds: REQUEST_WINDOW_SECONDS });
  const publicKey = fromHex(keyId as string) as PublicKey;
  if (
    !primitives.verify(
      requestDigest(primitives, chainId, target, contentDigest(bodyHash), parameters),
      signature,
      publicKey,
    )
  )
    return refuse('crypto-request.bad-signature');
  return ok({ publicKey, createdSeconds, nonce, bodyHash });
}

/** RFC 9530, section 2. */
const contentDigest = (bodyHash: Hash): string => `sha-256=:${toBase64(bodyHash)}:`;

function requestDigest(
  primitives: Primitives,
  chainId: Hash,
  target: RequestTarget,
  digest: string,
  parameters: string,
): Hash {
  const base = signatureBase(target, digest, parameters);
  return signingDigest(primitives, 'http-request', encode({ chainId, base }));
}

/** RFC 9421, section 2.5. An absent query is written `?` (section 2.2.7). */
export const signatureBase = ({ method, path, query }: RequestTarget, digest: string, parameters: string): string =>
  [
    `"@method": ${method}`,
    `"@path": ${path}`,
    `"@query": ${query === '' ? '?' : query}`,
    `"content-digest": ${digest}`,
    `"@signature-params": ${parameters}`,
  ].join('\n');
