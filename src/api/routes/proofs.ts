import { assert } from '../../base/assert.ts';
import type { Height } from '../../base/brand.ts';
import { type Canonical, encode } from '../../base/canonical.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import { decodeBlock } from '../../ledger/block.ts';
import type { StateView } from '../../ledger/chain.ts';
import { stateKeyHash } from '../../ledger/execute-block.ts';
import { encodeStateProof, proveKey } from '../../ledger/tree/prove.ts';
import { json } from '../answers.ts';
import { API_LIMITS } from '../limits.ts';
import { reading } from '../reading.ts';
import type { Call, Route } from '../route.ts';
import { hash, hex, list, nullable, struct, text, uint } from '../schemas.ts';
import type { NodeService } from '../service.ts';
import { questionsAbout } from '../state-questions.ts';

interface ProofBody {
  readonly keys: readonly string[];
  readonly height?: number;
}

const bodyOf = ({ body }: Call): ProofBody => body as ProofBody;

const post: Route = {
  method: 'POST',
  path: '/v1/proofs',
  tag: 'proofs',
  summary: 'Proofs that rows of the state are present with a value, or absent, under a header and its certificate',
  access: {
    action: 'prove',
    afterBody: true,
    questions: (call) =>
      reading(call.service, (view) =>
        bodyOf(call).keys.map((key) => questionsAbout(view, key, call.caller?.id ?? null)),
      ),
  },
  body: {
    kind: 'json',
    schema: struct(
      { keys: list(text(API_LIMITS.stateKeyCharactersMax), API_LIMITS.proofKeysMax, 1) },
      { height: uint() },
    ),
    bytesMax: API_LIMITS.transactionBodyBytesMax,
  },
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: struct({
      height: uint(),
      blockHash: hash,
      header: hex(1, 16_384, 'Canonical bytes of the header: their SHA-256 is the block hash.'),
      certificate: nullable(hex(1, 16_384)),
      proofs: list(
        struct({ key: text(API_LIMITS.stateKeyCharactersMax), value: nullable(hex(0, 65_536)), proof: hex(1, 9_216) }),
      ),
    }),
  },
  handle: async (call) => {
    const { service } = call;
    const { keys, height = service.tip().header.height } = bodyOf(call);
    const stored = await service.block(height as Height);
    if (stored === undefined) return refuse('api-view.no-block');
    const proofs = proveAll(service, height as Height, keys);
    if (!proofs.ok) return proofs;
    const block = decodeBlock(stored.block);
    assert(block.ok, 'a stored block decodes');
    const header = encode(block.value.header as unknown as Canonical);
    return json({ height, blockHash: stored.hash, header, certificate: stored.certificate, proofs: proofs.value });
  },
};

function proveAll(service: NodeService, height: Height, keys: readonly string[]): Result<readonly object[]> {
  const opened = service.viewAt(height);
  if (!opened.ok) return opened;
  const view = opened.value;
  try {
    const proofs: object[] = [];
    for (const key of keys) {
      const proved = prove(service, view, key);
      if (!proved.ok) return proved;
      proofs.push(proved.value);
    }
    return ok(proofs);
  } finally {
    view.close();
  }
}

function prove(service: NodeService, view: StateView, key: string): Result<object> {
  const proof = proveKey(view.tree, view.root, stateKeyHash(service.env, key));
  if (!proof.ok) return proof;
  return ok({ key, value: view.get(key) ?? null, proof: encodeStateProof(proof.value) });
}

export const proofRoutes: readonly Route[] = [post];
