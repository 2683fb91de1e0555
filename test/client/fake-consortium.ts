import { createHash } from 'node:crypto';
import type { Address, Hash, PublicKey, Round } from '../../src/base/brand.ts';
import { equal, fromHex, toHex } from '../../src/base/bytes.ts';
import { addressOf, signingDigest } from '../../src/base/digest.ts';
import { ok, type Result } from '../../src/base/result.ts';
import { quorumOf } from '../../src/base/validators.ts';
import type { ApiClient, FragmentsRequest, ReceiptAnswer, StoreRequest } from '../../src/client/api.ts';
import { contentIdOf, contentIdText, parseContentId } from '../../src/client/content-id.ts';
import type { Device } from '../../src/client/device.ts';
import { ApiError } from '../../src/client/errors.ts';
import { collect } from '../../src/client/http.ts';
import type { CertifiedHeader, ChainTrust } from '../../src/client/trust.ts';
import { voteDigest, voteOf } from '../../src/consensus/vote.ts';
import { decodeEnvelope, envelopeCommitment, keyIdBytes, verifyEnvelope } from '../../src/crypto/envelope.ts';
import { openFragment } from '../../src/crypto/grant-fragment.ts';
import { answerRead } from '../../src/crypto/read-share.ts';
import type { GrantKeys } from '../../src/crypto/umbral/types.ts';
import { checkAdmission } from '../../src/ledger/admission.ts';
import { type AuditLine, decodeAuditLine } from '../../src/ledger/audit.ts';
import { stateKeyHash } from '../../src/ledger/execute-block.ts';
import { type Genesis, renderGenesis } from '../../src/ledger/genesis.ts';
import { grantKeysOf } from '../../src/ledger/grant-keys.ts';
import type { Header } from '../../src/ledger/header.ts';
import { storageReceiptBytes } from '../../src/ledger/signed-words.ts';
import { reviews } from '../../src/ledger/state/desk-tables.ts';
import {
  grants,
  nonces,
  participants,
  type ReadRow,
  type RecordRow,
  reads,
  records,
  recordVersions,
} from '../../src/ledger/state/tables.ts';
import { decodeTransaction } from '../../src/ledger/transaction.ts';
import { proveKey } from '../../src/ledger/tree/prove.ts';
import { receiptWords } from '../../src/node/fragment-duty.ts';
import { SearchDesk } from '../../src/node/search-desk.ts';
import { openMemoryStore } from '../../src/storage/memory-store.ts';
import { SearchIndexStore } from '../../src/storage/search-index-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { genesisOf, hospitalName, idOf, primitives, secretOf, Town } from '../ledger/town.ts';
import { FakeGuardians } from './fake-guardians.ts';

/**
 * Four hospitals in memory: the real ledger with its real policies, a block for each transaction, certificates by the real rules, and every
 * duty done at once. It answers whatever it is asked: who may look is the API's matter and tested there.
 */
export class FakeConsortium {
  readonly town: Town;
  /** Hospitals that are down: they take no fragments and answer no read. */
  readonly down = new Set<string>();
  readonly blobs = new Map<string, Uint8Array>();
  readonly #envelopes = new Map<string, { envelope: Uint8Array; salt: Uint8Array }>();
  readonly #fragments = new Map<string, FragmentsRequest>();
  readonly #receipts = new Map<string, ReceiptAnswer>();
  readonly #searches: SearchDesk;
  readonly guardians: FakeGuardians;
  readonly #audit: { subject: Address; line: AuditLine }[] = [];

  /** Signed bytes of what was submitted, by id. */
  readonly signed = new Map<string, Uint8Array>();

  constructor(genesis: Genesis = genesisOf(4)) {
    this.town = new Town(genesis);
    this.guardians = new FakeGuardians(this.town);
    const place = { chainId: this.town.env.chainId, hospital: idOf(hospitalName(1)) };
    this.#searches = new SearchDesk(place, new SearchIndexStore(new WriteGuard(openMemoryStore())));
  }

  get trust(): ChainTrust {
    return { chainId: this.town.env.chainId, validators: this.town.tip.validators };
  }

  get genesisText(): string {
    return renderGenesis(this.town.env.genesis);
  }

