import type { Address, Height, TimestampMs } from '../base/brand.ts';
import { LIMITS } from '../base/limits.ts';
import * as shape from '../base/shape.ts';
import { CERTIFICATE_BYTES_MAX } from '../consensus/certificate.ts';
import { CRYPTO_LIMITS } from '../crypto/limits.ts';
import { ENTRY_BYTES } from '../crypto/search/posting.ts';
import type { AuditLine } from '../ledger/audit.ts';
import { FRAGMENT_IDS_MAX } from '../ledger/evaluation/limits.ts';
import type { Outcome } from '../ledger/receipt.ts';
import { STATE_PROOF_BYTES_MAX } from '../ledger/tree/prove.ts';
import { accessShape, findingShape, purposeShape } from '../ledger/vocabulary.ts';
import type { ToldReceipt } from './api.ts';
import { parseContentId } from './content-id.ts';
import { address, fields, hash, hex, pageOf, publicKey, signature } from './json-shape.ts';
import { CLIENT_LIMITS } from './limits.ts';

/** The form of every JSON answer, on one page. The API's OpenAPI document says the same. */

const uint = shape.uint();
const height = uint as shape.Shape<Height>;
const timestampMs = uint as shape.Shape<TimestampMs>;
const outcome: shape.Shape<Outcome> = shape.oneOf('applied', 'denied', 'failed');
const code = shape.nullable(shape.text(64));
const category = hex(16);
const page = <T>(item: shape.Shape<T>) => pageOf(item, CLIENT_LIMITS.pageItemsMax);
const cid: shape.Shape<Uint8Array> = (value, path) => {
  const text = shape.text(128)(value, path);
  return text.ok ? shape.bytes(36)(parseContentId(text.value), path) : text;
};

export const statusShape = fields({
  chainId: hash,
  height: uint,
  blockHash: hash,
  stateRoot: hash,
  timestampMs: uint,
  hospital: address,
});

export const idShape = fields({ id: hash });
export const batchShape = shape.list(
  shape.anyMap as shape.Shape<Readonly<Record<string, unknown>>>,
  LIMITS.blockTransactionsMax,
);

const receiptFields = {
  transactionId: hash,
  outcome,
  code,
  policies: shape.list(shape.text(128), LIMITS.policiesMax),
  gasUsed: shape.nullable(uint),
  events: shape.list(fields({ name: shape.text(64), to: address, about: hex(1, 64) }), 64),
};
export const receiptShape = fields({ height: uint, index: uint, ...receiptFields });
export const receiptOf = (answer: shape.Shaped<typeof receiptShape>): ToldReceipt => {
  const { transactionId, outcome: became, code: why, policies, gasUsed, events } = answer;
  return { transactionId, outcome: became, code: why, policies, gasUsed, events };
};

export const nonceShape = fields({ nextNonce: uint });
export const participantShape = fields({
  id: address,
  role: shape.text(32),
  status: shape.text(32),
  home: shape.nullable(address) as shape.Shape<Address | null>,
  publicKey,
  receivingKey: shape.nullable(publicKey),
});

export const recordShape = fields({
  record: hex(32),
  owner: address,
  author: address,
  sealedBy: address,
  category,
  epoch: uint,
  version: uint,
  cid,
  ciphertextBytes: uint,
  envelopeHash: hash,
  storedBy: shape.list(address, LIMITS.holdersMax),
  status: shape.oneOf('live', 'shredded'),
  registeredHeight: height,
  requests: uint,
});
export const recordPage = page(recordShape);

export const requestPage = page(
  fields({
    request: hash,
    record: hex(32),
    owner: address,
    requester: address,
    purpose: purposeShape,
    height,
    timestampMs,
    oraclesMin: uint,
    oraclesMax: uint,
    granted: shape.boolean,
    evaluated: shape.boolean,
  }),
);

export const grantPage = page(
  fields({
    grantee: fields({ type: shape.oneOf('person', 'hospital', 'role', 'desk'), id: shape.text(64) }),
    category,
    grant: hash,
    purposes: shape.list(purposeShape, LIMITS.purposesMax),
    access: accessShape,
    expires: timestampMs,
    usesLeft: shape.nullable(uint),
    epochFrom: uint,
    epochTo: uint,
    grantedHeight: height,
    scheme: shape.text(32),
    grantId: hex(32),
    threshold: uint,
    oraclesMin: uint,
    oraclesMax: uint,
    holders: shape.list(fields({ hospital: address, fragmentsHash: hash }), LIMITS.holdersMax),
  }),
);

