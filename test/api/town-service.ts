import type {
  DutyReceipt,
  FoundReceipt,
  NodeEvent,
  NodeService,
  StoredBlock,
  UnfinalBlock,
} from '../../src/api/service.ts';
import type { Address, Hash, Height, PublicKey } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { signingDigest } from '../../src/base/digest.ts';
import { ok, type Result, refuse } from '../../src/base/result.ts';
import { encodeCertificate } from '../../src/consensus/certificate.ts';
import { voteDigest, voteOf } from '../../src/consensus/vote.ts';
import { checkAdmission } from '../../src/ledger/admission.ts';
import type { StateView, Tip } from '../../src/ledger/chain.ts';
import { encodeReceipts } from '../../src/ledger/receipt.ts';
import { fragmentReceiptBytes, fragmentsHashOf, grantedKeysHashOf } from '../../src/ledger/signed-words.ts';
import { reads, records } from '../../src/ledger/state/tables.ts';
import { decodeTransaction, type SignedTransaction } from '../../src/ledger/transaction.ts';
import { HandleDesk } from '../../src/node/handle-desk.ts';
import { SILENT_LOGGER } from '../../src/node/logger.ts';
import { SearchDesk } from '../../src/node/search-desk.ts';
import { SessionDesk } from '../../src/node/session-desk.ts';
import { KvBlobStore } from '../../src/storage/kv-blob-store.ts';
import { memoryBlobFiles } from '../../src/storage/memory-blob-files.ts';
import { openMemoryStore } from '../../src/storage/memory-store.ts';
import { SearchIndexStore } from '../../src/storage/search-index-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { hash, hospitalName, idOf, primitives, publicOf, secretOf, Town } from '../ledger/town.ts';

/**
 * A node of one process over the real ledger: every accepted batch is a block at once. Hospital 1 stands in front; the other
 * three certify with it.
 */
export class TownService implements NodeService {
  readonly town: Town;
  readonly hospital: Address = idOf(hospitalName(1));
  readonly startedAtMs = 1;
  readonly blobs: KvBlobStore;
  /** Views handed out and not yet closed: an API that leaks one stops the node's compaction. */
  openViews = 0;
  unfinalBlocks: readonly UnfinalBlock[] = [];
  ready: { ready: boolean; code: string | null } = { ready: true, code: null };
  submitted: readonly Result<Hash>[] | null = null;
  /** The clock of sessions and of counted handles. */
  nowMs = 1_800_000_000_000;
  readonly sessions: SessionDesk;
  readonly handles: HandleDesk;
  readonly #listeners = new Set<(event: NodeEvent | undefined) => void>();
  readonly #keys = new Set<string>();
  readonly #envelopes = new Map<string, { envelope: Uint8Array; salt: Uint8Array }>();
  readonly #searches: SearchDesk;

  private constructor(town: Town, blobs: KvBlobStore) {
    this.town = town;
    this.blobs = blobs;
    const place = { chainId: town.env.chainId, hospital: this.hospital };
    this.#searches = new SearchDesk(place, new SearchIndexStore(new WriteGuard(openMemoryStore())));
    const clock = () => this.nowMs;
    const { chainId } = town.env;
    this.sessions = new SessionDesk({ primitives, chainId, dutySecret: secretOf(`${hospitalName(1)} duty`), clock });
    this.handles = new HandleDesk({
      primitives,
      hospital: this.hospital,
      state: { get: (key) => town.tip.view.get(key) },
      logger: SILENT_LOGGER,
      clock,
      secrets: { saltKey: hash('salt key'), share: { holder: 1, secret: secretOf('handle share') } },
    });
    for (const block of town.blocks) this.#note(block);
  }

  static async over(town: Town = new Town()): Promise<TownService> {
    const blobs = await KvBlobStore.open(new WriteGuard(openMemoryStore()), memoryBlobFiles(), {
      quotaBytes: 64 * 2 ** 20,
    });
    return new TownService(town, blobs);
  }

  get env() {
    return this.town.env;
  }
  tip(): Tip {
    return this.town.tip;
  }
  unfinal() {
    return this.unfinalBlocks;
  }
  peers() {
    return [2, 3, 4].map((n) => ({ hospital: idOf(hospitalName(n)), connected: n !== 4 }));
  }
  readiness() {
    return this.ready;
  }

