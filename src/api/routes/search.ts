import type { Address } from '../../base/brand.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { decode } from '../../base/canonical.ts';
import { refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import { CRYPTO_LIMITS } from '../../crypto/limits.ts';
import { BUILD_BYTES } from '../../crypto/search/keys.ts';
import { ENTRY_BYTES } from '../../crypto/search/posting.ts';
import { grantKeyOf } from '../../ledger/grant-key.ts';
import { aboutParticipant } from '../access.ts';
import { json } from '../answers.ts';
import { API_LIMITS } from '../limits.ts';
import { hexParameter } from '../reading.ts';
import type { AccessRule, Call, Route } from '../route.ts';
import { address, category, hex, list, struct, uint } from '../schemas.ts';

/** The encrypted index of what a patient's device opened (docs/specification/search.md): left here, and searched by trapdoor. */

const patientOf = ({ params }: Call): Address => hexParameter<Address>(params.id, 20) as Address;
const bytesOf = (text: string): Uint8Array => fromHex(text) as Uint8Array;

const uploadShape = shape.struct({
  epoch: shape.uint(CRYPTO_LIMITS.versionMax),
  build: shape.bytes(BUILD_BYTES),
  entries: shape.bytes(0, API_LIMITS.searchIndexBytesMax),
});

const putIndex: Route = {
  method: 'PUT',
  path: '/v1/participants/:id/search-index',
  tag: 'search',
  summary:
    'Leaves the whole encrypted search index of a patient, in place of the one before; one without entries leaves nothing. ' +
    'The body is the map { epoch, build, entries }',
  access: aboutParticipant('storeIndex'),
  params: { id: address },
  body: { kind: 'dag-cbor', bytesMax: API_LIMITS.searchIndexBytesMax },
  answer: { status: 200, contentType: 'application/json', schema: struct({ entries: uint() }) },
  handle: async (call) => {
    const bytes = call.body as Uint8Array;
    if (!call.shared.charge(call.remoteAddress, Math.ceil(bytes.length / API_LIMITS.searchIndexBytesPerToken)))
      return refuse('api-limit.rate');
    const value = decode(bytes, API_LIMITS.searchIndexBytesMax);
    const index = value.ok ? uploadShape(value.value, 'index') : value;
    if (!index.ok) return index;
    const stored = await call.service.storeSearchIndex(patientOf(call), index.value);
    return stored.ok ? json(stored.value) : stored;
  },
};

/**
 * About the patient of the path. Beside the patient, a person may ask whom the patient granted a category, which the question names: the
 * grant key is made here of who signed, so that nobody stands under another's.
 */
const searching: AccessRule = {
  action: 'search',
  questions: ({ params, query, caller }) => {
    const id = hexParameter<Address>(params.id, 20);
    if (id === undefined || caller === null) return [];
    const grantee = { type: 'person' as const, id: toHex(caller.id ?? caller.keyAddress) };
    const named = query.category === undefined ? undefined : hexParameter(query.category, 16);
    const grantKey = grantKeyOf(grantee, named ?? NO_CATEGORY);
    return [[{ resource: { type: 'Participant', id }, context: { grantKey } }]];
  },
};
/** No patient has a grant under it. */
const NO_CATEGORY = new Uint8Array(16);

interface TrapdoorBody {
  readonly epoch: number;
  readonly build: string;
  readonly labelKey: string;
}

const search: Route = {
  method: 'POST',
  path: '/v1/participants/:id/search',
  tag: 'search',
  summary:
    'The sealed postings under a trapdoor, which the patient made or handed over. Whoever searches under a grant names its category',
  access: searching,
  params: { id: address },
  query: { category },
  body: {
    kind: 'json',
    schema: struct({ epoch: uint(CRYPTO_LIMITS.versionMax), build: hex(BUILD_BYTES), labelKey: hex(32) }),
    bytesMax: API_LIMITS.trapdoorBodyBytesMax,
  },
  answer: { status: 200, contentType: 'application/json', schema: struct({ matches: list(hex(ENTRY_BYTES)) }) },
  handle: async (call) => {
    // Matching costs a hash for each posting: it is paid for before it is done.
    if (!call.shared.charge(call.remoteAddress, API_LIMITS.searchTokens - 1)) return refuse('api-limit.rate');
    const { epoch, build, labelKey } = call.body as TrapdoorBody;
    const trapdoor = { epoch, build: bytesOf(build), labelKey: bytesOf(labelKey) };
    const found = await call.service.search(patientOf(call), trapdoor);
    return found.ok ? json({ matches: found.value.map(toHex) }) : found;
  },
};

export const searchRoutes: readonly Route[] = [putIndex, search];
