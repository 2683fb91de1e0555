import type { Address, Hash, Height, PublicKey, Signature } from '../base/brand.ts';
import type { Result } from '../base/result.ts';
import type { Evaluation } from '../crypto/oprf/handle.ts';
import type { LedgerEnv, StateView, Tip } from '../ledger/chain.ts';
import type { LedgerEvent, Receipt } from '../ledger/receipt.ts';

/** A stored block as it travels. */
export interface StoredBlock {
  readonly height: Height;
  readonly hash: Hash;
  readonly block: Uint8Array;
  /** Null for genesis. */
  readonly certificate: Uint8Array | null;
  readonly receipts: Uint8Array;
}

/** A block above the tip. Nothing but this page shows it, and it says that it is not final. */
export interface UnfinalBlock {
  readonly height: Height;
  readonly hash: Hash;
  readonly proposer: Address;
  readonly timestampMs: number;
  readonly transactionIds: readonly Hash[];
}

export interface FoundReceipt {
  readonly height: Height;
  readonly index: number;
  readonly receipt: Receipt;
  /** The signed transaction's bytes. */
  readonly transaction: Uint8Array;
}

export interface NodeEvent {
  readonly height: Height;
  readonly blockHash: Hash;
  readonly timestampMs: number;
  /** In block order; empty blocks have none. */
  readonly receipts: readonly Receipt[];
  readonly events: readonly (LedgerEvent & { readonly transactionId: Hash })[];
}

/** A hospital's signed word that it stores a ciphertext and its envelope, or that it holds verified fragments. */
export interface DutyReceipt {
  readonly hospital: Address;
  readonly signature: Signature;
}

/**
 * What the API asks of the node that it stands in front of. State is only ever shown as of the tip.
 * Views read one height consistently; close each.
 */
export interface NodeService {
  readonly env: LedgerEnv;
  /** The hospital whose node this is. */
  readonly hospital: Address;
  readonly startedAtMs: number;

  tip(): Tip;
  /** Blocks that the engine holds above the tip, lowest first. None is final: any of them may be gone tomorrow. */
  unfinal(): readonly UnfinalBlock[];
  peers(): readonly { readonly hospital: Address; readonly connected: boolean }[];
  /** False while the node catches up, lost its peers, or has stopped; with a code. */
  readiness(): { readonly ready: boolean; readonly code: string | null };
  view(): StateView & { close(): void };
  viewAt(height: Height): Result<StateView & { close(): void }>;
  /** Keys of the finalised state below `prefix`, after `after`, in byte order: for lists, page by page. */
  stateKeys(prefix: string, after: string | null, limit: number): Promise<readonly string[]>;

  /** Admission only, one answer each, in order; the receipt comes with a block. */
  submit(transactions: readonly Uint8Array[]): Promise<readonly Result<Hash>[]>;
  mempoolSize(): { readonly transactions: number; readonly bytes: number };
  block(height: Height): Promise<StoredBlock | undefined>;
  heightOf(blockHash: Hash): Height | undefined;
  receipt(transactionId: Hash): Promise<FoundReceipt | undefined>;
  /** Canonical bytes of `AuditLine`s about one person, oldest first. */
  audit(
    subject: Address,
    fromHeight: Height,
    limit: number,
  ): Promise<readonly { readonly height: Height; readonly index: number; readonly entry: Uint8Array }[]>;
  /** Every finalised block from now on. A slow listener is dropped, and told so by `undefined`. */
  subscribe(listener: (event: NodeEvent | undefined) => void): () => void;

  /** Streams a ciphertext in; it expires unless a record registers it. */
  putBlob(
    stream: AsyncIterable<Uint8Array>,
    options: { readonly uploader: string; readonly bytesMax: number },
  ): Promise<Result<{ readonly cid: string; readonly bytes: number }>>;
  /**
   * Keeps the envelope beside the blob, has other hospitals fetch both, and returns the receipts of those that did (this one's
   * first): duty-key signatures over `storageReceiptBytes`.
   */
  storeRecord(request: {
    readonly record: Uint8Array;
    readonly cid: string;
    readonly envelope: Uint8Array;
    readonly salt: Uint8Array;
    /** Where the envelope is to replace that of a record: the owner's account key over `storageReceiptBytes`. */
    readonly ownerSignature?: Signature | null;
    readonly receiptsWanted: number;
  }): Promise<
    Result<{ readonly envelopeHash: Hash; readonly ciphertextBytes: number; readonly receipts: readonly DutyReceipt[] }>
  >;
  /** Hands each holder its fragments of a grant; returns the receipts of those that verified and stored them. */
  storeFragments(request: {
    readonly grantId: Uint8Array;
    readonly patient: Address;
    readonly grantee: Address;
    readonly fragments: readonly {
      readonly holder: Address;
      readonly category: Uint8Array;
      readonly epoch: number;
      readonly fragmentId: Hash;
      readonly fragment: Uint8Array;
    }[];
  }): Promise<Result<readonly (DutyReceipt & { readonly fragmentsHash: Hash })[]>>;