  view(): StateView & { close(): void } {
    return this.#opened(this.town.tip.view);
  }
  viewAt(height: Height): Result<StateView & { close(): void }> {
    const block = this.town.blocks[height];
    return block === undefined ? refuse('storage.height-unknown', { height }) : ok(this.#opened(block.execution.view));
  }
  #opened(view: StateView): StateView & { close(): void } {
    this.openViews++;
    return { ...view, close: () => void this.openViews-- };
  }
  async stateKeys(prefix: string, after: string | null, limit: number): Promise<readonly string[]> {
    const live = [...this.#keys].filter((key) => this.town.tip.view.get(key) !== undefined);
    const below = live.filter((key) => key.startsWith(prefix) && (after === null || key > after));
    return below.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).slice(0, limit);
  }

  async submit(transactions: readonly Uint8Array[]): Promise<readonly Result<Hash>[]> {
    if (this.submitted !== null) return this.submitted;
    const taken: SignedTransaction[] = [];
    const answers = transactions.map((bytes): Result<Hash> => {
      const signed = decodeTransaction(primitives, this.env.chainId, bytes);
      if (!signed.ok) return signed;
      const admitted = checkAdmission(this.env, this.town.tip.view, this.town.nextHeight, signed.value);
      if (!admitted.ok) return admitted;
      taken.push(signed.value);
      return ok(signed.value.id);
    });
    if (taken.length > 0) this.seal(() => this.town.seal(taken));
    return answers;
  }

  /** Lets the town make blocks, and tells the listeners. */
  seal<T>(make: () => T): T {
    const before = this.town.blocks.length;
    const made = make();
    for (const block of this.town.blocks.slice(before)) this.#note(block);
    return made;
  }

  #note({ block, hash: blockHash, execution }: Town['blocks'][number]): void {
    for (const key of execution.changes.keys()) this.#keys.add(key);
    const { height, timestampMs } = block.header;
    const events = execution.receipts.flatMap(({ transactionId, events: emitted }) =>
      emitted.map((event) => ({ ...event, transactionId })),
    );
    for (const listener of this.#listeners)
      listener({ height, blockHash, timestampMs, receipts: execution.receipts, events });
  }

  /** A transaction that gets through the door, whatever the ledger would say of it. */
  someTransaction(): Uint8Array {
    return this.town.sign(hospitalName(1), 'suspend', { participant: idOf(hospitalName(2)) }).bytes;
  }

  mempoolSize() {
    return { transactions: 0, bytes: 0 };
  }

  async block(height: Height): Promise<StoredBlock | undefined> {
    const executed = this.town.blocks[height];
    if (executed === undefined) return undefined;
    const receipts = encodeReceipts(executed.execution.receipts);
    const certificate = height === 0 ? null : this.#certify(height, executed.hash);
    return { height, hash: executed.hash, block: executed.bytes, certificate, receipts };
  }