const reviewFields = {
  read: hash,
  record: hex(32),
  owner: address,
  reader: address,
  desk: address,
  receivingKey: publicKey,
  height,
  timestampMs,
  status: shape.oneOf('open', 'closed'),
  finding: shape.nullable(findingShape),
  closedBy: shape.nullable(address),
  closedHeight: shape.nullable(height),
};
export const reviewPage = page(fields(reviewFields));
export const reviewShape = fields({ ...reviewFields, transaction: hex(1, LIMITS.transactionBytesMax) });

const purposes = shape.list(
  fields({ purpose: purposeShape, policies: shape.list(shape.text(128), LIMITS.policiesMax) }),
  LIMITS.purposesMax,
);
export const readablePage = page(fields({ record: hex(32), owner: address, purposes }));
export const readersPage = page(fields({ principal: address, purposes }));

const auditLine: shape.Shape<AuditLine> = fields({
  height,
  index: uint,
  timestampMs,
  transactionId: hash,
  kind: shape.text(32),
  sender: address,
  outcome,
  code,
  policies: shape.list(shape.text(128), LIMITS.policiesMax),
  owner: shape.nullable(address),
  record: shape.nullable(hex(32)),
  purpose: shape.nullable(shape.text(16)),
  path: shape.nullable(shape.text(16)),
});
export const auditPage = page(auditLine);

export const hospitalsShape = shape.list(
  fields({
    id: address,
    name: shape.text(120),
    tier: shape.text(32),
    status: shape.text(32),
    validator: shape.boolean,
    reputation: uint,
    ratings: uint,
  }),
  1_024,
);

export const blobShape = fields({ cid: shape.text(128), bytes: uint });
const dutyReceipt = { hospital: address, signature };
export const storeShape = fields({
  envelopeHash: hash,
  ciphertextBytes: uint,
  receipts: shape.list(fields(dutyReceipt), LIMITS.holdersMax),
});
export const fragmentReceiptsShape = shape.list(fields({ ...dutyReceipt, fragmentsHash: hash }), LIMITS.holdersMax);

export const dutyReceiptsShape = shape.list(fields(dutyReceipt), LIMITS.holdersMax);
export const releasedSharesShape = shape.list(
  fields({
    holder: address,
    share: hex(1, CRYPTO_LIMITS.shareBytesMax),
    sealed: hex(1, CRYPTO_LIMITS.sealedRootsBytesMax),
  }),
  LIMITS.holdersMax,
);

export const indexStoredShape = fields({ entries: uint });
export const matchesShape = fields({ matches: shape.list(hex(ENTRY_BYTES), 4 * CRYPTO_LIMITS.postingsMax) });

export const sharesShape = shape.list(
  fields({
    holder: address,
    fragmentIds: shape.list(hash, FRAGMENT_IDS_MAX),
    share: hex(1, CRYPTO_LIMITS.shareBytesMax),
  }),
  LIMITS.holdersMax,
);
export const envelopeShape = fields({ envelope: hex(1, CRYPTO_LIMITS.envelopeBytesMax), salt: hex(1, 64) });

export const proofsShape = fields({
  header: hex(1, 16_384),
  certificate: shape.nullable(hex(1, CERTIFICATE_BYTES_MAX)),
  proofs: shape.list(
    fields({
      key: shape.text(1_024),
      value: shape.nullable(hex(0, LIMITS.blockBytesMax)),
      proof: hex(1, STATE_PROOF_BYTES_MAX),
    }),
    CLIENT_LIMITS.proofKeysMax,
  ),
});

export const blockEventShape = fields({ height: uint, blockHash: hash, timestampMs: uint });
export const toldEventsShape = fields({
  events: shape.list(
    fields({ name: shape.text(64), to: address, about: hex(1, 64), transactionId: hash }),
    64 * LIMITS.blockTransactionsMax,
  ),
});
export const gapEventShape = fields({ from: uint, to: uint });

/** The one answer in canonical bytes: a whole block. */
export const blockBodyShape = shape.struct({
  block: shape.bytes(1, LIMITS.blockBytesMax),
  certificate: shape.nullable(shape.bytes(1, CERTIFICATE_BYTES_MAX)),
  receipts: shape.bytes(1, 4 * LIMITS.blockBytesMax),
});
