import type { Hash } from '../base/brand.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import { ENVELOPE_SALT_BYTES } from '../crypto/envelope.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import { categoryShape, cidShape, recordIdShape } from '../ledger/vocabulary.ts';
import { REQUEST_LIMITS } from '../network/limits.ts';
import type { NodeCode } from './codes.ts';
import { NODE_LIMITS } from './limits.ts';

/**
 * What one hospital asks of another beyond blocks and blobs (request kind `duty`). The asker is known: Noise proved its peer key, and the
 * chain binds that key to the hospital.
 */
const REQUESTS = {
  /** Fetch this ciphertext from me, keep it with this envelope, and sign that you do. */
  storeRecord: shape.struct({
    record: recordIdShape,
    cid: cidShape,
    envelope: shape.bytes(1, CRYPTO_LIMITS.envelopeBytesMax),
    salt: shape.bytes(ENVELOPE_SALT_BYTES),
    /** The owner's account key over the receipt's words, where the envelope is to replace that of a record. */
    ownerSignature: shape.nullable(shape.signature),
  }),
  /** Keep these fragments of a grant, and sign that you verified them. */
  storeFragments: shape.struct({
    grantId: shape.bytes(32),
    patient: shape.address,
    grantee: shape.address,
    fragments: shape.list(
      shape.struct({
        category: categoryShape,
        epoch: shape.uint(1_000_000),
        fragmentId: shape.hash,
        fragment: shape.bytes(1, CRYPTO_LIMITS.fragmentBytesMax),
      }),
      NODE_LIMITS.fragmentsPerGrantMax,
      1,
    ),
  }),
  /** Your share of an applied read. */
  answerRead: shape.struct({ read: shape.hash }),
  /** Keep your half of a patient's sealed roots, and sign that you do. */
  storeGuardianShare: shape.struct({
    owner: shape.address,
    kit: shape.hash,
    sealed: shape.bytes(1, CRYPTO_LIMITS.sealedRootsBytesMax),
    share: shape.bytes(1, CRYPTO_LIMITS.shareBytesMax),
  }),
  /** Your half, for a request that has matured. */
  releaseGuardianShare: shape.struct({ request: shape.hash }),
} as const;

export type DutyName = keyof typeof REQUESTS;
export type DutyBody<Name extends DutyName> = shape.Shaped<(typeof REQUESTS)[Name]>;
export type DutyRequest = { [Name in DutyName]: { readonly duty: Name; readonly body: DutyBody<Name> } }[DutyName];

const requestShape = shape.struct({
  duty: shape.oneOf('storeRecord', 'storeFragments', 'answerRead', 'storeGuardianShare', 'releaseGuardianShare'),
  body: shape.anyMap,
});
/** `code` says why not; else `value` is the duty's own answer. */
const answerShape = shape.struct({
  code: shape.nullable(shape.text(64, /^[a-z0-9.-]+$/)),
  value: shape.bytes(0, REQUEST_LIMITS.duty.answerBytesMax),
});
const shareShape = shape.struct({
  fragmentIds: shape.list(shape.hash, NODE_LIMITS.fragmentsPerGrantMax, 1),
  share: shape.bytes(1, CRYPTO_LIMITS.shareBytesMax),
});
const sealedEnvelopeShape = shape.struct({
  envelope: shape.bytes(1, CRYPTO_LIMITS.envelopeBytesMax),
  salt: shape.bytes(ENVELOPE_SALT_BYTES),
});

export const encodeDutyRequest = (request: DutyRequest): Uint8Array => encode(request as unknown as Canonical);

export function decodeDutyRequest(bytes: Uint8Array): Result<DutyRequest, NodeCode> {
  const value = decode(bytes, REQUEST_LIMITS.duty.requestBytesMax);
  const request = value.ok ? requestShape(value.value, '') : value;
  if (!request.ok) return refuse('duty.malformed', { reason: request.rejection.code });
  const body = checkDuty(request.value.duty, request.value.body);
  return body.ok ? ok({ duty: request.value.duty, body: body.value } as DutyRequest) : body;
}

/** Holds a request to its form, whoever made it: a client's through the API just as another hospital's. */
export function checkDuty<Name extends DutyName>(duty: Name, body: unknown): Result<DutyBody<Name>, NodeCode> {
  const read = (REQUESTS[duty] as shape.Shape<unknown>)(body, 'body');
  if (read.ok) return ok(read.value as DutyBody<Name>);
  return refuse('duty.malformed', { reason: read.rejection.code, ...read.rejection.detail });
}

export const encodeDutyAnswer = (answer: Result<Uint8Array>): Uint8Array =>
  encode(answer.ok ? { code: null, value: answer.value } : { code: answer.rejection.code, value: new Uint8Array(0) });

export function decodeDutyAnswer(bytes: Uint8Array): Result<Uint8Array> {
  const answer = read(bytes, answerShape);
  if (answer === undefined) return refuse('duty.unreachable');
  return answer.code === null ? ok(answer.value) : refuse(answer.code);
}

export interface Share {
  /** All that this holder got with the grant: the device holds them to the hash on chain. */
  readonly fragmentIds: readonly Hash[];
  readonly share: Uint8Array;
}
export const encodeShareAnswer = ({ fragmentIds, share }: Share): Uint8Array => encode({ fragmentIds, share });
export const decodeShareAnswer = (bytes: Uint8Array): Share | undefined => read(bytes, shareShape);

const releasedShape = shape.struct({
  share: shape.bytes(1, CRYPTO_LIMITS.shareBytesMax),
  sealed: shape.bytes(1, CRYPTO_LIMITS.sealedRootsBytesMax),
});
type Released = shape.Shaped<typeof releasedShape>;
export const encodeReleasedShare = ({ share, sealed }: Released): Uint8Array => encode({ share, sealed });
export const decodeReleasedShare = (bytes: Uint8Array): Released | undefined => read(bytes, releasedShape);

/** An envelope with the salt of its commitment, as it is kept and as it travels between hospitals. */
export interface SaltedEnvelope {
  readonly envelope: Uint8Array;
  readonly salt: Uint8Array;
}
export const encodeSaltedEnvelope = ({ envelope, salt }: SaltedEnvelope): Uint8Array => encode({ envelope, salt });
export const decodeSaltedEnvelope = (bytes: Uint8Array): SaltedEnvelope | undefined => read(bytes, sealedEnvelopeShape);

function read<T>(bytes: Uint8Array, expected: shape.Shape<T>): T | undefined {
  const value = decode(bytes, REQUEST_LIMITS.duty.answerBytesMax);
  const read = value.ok ? expected(value.value, '') : value;
  return read.ok ? read.value : undefined;
}
