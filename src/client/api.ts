import type { Address, Hash, PublicKey, Signature } from '../base/brand.ts';
import type { Result } from '../base/result.ts';
import type { AuditLine } from '../ledger/audit.ts';
import type { ReadableRecord, RecordReader } from '../ledger/can/who-reads-what.ts';
import type { Grantee } from '../ledger/families/payloads.ts';
import type { LedgerEvent, Receipt } from '../ledger/receipt.ts';
import type { ReviewRow } from '../ledger/state/desk-tables.ts';
import type { AccessRequest, GrantRow, RecordRow } from '../ledger/state/tables.ts';
import type { StateProof } from '../ledger/tree/types.ts';
import type { Content } from './content.ts';
import type { CertifiedHeader } from './trust.ts';

/**
 * What a device asks of one hospital, in the types of the chain. `api-client.ts` speaks it over HTTP. Nothing here is believed:
 * the flows check what matters against a proof or a commitment.
 */
export interface ApiClient {
  status(): Promise<Status>;
  /** The genesis file's text: the caller compares its hash. */
  genesis(): Promise<string>;
  /** Canonical bytes of a finalised block, with certificate and receipts. */
  block(height: number): Promise<BlockAnswer>;

  /** Admission only. Throws `ApiError` where the hospital refuses. */
  submit(signed: Uint8Array): Promise<Hash>;
  /** One answer each, in order. */
  submitBatch(signed: readonly Uint8Array[]): Promise<readonly Result<Hash>[]>;
  /** `undefined` as long as no block holds the transaction. */
  receipt(id: Hash): Promise<ReceiptAnswer | undefined>;

  /** The next nonce; 0 for a key that has no id yet. */
  nonce(id: Address): Promise<number>;
  /** Keys and standing of anybody, to address a grant or a record. */
  participant(id: Address): Promise<ParticipantAnswer | undefined>;
  /** The consortium, as this hospital tells it. */
  hospitals(): Promise<readonly HospitalAnswer[]>;
  /** The records of a patient, all pages. */
  records(owner: Address): Promise<readonly RecordAnswer[]>;
  record(id: Uint8Array): Promise<RecordAnswer | undefined>;
  requests(id: Address): Promise<readonly RequestAnswer[]>;
  grants(patient: Address): Promise<readonly GrantAnswer[]>;
  /** Breaks of the glass that wait for a review; for hospitals. */
  waitingReviews(): Promise<readonly ReviewLine[]>;
  /** Breaks of the glass over one's records, or by oneself, oldest first, those reviewed too. */
  reviewsOf(id: Address): Promise<readonly ReviewLine[]>;
  /** One of them, with the transaction that broke the glass: the reason stands in it. */
  review(read: Hash): Promise<ReviewAnswer | undefined>;
  /** What somebody could read now, as this hospital tells it: nothing proves it. Throws `ApiError` where the asker may not know. */
  readable(principal: Address): Promise<readonly ReadableRecord[]>;
  /** Who could read a record now, likewise: all pages. */
  readers(record: Uint8Array): Promise<readonly RecordReader[]>;
  /** The whole trail, oldest first. */
  audit(subject: Address): Promise<readonly AuditLine[]>;

  putBlob(ciphertext: Uint8Array | Upload): Promise<{ readonly cid: string; readonly bytes: number }>;
  storeRecord(request: StoreRequest): Promise<StoreAnswer>;
  storeFragments(request: FragmentsRequest): Promise<readonly FragmentReceipt[]>;

  /** Replaces the own search index at this hospital; one without entries leaves none. */
  storeIndex(patient: Address, index: SearchIndexUpload): Promise<{ readonly entries: number }>;
  /** The sealed postings under a trapdoor. Throws `ApiError` where the patient has no index of that name here, or no grant covers the asker. */
  search(patient: Address, question: SearchQuestion): Promise<readonly Uint8Array[]>;

  /** Leaves the own sealed roots with hospitals; the receipts of those that keep them. */
  keepGuardianShares(request: GuardianSharesRequest): Promise<readonly DutyReceipt[]>;
  /** What hospitals release for a request of this account's that has matured. */
  releasedShares(request: Hash): Promise<readonly ReleasedGuardianShare[]>;

  readShares(read: Hash): Promise<readonly HeldShare[]>;
  readEnvelope(read: Hash): Promise<{ readonly envelope: Uint8Array; readonly salt: Uint8Array }>;
  readCiphertext(read: Hash): Promise<AsyncIterable<Uint8Array>>;

  proofs(keys: readonly string[]): Promise<ProofsAnswer>;
  /** Finalised blocks as they come, until the caller leaves the loop or `signal` aborts. */
  events(options?: {
    readonly signal?: AbortSignal;
    readonly afterHeight?: number;
  }): AsyncGenerator<ChainEvent, void, undefined>;
}