  /** The device's clock stands at the newest block. */
  device(seed: string): Device {
    let drawn = 0;
    return {
      primitives,
      hasher: () => createHash('sha256'),
      nowMs: () => this.town.tip.header.timestampMs,
      random: (bytes) => {
        const parts = Array.from({ length: Math.ceil(bytes / 32) }, (_, i) => [...secretOf(`${seed} ${drawn} ${i}`)]);
        drawn++;
        return Uint8Array.from(parts.flat().slice(0, bytes));
      },
    };
  }

  /** One hospital's API; `change` replaces answers, as a dishonest hospital would. */
  api(change: Partial<ApiClient> = {}): ApiClient {
    return { ...this.#honest(), ...change };
  }

  certify(header: Header): CertifiedHeader {
    const { validators } = this.trust;
    const { chainId } = this.town.env;
    const blockHash = this.town.tip.hash;
    const ballot = { round: 0 as Round, type: 'commit', blockHash, preparedRound: null, preparedHash: null };
    const digest = voteDigest(primitives, voteOf({ chainId, engine: 'qbft' }, header.height, ballot));
    const signatures = validators.slice(0, quorumOf(validators.length)).map(({ id }) => ({
      validator: id,
      signature: primitives.sign(digest, secretOf(`${this.#nameOf(id)} validator`)),
    }));
    return {
      header,
      certificate: { engine: 'qbft', height: header.height, round: 0 as Round, blockHash, signatures, path: [] },
    };
  }

  #nameOf(id: Address): string {
    const n = [1, 2, 3, 4].find((one) => equal(idOf(hospitalName(one)), id));
    if (n === undefined) throw new Error('no such hospital');
    return hospitalName(n);
  }

