import { assert } from '../../base/assert.ts';
import type { Height } from '../../base/brand.ts';
import { encode } from '../../base/canonical.ts';
import { type Result, refuse } from '../../base/result.ts';
import { decodeCertificate } from '../../consensus/certificate.ts';
import { decodeBlock } from '../../ledger/block.ts';
import { aboutConsortium } from '../access.ts';
import { bytes, json } from '../answers.ts';
import { heightParameterOf } from '../reading.ts';
import { type Answer, CONTENT_TYPES, type Route } from '../route.ts';
import { address, hash, heightParameter, list, nullable, oneOf, struct, text, uint } from '../schemas.ts';
import type { NodeService, StoredBlock } from '../service.ts';
import { faceOf } from '../transaction-face.ts';

const summarySchema = struct({
  hash,
  header: struct({
    version: uint(),
    chainId: hash,
    height: uint(),
    parentHash: hash,
    timestampMs: uint(),
    proposer: address,
    transactionsRoot: hash,
    receiptsRoot: hash,
    stateRoot: hash,
    validatorsHash: hash,
    nextValidatorsHash: hash,
    evidenceRoot: hash,
    gasUsed: uint(),
  }),
  certificate: nullable(
    struct({ engine: oneOf('qbft', 'simplex', 'clique'), round: uint(), validators: list(address) }),
  ),
  transactions: list(struct({ id: hash, kind: text(32) })),
  evidence: uint(),
});

/** What everyone may know of a block: ids and kinds, and nobody's payload. */
function summaryOf(service: NodeService, stored: StoredBlock): Result<Answer> {
  const block = decodeBlock(stored.block);
  assert(block.ok, 'a stored block decodes');
  const { header, transactions, evidence } = block.value;
  return json({
    hash: stored.hash,
    header,
    certificate: certificateOf(stored),
    transactions: transactions.map((signed) => {
      const { id, kind } = faceOf(service.env.primitives, signed);
      return { id, kind };
    }),
    evidence: evidence.length,
  });
}

function certificateOf({ certificate }: StoredBlock): unknown {
  if (certificate === null) return null;
  const read = decodeCertificate(certificate);
  assert(read.ok, 'a stored certificate decodes');
  const { engine, round, signatures } = read.value;
  return { engine, round, validators: signatures.map(({ validator }) => validator) };
}

const blockAnswer = { status: 200, contentType: 'application/json', schema: summarySchema };

const latest: Route = {
  method: 'GET',
  path: '/v1/blocks/latest',
  tag: 'blocks',
  summary: 'The last finalised block',
  access: 'open',
  answer: blockAnswer,
  handle: async ({ service }) => {
    const stored = await service.block(service.tip().header.height);
    return stored === undefined ? refuse('api-view.no-block') : summaryOf(service, stored);
  },
};

const storedAt = async (service: NodeService, parameter: string | undefined): Promise<StoredBlock | undefined> => {
  const height = heightParameterOf(parameter);
  return height === undefined ? undefined : service.block(height as Height);
};

const byHeight: Route = {
  method: 'GET',
  path: '/v1/blocks/:height',
  tag: 'blocks',
  summary: 'A finalised block: header, hash, who certified it, and the ids and kinds of its transactions',
  access: 'open',
  params: { height: heightParameter },
  answer: blockAnswer,
  handle: async ({ service, params }) => {
    const stored = await storedAt(service, params.height);
    return stored === undefined ? refuse('api-view.no-block') : summaryOf(service, stored);
  },
};

const body: Route = {
  method: 'GET',
  path: '/v1/blocks/:height/body',
  tag: 'blocks',
  summary: 'The whole block with its certificate and receipts, as canonical bytes: { block, certificate, receipts }',
  access: aboutConsortium('viewChain'),
  params: { height: heightParameter },
  answer: { status: 200, contentType: CONTENT_TYPES['dag-cbor'] },
  handle: async ({ service, params }) => {
    const stored = await storedAt(service, params.height);
    if (stored === undefined) return refuse('api-view.no-block');
    const { block, certificate, receipts } = stored;
    return bytes(CONTENT_TYPES['dag-cbor'], encode({ block, certificate, receipts }));
  },
};

export const blockRoutes: readonly Route[] = [latest, byHeight, body];