export interface Status {
  readonly chainId: Hash;
  /** Of the last finalised block. */
  readonly height: number;
  readonly blockHash: Hash;
  readonly stateRoot: Hash;
  readonly timestampMs: number;
  readonly hospital: Address;
}

export interface BlockAnswer {
  readonly block: Uint8Array;
  readonly certificate: Uint8Array | null;
  readonly receipts: Uint8Array;
}

export interface ReceiptAnswer {
  readonly height: number;
  readonly index: number;
  readonly receipt: ToldReceipt;
}

/** A receipt as its sender is told it. */
export interface ToldReceipt extends Omit<Receipt, 'gasUsed'> {
  /** Null where it is not told: a denial about somebody else says that nothing covers it, and no more. */
  readonly gasUsed: number | null;
}

export interface ParticipantAnswer {
  readonly id: Address;
  readonly role: string;
  readonly status: string;
  readonly home: Address | null;
  readonly publicKey: PublicKey;
  readonly receivingKey: PublicKey | null;
}

export interface HospitalAnswer {
  readonly id: Address;
  readonly name: string;
  readonly tier: string;
  readonly status: string;
  readonly validator: boolean;
  /** The mean of its ratings as a holder of shares (F35): informs people, decides nothing. */
  readonly reputation: number;
  /** How many there were, the initial one included. */
  readonly ratings: number;
}

export interface RecordAnswer {
  readonly record: Uint8Array;
  readonly row: RecordRow;
}
export interface RequestAnswer {
  readonly request: Hash;
  readonly row: AccessRequest;
}
export interface GrantAnswer {
  readonly grantee: Grantee;
  readonly category: Uint8Array;
  readonly row: GrantRow;
}

export interface ReviewLine {
  readonly read: Hash;
  readonly row: ReviewRow;
}
export interface ReviewAnswer extends ReviewLine {
  /** Signed bytes. */
  readonly transaction: Uint8Array;
}

/** A ciphertext that is made while it is sent. */
export interface Upload extends Content {
  readonly sha256: Hash;
}

export interface StoreRequest {
  readonly record: Uint8Array;
  readonly cid: string;
  readonly envelope: Uint8Array;
  readonly salt: Uint8Array;
  readonly receiptsWanted: number;
  /** Where the envelope is to replace that of a record: the owner's account key over `storageReceiptBytes`. */
  readonly ownerSignature?: Signature;
  /** Of the ciphertext: what is large takes hospitals longer to bring to each other. */
  readonly ciphertextBytes?: number;
}
export interface StoreAnswer {
  readonly envelopeHash: Hash;
  readonly ciphertextBytes: number;
  readonly receipts: readonly DutyReceipt[];
}
/** A hospital's signed word; the ledger verifies it. */
export interface DutyReceipt {
  readonly hospital: Address;
  readonly signature: Signature;
}

export interface FragmentsRequest {
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
}
export type FragmentReceipt = DutyReceipt & { readonly fragmentsHash: Hash };

export interface GuardianSharesRequest {
  readonly owner: Address;
  /** `guardianKitHash`. */
  readonly kit: Hash;
  readonly sealed: Uint8Array;
  readonly shares: readonly { readonly holder: Address; readonly share: Uint8Array }[];
}
/** Sealed to the key of the request. */
export interface ReleasedGuardianShare {
  readonly holder: Address;
  readonly share: Uint8Array;
  readonly sealed: Uint8Array;
}

/** The whole encrypted index of one build (`encodeIndex`). */
export interface SearchIndexUpload {
  readonly epoch: number;
  readonly build: Uint8Array;
  readonly entries: Uint8Array;
}
export interface SearchQuestion {
  readonly epoch: number;
  readonly build: Uint8Array;
  readonly labelKey: Uint8Array;
  /** Under whose grant a grantee asks; null for the patient. */
  readonly category: Uint8Array | null;
}

export interface HeldShare {
  readonly holder: Address;
  readonly fragmentIds: readonly Hash[];
  readonly share: Uint8Array;
}

export interface ProofsAnswer extends CertifiedHeader {
  /** In the order of the keys asked for. `value` is null where the state holds nothing. */
  readonly rows: readonly {
    readonly key: string;
    readonly value: Uint8Array | null;
    readonly proof: StateProof;
  }[];
}

/** A finalised block, and what it says to the account that signed the request. */
export interface BlockEvent {
  readonly type: 'block';
  readonly height: number;
  readonly blockHash: Hash;
  readonly timestampMs: number;
  /** Null where nobody signed. */
  readonly events: readonly (LedgerEvent & { readonly transactionId: Hash })[] | null;
}
/** Heights that the hospital no longer tells of: the caller looks them up. */
export interface GapEvent {
  readonly type: 'gap';
  readonly from: number;
  readonly to: number;
}
export type ChainEvent = BlockEvent | GapEvent;