  #hospitals(): readonly Address[] {
    return [1, 2, 3, 4].map((n) => idOf(hospitalName(n))).filter((id) => !this.down.has(toHex(id)));
  }

  #honest(): ApiClient {
    const view = () => this.town.tip.view;
    return {
      status: async () => this.#status(),
      genesis: async () => this.genesisText,
      block: async () => ({ block: new Uint8Array(0), certificate: null, receipts: new Uint8Array(0) }),
      submit: async (signed) => unwrapped(this.#submit(signed)),
      submitBatch: async (list) => list.map((signed) => this.#submit(signed)),
      receipt: async (id) => this.#receipts.get(toHex(id)),
      nonce: async (id) => nonces.get(view(), toHex(id)) ?? 0,
      participant: async (id) => {
        const row = participants.get(view(), toHex(id));
        return row === undefined ? undefined : { id, ...row };
      },
      hospitals: async () => [],
      records: async (owner) => this.#records().filter(({ row }) => equal(row.owner, owner)),
      record: async (id) => this.#records().find(({ record }) => equal(record, id)),
      requests: async () => [],
      grants: async (patient) => this.#grants(patient),
      readable: async () => [],
      readers: async () => [],
      waitingReviews: async () => this.#reviews().filter(({ row }) => row.status === 'open'),
      reviewsOf: async (id) => this.#reviews().filter(({ row }) => equal(row.owner, id) || equal(row.reader, id)),
      review: async (read) => {
        const [line] = this.#reviews().filter((one) => equal(one.read, read));
        const transaction = this.signed.get(toHex(read));
        return line && transaction && { ...line, transaction };
      },
      audit: async (subject) => this.#audit.filter((one) => equal(one.subject, subject)).map(({ line }) => line),
      putBlob: async (sent) => {
        const ciphertext = sent instanceof Uint8Array ? sent : await collect(sent.open(), sent.bytes);
        const cid = contentIdText(await contentIdOf(ciphertext));
        this.blobs.set(cid, ciphertext);
        return { cid, bytes: ciphertext.length };
      },
      storeRecord: async (request) => this.storeRecord(request),
      storeFragments: async (request) => this.storeFragments(request),
      storeIndex: async (patient, index) => unwrapped(await this.#searches.store(patient, index)),
      search: async (patient, { category: _, ...trapdoor }) =>
        unwrapped(await this.#searches.search(patient, trapdoor)),
      ...this.guardians.api(this.down),
      readShares: async (read) => this.shares(read),
      readEnvelope: async (read) => this.envelopeOf(read),
      readCiphertext: async (read) => oneByOne(this.ciphertextOf(read)),
      proofs: async (keys) => this.#proofs(keys),
      events: async function* () {},
    };
  }

  #status() {
    const { header, hash } = this.town.tip;
    const { height, timestampMs, stateRoot, chainId } = header;
    return { chainId, height, blockHash: hash, stateRoot, timestampMs, hospital: idOf(hospitalName(1)) };
  }

  #submit(bytes: Uint8Array): Result<Hash> {
    const { env, tip, nextHeight } = this.town;
    const signed = decodeTransaction(primitives, env.chainId, bytes);
    if (!signed.ok) return signed;
    this.signed.set(toHex(signed.value.id), bytes);
    const admitted = checkAdmission(env, tip.view, nextHeight, signed.value);
    if (!admitted.ok) return admitted;
    const [receipt] = this.town.seal([signed.value]);
    if (receipt === undefined) throw new Error('the block left the transaction out');
    const block = this.town.blocks.at(-1);
    for (const { subject, entry } of block?.execution.audit ?? [])
      this.#audit.push({ subject, line: unwrapped(decodeAuditLine(entry)) });
    this.#receipts.set(toHex(signed.value.id), { height: this.town.tip.header.height, index: 0, receipt });
    return ok(signed.value.id);
  }

  #reviews() {
    const view = this.town.tip.view;
    return [...this.signed.keys()].flatMap((id) => {
      const row = reviews.get(view, id);
      return row === undefined ? [] : [{ read: fromHex(id) as Hash, row }];
    });
  }

  /** The state cannot be listed by its tree: records are found by the blocks that registered them. */
  #records() {
    const found = new Map<string, Uint8Array>();
    for (const { execution } of this.town.blocks)
      for (const key of execution.changes.keys())
        if (key.startsWith('record/')) found.set(key, fromHex(key.slice('record/'.length)) as Uint8Array);
    return [...found.values()].flatMap((record) => {
      const row = records.get(this.town.tip.view, toHex(record));
      return row === undefined ? [] : [{ record, row }];
    });
  }

  rowOf(record: Uint8Array): RecordRow {
    const row = records.get(this.town.tip.view, toHex(record));
    if (row === undefined) throw new Error('no such record');
    return row;
  }

  #grants(patient: Address) {
    const prefix = `grant/${toHex(patient)}/`;
    const keys = new Set(this.town.blocks.flatMap(({ execution }) => [...execution.changes.keys()]));
    return [...keys].flatMap((key) => {
      const grantKey = key.slice(prefix.length);
      const row = key.startsWith(prefix) ? grants.get(this.town.tip.view, toHex(patient), grantKey) : undefined;
      if (row === undefined) return [];
      const [type = '', id = '', category = ''] = grantKey.split(':');
      return [{ grantee: { type: type as 'person', id }, category: fromHex(category) as Uint8Array, row }];
    });
  }

  storeRecord({ record, cid, envelope, salt, receiptsWanted, ownerSignature }: StoreRequest) {
    const { chainId } = this.town.env;
    const ciphertextBytes = (this.blobs.get(cid) as Uint8Array).length;
    const envelopeHash = envelopeCommitment(primitives, salt, envelope);
    this.#envelopes.set(cid, { envelope, salt });
    const decoded = decodeEnvelope(primitives, envelope);
    if (!decoded.ok) throw new Error(decoded.rejection.code);
    const author = addressOf(primitives, decoded.value.author);
    const kept = { record, cid: parseContentId(cid) as Uint8Array, ciphertextBytes, envelopeHash };
    const stored = { ...kept, version: decoded.value.version, author, ...decoded.value.keyId };
    const words = storageReceiptBytes(chainId, stored);
    const standing = records.get(this.town.tip.view, toHex(record));
    if (standing !== undefined && equal(standing.cid, kept.cid) && standing.epoch < decoded.value.keyId.epoch) {
      const offered = signingDigest(primitives, 'envelope-replacement', words);
      if (ownerSignature === undefined || !primitives.verify(offered, ownerSignature, decoded.value.author))
        throw new ApiError(403, 'duty.replacement-unsigned', 'Nobody signed for it.');
    }
    const digest = signingDigest(primitives, 'storage-receipt', words);
    const receipts = this.#hospitals()
      .slice(0, receiptsWanted)
      .map((hospital) => ({
        hospital,
        signature: primitives.sign(digest, secretOf(`${this.#nameOf(hospital)} duty`)),
      }));
    return { envelopeHash, ciphertextBytes, receipts };
  }

  storeFragments(request: FragmentsRequest) {
    this.#fragments.set(toHex(request.grantId), request);
    return this.#hospitals().map((hospital) => {
      const fragments = request.fragments.filter(({ holder }) => equal(holder, hospital));
      const { fragmentsHash, bytes } = unwrapped(
        receiptWords({ env: this.town.env, state: this.town.tip.view }, { ...request, fragments }),
      );
      const digest = signingDigest(primitives, 'fragment-receipt', bytes);
      return {
        hospital,
        fragmentsHash,
        signature: primitives.sign(digest, secretOf(`${this.#nameOf(hospital)} duty`)),
      };
    });
  }

  envelopeOf(read: Hash): { readonly envelope: Uint8Array; readonly salt: Uint8Array } {
    return this.#envelopes.get(this.cidOfRead(read)) as { envelope: Uint8Array; salt: Uint8Array };
  }

  ciphertextOf(read: Hash): Uint8Array {
    return this.blobs.get(this.cidOfRead(read)) as Uint8Array;
  }

  cidOfRead(id: Hash): string {
    const { view } = this.town.tip;
    const read = reads.get(view, toHex(id));
    if (read === undefined) throw new ApiError(404, 'api-view.nothing-here', 'There is nothing here.');
    const newest = records.get(view, toHex(read.record));
    const row =
      newest?.version === read.version ? newest : recordVersions.get(view, toHex(read.record), String(read.version));
    return contentIdText(row?.cid as Uint8Array);
  }

  shares(readId: Hash) {
    const { view } = this.town.tip;
    const read = reads.get(view, toHex(readId)) as ReadRow;
    const request = this.#fragments.get(toHex(read.grantId));
    const row = records.get(view, toHex(read.record));
    if (request === undefined || row === undefined) return [];
    const { chainId } = this.town.env;
    const envelope = unwrapped(decodeEnvelope(primitives, this.envelopeOf(readId).envelope));
    const capsule = unwrapped(verifyEnvelope(primitives, { chainId, cid: row.cid }, envelope));
    const keys = grantKeysOf(view, request, row) as GrantKeys;
    const serving = request.fragments.filter(
      (each) => !this.down.has(toHex(each.holder)) && equal(keyIdBytes(each), keyIdBytes(row)),
    );
    return serving.map(({ holder, fragment }) => {
      const dutySecret = secretOf(`${this.#nameOf(holder)} duty`);
      const keyId = { category: row.category, epoch: row.epoch };
      const name = { chainId, grantId: request.grantId, holder, keyId };
      const kfrag = unwrapped(openFragment(primitives, name, { fragment, dutySecret, keys }));
      const { freshKey } = read;
      const share = unwrapped(
        answerRead(
          primitives,
          { chainId, readId, holder, freshKey: freshKey as PublicKey },
          { capsule, kfrag, dutySecret, attempt: 0 },
        ),
      );
      const fragmentIds = request.fragments.filter((each) => equal(each.holder, holder)).map((each) => each.fragmentId);
      return { holder, fragmentIds, share };
    });
  }

  #proofs(keys: readonly string[]) {
    const { tip, env } = this.town;
    const rows = keys.map((key) => ({
      key,
      value: tip.view.get(key) ?? null,
      proof: unwrapped(proveKey(tip.view.tree, tip.view.root, stateKeyHash(env, key))),
    }));
    return { ...this.certify(tip.header), rows };
  }
}

/** Throws what a hospital's API would have answered. */
export function unwrapped<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  const { code, detail } = result.rejection;
  throw new ApiError(400, code, code, detail);
}

export async function* oneByOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.slice(at, at + 1_000);
}
