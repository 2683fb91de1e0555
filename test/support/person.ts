import { randomBytes } from 'node:crypto';
import type { NodeService } from '../../src/api/service.ts';
import type { Address, Hash, SecretKey } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { addressOf, signingDigest } from '../../src/base/digest.ts';
import { ENVELOPE_ENTROPY_BYTES, encodeEnvelope, sealEnvelope } from '../../src/crypto/envelope.ts';
import { categoryOf } from '../../src/ledger/category.ts';
import type { KindName, Payload } from '../../src/ledger/families/payloads.ts';
import type { Receipt } from '../../src/ledger/receipt.ts';
import { enrolmentBytes } from '../../src/ledger/signed-words.ts';
import { nonces } from '../../src/ledger/state/tables.ts';
import { signTransaction } from '../../src/ledger/transaction.ts';
import type { Role } from '../../src/ledger/vocabulary.ts';
import { cidBytes } from '../../src/node/cid.ts';
import { type Hospital, primitives, seededSecret } from './consortium.ts';
import { until } from './until.ts';

const GAS_LIMIT = 1_000_000;

/** Signs a transaction with the sender's next nonce, submits it, and waits for its receipt at that node. */
export async function send<K extends KindName>(
  service: NodeService,
  secretKey: SecretKey,
  kind: K,
  payload: Payload<K>,
): Promise<{ readonly id: Hash; readonly receipt: Receipt }> {
  const publicKey = primitives.publicKeyOf(secretKey);
  const view = service.view();
  const nonce = nonces.get(view, toHex(addressOf(primitives, publicKey))) ?? 0;
  view.close();
  const transaction = signTransaction(
    primitives,
    {
      version: 1,
      chainId: service.env.chainId,
      publicKey,
      nonce,
      validUntilHeight: service.tip().header.height + 200,
      gasLimit: GAS_LIMIT,
      kind,
      payload,
    },
    secretKey,
  );
  const [answer] = await service.submit([transaction.bytes]);
  if (answer === undefined || !answer.ok) throw new Error(`${kind} not admitted: ${answer?.rejection.code}`);
  const found = await until(() => service.receipt(answer.value), { timeoutMs: 15_000, what: `a receipt for ${kind}` });
  return { id: answer.value, receipt: found.receipt };
}

/** As `send`, for what must be applied. */
export async function apply<K extends KindName>(
  service: NodeService,
  secretKey: SecretKey,
  kind: K,
  payload: Payload<K>,
): Promise<Hash> {
  const { id, receipt } = await send(service, secretKey, kind, payload);
  if (receipt.outcome !== 'applied') throw new Error(`${kind} ${receipt.outcome}: ${receipt.code}`);
  return id;
}

export interface Person {
  readonly id: Address;
  readonly account: SecretKey;
  readonly receiving: SecretKey;
  /** Signs fragments. */
  readonly signing: SecretKey;
  readonly delegating: SecretKey;
  /** The category of the delegating key's epoch 0. */
  readonly category: Uint8Array;
}

export function person(name: string): Person {
  const account = seededSecret(`${name} account`);
  const delegating = seededSecret(`${name} delegating`);
  return {
    id: addressOf(primitives, primitives.publicKeyOf(account)),
    account,
    receiving: seededSecret(`${name} receiving`),
    signing: seededSecret(`${name} signing`),
    delegating,
    category: categoryOf(primitives, primitives.publicKeyOf(delegating)),
  };
}

/** Enrols and admits somebody at a hospital; a patient also opens a category. */
export async function join(service: NodeService, hospital: Hospital, role: Role, someone: Person): Promise<void> {
  const publicKey = primitives.publicKeyOf(someone.account);
  const enrolment = {
    role,
    hospital: hospital.id,
    handle: primitives.hash(publicKey),
    signingKey: primitives.publicKeyOf(someone.signing),
    receivingKey: primitives.publicKeyOf(someone.receiving),
  };
  const words = enrolmentBytes(service.env.chainId, publicKey, enrolment);
  const digest = signingDigest(primitives, 'enrolment-sponsor', words);
  const sponsorSignature = primitives.sign(digest, hospital.keys.account);
  await apply(service, someone.account, 'enrol', { ...enrolment, sponsorSignature });
  await apply(service, hospital.keys.account, 'admit', { participant: someone.id });
  if (role !== 'patient') return;
  await apply(service, someone.account, 'publishDelegatingKey', {
    category: someone.category,
    epoch: 0,
    publicKey: primitives.publicKeyOf(someone.delegating),
    label: 'N',
  });
}

export interface StoredRecord {
  readonly record: Uint8Array;
  readonly cid: string;
  readonly ciphertext: Uint8Array;
  readonly dataKey: Uint8Array;
  readonly envelope: Uint8Array;
  readonly salt: Uint8Array;
}

export async function* inPieces(bytes: Uint8Array, pieceBytes = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

export function accepted<T>(result: { ok: true; value: T } | { ok: false; rejection: { code: string } }): T {
  if (!result.ok) throw new Error(`refused: ${result.rejection.code}`);
  return result.value;
}

/** Uploads a ciphertext (any bytes: no node looks inside) and makes the envelope that belongs to it. */
export async function upload(service: NodeService, owner: Person, ciphertext: Uint8Array): Promise<StoredRecord> {
  const { cid } = accepted(
    await service.putBlob(inPieces(ciphertext), { uploader: toHex(owner.id), bytesMax: 2 ** 30 }),
  );
  const record = new Uint8Array(randomBytes(32));
  const dataKey = new Uint8Array(randomBytes(32));
  const envelope = sealEnvelope(primitives, {
    name: { chainId: service.env.chainId, recordId: record, version: 1 },
    keyId: { category: owner.category, epoch: 0 },
    cid: cidBytes(cid) as Uint8Array,
    dataKey,
    delegatingKey: primitives.publicKeyOf(owner.delegating),
    author: primitives.publicKeyOf(owner.account),
    entropy: new Uint8Array(randomBytes(ENVELOPE_ENTROPY_BYTES)),
  });
  const salt = new Uint8Array(randomBytes(32));
  return { record, cid, ciphertext, dataKey, envelope: encodeEnvelope(accepted(envelope)), salt };
}

/** Stores the record with as many hospitals as answer, and registers it. */
export async function register(service: NodeService, owner: Person, stored: StoredRecord): Promise<number> {
  const { record, cid, envelope, salt } = stored;
  const kept = accepted(await service.storeRecord({ record, cid, envelope, salt, receiptsWanted: 3 }));
  await apply(service, owner.account, 'registerRecord', {
    record,
    owner: owner.id,
    category: owner.category,
    epoch: 0,
    cid: cidBytes(cid) as Uint8Array,
    ciphertextBytes: kept.ciphertextBytes,
    envelopeHash: kept.envelopeHash,
    storage: kept.receipts,
  });
  return kept.receipts.length;
}