  /** The three things that an applied read opens, for `readOpenHeights` blocks. The caller has checked who asks. */
  readShares(
    readId: Hash,
  ): Promise<
    Result<readonly { readonly holder: Address; readonly fragmentIds: readonly Hash[]; readonly share: Uint8Array }[]>
  >;
  readEnvelope(readId: Hash): Promise<Result<{ readonly envelope: Uint8Array; readonly salt: Uint8Array }>>;
  readCiphertext(
    readId: Hash,
  ): Promise<Result<{ readonly cid: string; readonly bytes: number; readonly stream: AsyncIterable<Uint8Array> }>>;

  /** Keeps a patient's whole encrypted search index in place of the one before; none is kept of no entries. The caller has checked whose it is. */
  storeSearchIndex(
    patient: Address,
    index: { readonly epoch: number; readonly build: Uint8Array; readonly entries: Uint8Array },
  ): Promise<Result<{ readonly entries: number }>>;
  /** The sealed postings that a trapdoor matches in the patient's index of that name. */
  search(
    patient: Address,
    trapdoor: { readonly epoch: number; readonly build: Uint8Array; readonly labelKey: Uint8Array },
  ): Promise<Result<readonly Uint8Array[]>>;

  /** Patients' sealed roots (docs/specification/guardians.md). */
  readonly guardians: GuardianService;
  /** Sessions that people have with this hospital (docs/specification/session.md). */
  readonly sessions: SessionService;
  /** This hospital's part in handles of identifiers. The caller has asked the policies. */
  readonly handles: HandleService;

  /** Counters and gauges beyond the API's own, in Prometheus text form. */
  metrics(): Promise<string>;
  dutyKey(): PublicKey;
}

/** A session's id is 16 bytes, in hexadecimal where it names one. */
export interface SessionService {
  /** Messages 1 and 2; `address` is where it comes from. */
  begin(address: string, hello: Uint8Array): Result<{ readonly session: Uint8Array; readonly message: Uint8Array }>;
  /** Messages 3 and 4, once `mayHave` has judged who it is. */
  finish(session: string, finish: Uint8Array, mayHave: (peer: PublicKey) => boolean): Result<Uint8Array>;
  /** A sealed message, and the sealed answer to what was in it. */
  answer(
    session: string,
    message: Uint8Array,
    work: (peer: PublicKey, text: Uint8Array) => Promise<Uint8Array>,
  ): Promise<Result<Uint8Array>>;
  renew(session: string, offer: Uint8Array): Result<Uint8Array>;
}

export interface GuardianService {
  /** Hands each hospital its half of an owner's sealed roots, boxed to its duty key; the receipts of those that keep it. */
  keep(request: {
    readonly owner: Address;
    readonly kit: Hash;
    readonly sealed: Uint8Array;
    readonly shares: readonly { readonly holder: Address; readonly share: Uint8Array }[];
  }): Promise<Result<readonly DutyReceipt[]>>;
  /** What hospitals release for a matured request, each sealed to the request's key, with the sealed roots. */
  released(
    request: Hash,
  ): Promise<Result<readonly { readonly holder: Address; readonly share: Uint8Array; readonly sealed: Uint8Array }[]>>;
}

export interface HandleService {
  /** Counts the question and answers it; `holder` is whom the asker means. */
  evaluate(asker: Address, holder: number, blinded: PublicKey): Result<Evaluation>;
  /** Counts; false where the asker has looked up too many. */
  mayLookUp(asker: Address): boolean;
  /** Whom this hospital enrolled under a handle; of one that it does not know, an id that stands for nobody. */
  enrolledUnder(handle: Hash): Address;
}