  #certify(height: Height, blockHash: Hash): Uint8Array {
    const engine = 'qbft' as const;
    const ballot = { round: 0 as never, type: 'commit', blockHash, preparedRound: null, preparedHash: null };
    const digest = voteDigest(primitives, voteOf({ chainId: this.env.chainId, engine }, height, ballot));
    const signatures = [1, 2, 3, 4]
      .map((n) => ({
        validator: idOf(hospitalName(n)),
        signature: primitives.sign(digest, secretOf(`${hospitalName(n)} validator`)),
      }))
      .sort((a, b) => Buffer.compare(a.validator, b.validator));
    return encodeCertificate({ engine, height, round: ballot.round, blockHash, signatures, path: [] });
  }

  heightOf(blockHash: Hash): Height | undefined {
    const found = this.town.blocks.findIndex(({ hash: other }) => toHex(other) === toHex(blockHash));
    return found === -1 ? undefined : (found as Height);
  }

  async receipt(transactionId: Hash): Promise<FoundReceipt | undefined> {
    for (const { block, execution } of this.town.blocks) {
      const index = execution.transactions.findIndex(({ id }) => toHex(id) === toHex(transactionId));
      const receipt = execution.receipts[index];
      const transaction = block.transactions[index];
      if (receipt !== undefined && transaction !== undefined)
        return { height: block.header.height, index, receipt, transaction };
    }
    return undefined;
  }

  async audit(subject: Address, fromHeight: Height, limit: number) {
    const lines = this.town.blocks.flatMap(({ block, execution }) =>
      execution.audit
        .filter((line) => toHex(line.subject) === toHex(subject))
        .map(({ index, entry }) => ({ height: block.header.height, index, entry })),
    );
    return lines.filter(({ height }) => height >= fromHeight).slice(0, limit);
  }

  subscribe(listener: (event: NodeEvent | undefined) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
  /** What a node does with a listener that is too slow. */
  dropListeners(): void {
    for (const listener of [...this.#listeners]) {
      this.#listeners.delete(listener);
      listener(undefined);
    }
  }
  get listenerCount(): number {
    return this.#listeners.size;
  }

  putBlob(stream: AsyncIterable<Uint8Array>, options: { uploader: string; bytesMax: number }) {
    return this.blobs.put(stream, { ...options, expiresAtHeight: 1_000 as Height });
  }

  async storeRecord(request: Parameters<NodeService['storeRecord']>[0]) {
    const { record, envelope, salt, cid, receiptsWanted } = request;
    const info = await this.blobs.info(cid);
    if (info === undefined) return refuse('blob.not-found');
    this.#envelopes.set(toHex(record), { envelope, salt });
    const receipts: DutyReceipt[] = Array.from({ length: receiptsWanted }, (_, i) => ({
      hospital: idOf(hospitalName(i + 1)),
      signature: primitives.sign(hash('stored'), secretOf(`${hospitalName(i + 1)} duty`)),
    }));
    return ok({ envelopeHash: primitives.hash(envelope), ciphertextBytes: info.bytes, receipts });
  }

  async storeFragments({ grantId, patient, grantee, fragments }: Parameters<NodeService['storeFragments']>[0]) {
    return ok(
      fragments.map(({ holder, fragmentId, category, epoch }) => {
        const fragmentsHash = fragmentsHashOf(primitives, [fragmentId]);
        const keysHash = grantedKeysHashOf(primitives, [{ category, epochFrom: epoch, epochTo: epoch }]);
        const person = { type: 'person', id: toHex(grantee) } as const;
        const held = { grantId, patient, grantee: person, keysHash, fragmentsHash };
        const bytes = fragmentReceiptBytes(this.env.chainId, held);
        const digest = signingDigest(primitives, 'fragment-receipt', bytes);
        return { hospital: holder, fragmentsHash, signature: primitives.sign(digest, secretOf('any duty')) };
      }),
    );
  }

  /** What the node under test would keep; tests put it here. */
  opened: { readonly envelope: Uint8Array; readonly ciphertext: Uint8Array } | null = null;

  async readShares(readId: Hash) {
    const read = reads.get(this.town.tip.view, toHex(readId));
    if (read === undefined) return refuse('record.unknown');
    const share = { holder: this.hospital, fragmentIds: [hash('fragment')], share: Uint8Array.of(1, 2, 3) };
    return ok(read.path === 'grant' ? [share] : []);
  }
  async readEnvelope(readId: Hash) {
    const read = reads.get(this.town.tip.view, toHex(readId));
    if (read === undefined || this.opened === null) return refuse('record.unknown');
    return ok({ envelope: this.opened.envelope, salt: hash('salt') as Uint8Array });
  }
  async readCiphertext(readId: Hash) {
    const read = reads.get(this.town.tip.view, toHex(readId));
    const row = read === undefined ? undefined : records.get(this.town.tip.view, toHex(read.record));
    if (row === undefined || this.opened === null) return refuse('record.unknown');
    const { ciphertext } = this.opened;
    async function* pieces() {
      for (let at = 0; at < ciphertext.length; at += 65_536) yield ciphertext.subarray(at, at + 65_536);
    }
    return ok({ cid: 'bafkcid', bytes: ciphertext.length, stream: pieces() });
  }

  /** Receipts that nobody checks here, and shares that nobody opens: the node's own tests do. */
  readonly guardians: NodeService['guardians'] = {
    keep: async ({ shares }) =>
      ok(
        shares.map(({ holder }) => ({
          hospital: holder,
          signature: primitives.sign(hash('kept'), secretOf('any duty')),
        })),
      ),
    released: async () => ok([{ holder: this.hospital, share: Uint8Array.of(1), sealed: Uint8Array.of(2) }]),
  };

  storeSearchIndex(...args: Parameters<NodeService['storeSearchIndex']>) {
    return this.#searches.store(...args);
  }
  search(...args: Parameters<NodeService['search']>) {
    return this.#searches.search(...args);
  }

  nodeMetrics = '# TYPE carechain_network_bytes counter\ncarechain_network_bytes 7\n';
  async metrics(): Promise<string> {
    return this.nodeMetrics;
  }
  dutyKey(): PublicKey {
    return publicOf(`${hospitalName(1)} duty`);
  }
}
