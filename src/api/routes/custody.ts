import type { Readable } from 'node:stream';
import type { Address, Hash, Signature } from '../../base/brand.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Result, refuse } from '../../base/result.ts';
import { aboutConsortium } from '../access.ts';
import { json } from '../answers.ts';
import { checkedStream } from '../body.ts';
import { API_LIMITS } from '../limits.ts';
import type { Answer, Call, Caller, Route } from '../route.ts';
import { address, category, cid, hash, hex, list, signature, struct, uint } from '../schemas.ts';

/** What a hospital takes into its keeping: ciphertexts, envelopes, fragments. */

/** Bytes that the schema has checked; a second look, because validators have been bypassed before (FACTS.md). */
const bytesOf = <T extends Uint8Array>(value: unknown): T => {
  const read = typeof value === 'string' ? fromHex(value) : undefined;
  if (read === undefined) throw new TypeError('a validated field is hexadecimal');
  return read as T;
};

const putBlob: Route = {
  method: 'PUT',
  path: '/v1/blobs',
  tag: 'custody',
  summary:
    'Uploads a ciphertext. It expires unless a record names it, and counts against the quota of the uploader until then',
  access: aboutConsortium('uploadBlob'),
  body: { kind: 'stream', bytesMax: API_LIMITS.uploadBytesMax },
  answer: { status: 201, contentType: 'application/json', schema: struct({ cid, bytes: uint() }) },
  handle: async (call) => {
    const caller = call.caller as Caller;
    const uploader = toHex(caller.id ?? caller.keyAddress);
    const release = call.shared.uploads.take(uploader);
    if (release === undefined) return refuse('api-limit.uploads');
    try {
      return await receive(call, caller, uploader);
    } finally {
      release();
    }
  },
};

async function receive({ service, body }: Call, caller: Caller, uploader: string): Promise<Result<Answer>> {
  const bytesMax = API_LIMITS.uploadBytesMax;
  const content = checkedStream(body as Readable, caller.bodyHash, {
    bytesMax,
    graceMs: API_LIMITS.uploadGraceMs,
    paceBytes: API_LIMITS.uploadPaceBytes,
    checkMs: API_LIMITS.uploadCheckMs,
  });
  const stored = await service.putBlob(content, { uploader, bytesMax });
  return stored.ok ? json(stored.value, 201) : stored;
}

interface StorageBody {
  readonly record: string;
  readonly cid: string;
  readonly envelope: string;
  readonly salt: string;
  readonly receiptsWanted: number;
  /** Of the owner, where the envelope is to replace that of a record. */
  readonly ownerSignature?: string;
}

const receiptsSchema = list(struct({ hospital: address, signature }), LIMITS.holdersMax);

const postStorage: Route = {
  method: 'POST',
  path: '/v1/storage',
  tag: 'custody',
  summary:
    'Leaves the envelope beside an uploaded ciphertext, and returns the receipts of the hospitals that now keep both',
  access: aboutConsortium('storeRecord'),
  body: {
    kind: 'json',
    schema: struct(
      {
        record: hex(32),
        cid,
        envelope: hex(1, 16_384),
        salt: hex(16, 64),
        receiptsWanted: { type: 'integer', minimum: 1, maximum: LIMITS.holdersMax },
      },
      { ownerSignature: signature },
    ),
    bytesMax: API_LIMITS.storageBodyBytesMax,
  },
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: struct({ envelopeHash: hash, ciphertextBytes: uint(), receipts: receiptsSchema }),
  },
  handle: async ({ service, body }) => {
    const { record, cid: content, envelope, salt, receiptsWanted, ownerSignature } = body as StorageBody;
    const stored = await service.storeRecord({
      record: bytesOf(record),
      cid: content,
      envelope: bytesOf(envelope),
      salt: bytesOf(salt),
      ...(ownerSignature === undefined ? {} : { ownerSignature: bytesOf<Signature>(ownerSignature) }),
      receiptsWanted,
    });
    return stored.ok ? json(stored.value) : stored;
  },
};

interface FragmentsBody {
  readonly grantId: string;
  readonly patient: string;
  readonly grantee: string;
  readonly fragments: readonly {
    readonly holder: string;
    readonly category: string;
    readonly epoch: number;
    readonly fragmentId: string;
    readonly fragment: string;
  }[];
}

const postFragments: Route = {
  method: 'POST',
  path: '/v1/fragments',
  tag: 'custody',
  summary:
    'Hands the fragments of a grant to their holders, and returns the receipts of those that verified and keep them',
  access: aboutConsortium('storeFragments'),
  body: {
    kind: 'json',
    schema: struct({
      grantId: hex(32),
      patient: address,
      grantee: address,
      fragments: list(
        struct({
          holder: address,
          category,
          epoch: uint(1_000_000),
          fragmentId: hash,
          fragment: hex(1, 16_384),
        }),
        API_LIMITS.fragmentsMax,
        1,
      ),
    }),
    bytesMax: API_LIMITS.jsonBodyBytesMax,
  },
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: list(struct({ hospital: address, fragmentsHash: hash, signature })),
  },
  handle: async ({ service, body, caller }) => {
    const { grantId, patient, grantee, fragments } = body as FragmentsBody;
    // In another's name it would fill another's quota.
    if (caller?.id === undefined || caller.id === null || toHex(caller.id) !== patient)
      return refuse('api-view.denied');
    const stored = await service.storeFragments({
      grantId: bytesOf(grantId),
      patient: bytesOf<Address>(patient),
      grantee: bytesOf<Address>(grantee),
      fragments: fragments.map(({ holder, category: opaque, epoch, fragmentId, fragment }) => ({
        holder: bytesOf<Address>(holder),
        category: bytesOf(opaque),
        epoch,
        fragmentId: bytesOf<Hash>(fragmentId),
        fragment: bytesOf(fragment),
      })),
    });
    return stored.ok ? json(stored.value) : stored;
  },
};

export const custodyRoutes: readonly Route[] = [putBlob, postStorage, postFragments];
