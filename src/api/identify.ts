import type { IncomingHttpHeaders } from 'node:http';
import { toHex } from '../base/bytes.ts';
import { addressOf } from '../base/digest.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { type RequestTarget, verifyRequest } from '../crypto/http-signature.ts';
import { senderOf } from '../ledger/principal.ts';
import type { NonceMemory } from './nonces.ts';
import type { RateLimiter } from './rate.ts';
import { reading } from './reading.ts';
import type { Caller } from './route.ts';
import type { NodeService } from './service.ts';

/** What knowing callers needs to remember. */
export interface CallerMemory {
  /** Of keys that are bound to an id. */
  readonly nonces: NonceMemory;
  /** Of all other keys: anyone can make as many as they like, so theirs fill no memory but this one. */
  readonly strangerNonces: NonceMemory;
  readonly rates: RateLimiter;
}

export const isSigned = (headers: IncomingHttpHeaders): boolean =>
  headers.signature !== undefined || headers['signature-input'] !== undefined;

/** Whose request this is: signature and time, rate, standing and nonce, in this order. */
export function identify(
  service: NodeService,
  memory: CallerMemory,
  target: RequestTarget,
  headers: IncomingHttpHeaders,
  nowMs: number,
): Result<Caller> {
  const { primitives, chainId } = service.env;
  const verified = verifyRequest(primitives, chainId, target, signatureHeaders(headers), Math.floor(nowMs / 1_000));
  if (!verified.ok) return verified;

  const { publicKey, nonce, bodyHash } = verified.value;
  const keyAddress = addressOf(primitives, publicKey);
  const key = toHex(keyAddress);
  if (!memory.rates.take(key, nowMs)) return refuse('api-limit.rate');
  const sender = reading(service, (view) => senderOf(view, keyAddress));
  const id = sender.standing === 'bound' ? sender.id : null;
  const nonces = id === null ? memory.strangerNonces : memory.nonces;
  const noted = nonces.note(key, nonce, nowMs);
  if (noted !== 'new') return refuse(noted === 'full' ? 'api-limit.nonces' : 'api-request.replayed');
  return ok({ publicKey, keyAddress, id, bodyHash });
}

/** Node joins repeated headers with a comma, which the one accepted form does not hold: they are refused there. */
function signatureHeaders(headers: IncomingHttpHeaders): Parameters<typeof verifyRequest>[3] {
  const found: Record<string, string> = {};
  for (const name of ['content-digest', 'signature-input', 'signature'] as const) {
    const value = headers[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}
