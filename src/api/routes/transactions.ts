import type { Hash } from '../../base/brand.ts';
import { fromHex, toHex } from '../../base/bytes.ts';
import { decode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import { anyOf } from '../access.ts';
import { json } from '../answers.ts';
import { receiptFace } from '../denied-face.ts';
import { handIn } from '../door.ts';
import { API_LIMITS } from '../limits.ts';
import { hexParameter, reading } from '../reading.ts';
import type { AccessRule, Call, Route } from '../route.ts';
import { hash, hex, list, receiptFields, struct, text, uint } from '../schemas.ts';
import type { FoundReceipt } from '../service.ts';
import { faceOf, senderIdOf } from '../transaction-face.ts';

const post: Route = {
  method: 'POST',
  path: '/v1/transactions',
  tag: 'transactions',
  summary: 'Hands in one signed transaction. Accepted means waiting for a block: the receipt tells what became of it',
  access: 'open',
  body: {
    kind: 'json',
    schema: struct({ signed: hex(1, LIMITS.transactionBytesMax, 'The signed bytes.') }),
    bytesMax: API_LIMITS.transactionBodyBytesMax,
  },
  answer: { status: 202, contentType: 'application/json', schema: struct({ id: hash }) },
  handle: async ({ service, body }) => {
    const signed = fromHex((body as { signed: string }).signed);
    if (signed === undefined) return refuse('api-body.invalid', { at: '/signed' });
    const [answer] = (await handIn(service, [signed])) as [Result<Hash>];
    return answer.ok ? json({ id: answer.value }, 202) : answer;
  },
};

const batchShape = shape.list(shape.bytes(1, LIMITS.transactionBytesMax), API_LIMITS.batchTransactionsMax, 1);

const postBatch: Route = {
  method: 'POST',
  path: '/v1/transactions/batch',
  tag: 'transactions',
  summary:
    'Hands in many: a canonical list of signed bytes. One answer for each, in order: its id, or the code of its refusal',
  access: 'open',
  body: { kind: 'dag-cbor', bytesMax: API_LIMITS.batchBytesMax },
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: list({ anyOf: [struct({ id: hash }), struct({ code: text(64) }, { detail: { type: 'object' } })] }),
  },
  handle: async ({ service, shared, body, remoteAddress }) => {
    const value = decode(body as Uint8Array, API_LIMITS.batchBytesMax);
    if (!value.ok) return value;
    const batch = batchShape(value.value, 'batch');
    if (!batch.ok) return batch;
    // A batch costs what its transactions would cost one by one; the request has paid for the first.
    if (!shared.charge(remoteAddress, batch.value.length - 1)) return refuse('api-limit.rate');
    const answers = await handIn(service, batch.value);
    return json(answers.map((answer) => (answer.ok ? { id: answer.value } : answer.rejection)));
  },
};

const found = async ({ service, params }: Call): Promise<FoundReceipt | undefined> => {
  const id = hexParameter<Hash>(params.id, 32);
  return id === undefined ? undefined : service.receipt(id);
};

/** Whoever may see the receipts of its sender. */
const aboutSender: AccessRule = {
  action: 'viewReceipt',
  questions: async (call) => {
    const receipt = await found(call);
    if (receipt === undefined) return [];
    const { service } = call;
    const { publicKey } = faceOf(service.env.primitives, receipt.transaction);
    const id = reading(service, (view) => senderIdOf(service.env.primitives, view, publicKey));
    return anyOf({ type: 'Participant', id });
  },
};

const getTransaction: Route = {
  method: 'GET',
  path: '/v1/transactions/:id',
  tag: 'transactions',
  summary: 'A finalised transaction of your own: where it stands, and its signed bytes',
  access: aboutSender,
  params: { id: hash },
  answer: {
    status: 200,
    contentType: 'application/json',
    schema: struct({
      id: hash,
      height: uint(),
      index: uint(),
      kind: text(32),
      signed: hex(1, LIMITS.transactionBytesMax),
    }),
  },
  handle: async (call) => {
    const receipt = await found(call);
    if (receipt === undefined) return refuse('api-view.nothing-here');
    const { id, kind } = faceOf(call.service.env.primitives, receipt.transaction);
    return json({ id, height: receipt.height, index: receipt.index, kind, signed: toHex(receipt.transaction) });
  },
};

const getReceipt: Route = {
  method: 'GET',
  path: '/v1/receipts/:id',
  tag: 'transactions',
  summary:
    'What became of a transaction of your own: applied, denied or failed, with code and policies. A denial about somebody else tells no more',
  access: aboutSender,
  params: { id: hash },
  answer: { status: 200, contentType: 'application/json', schema: struct(receiptFields) },
  handle: async (call) => {
    const receipt = await found(call);
    if (receipt === undefined) return refuse('api-view.nothing-here');
    const { kind } = faceOf(call.service.env.primitives, receipt.transaction);
    return json({ height: receipt.height, index: receipt.index, ...receiptFace(kind, receipt.receipt) });
  },
};

export const transactionRoutes: readonly Route[] = [post, postBatch, getTransaction, getReceipt];
