import type { Address, Hash, PublicKey, SecretKey } from '../base/brand.ts';
import type { Result } from '../base/result.ts';
import type { ReadCode } from './codes.ts';
import type { RecordName } from './record.ts';

/**
 * How a grant comes to open a record: the one seam between the chain's decision and the data key. Three devices take part.
 * The patient's issues fragments to the holders (hospitals); after an applied `read record` each holder answers with a share;
 * the grantee's device combines shares into the data key. No holder learns the key. Every method is pure: whether the
 * grant still stands, and who may ask, is decided by policy before any of them is called.
 */
export interface DelegationScheme {
  readonly name: string;
  /** On the patient's device, when granting. One fragment for each holder, in the holders' order. */
  issueFragments(input: IssueInput): Result<readonly IssuedFragment[], ReadCode>;
  /** On a holder's node, after an applied read whose grant stands. The encoded share for the reader's device. */
  answerRead(input: AnswerInput): Result<Uint8Array, ReadCode>;
  /** On the grantee's device. The record's data key. */
  open(input: OpenInput): Result<Uint8Array, ReadCode>;
}

export interface IssueInput {
  readonly name: RecordName;
  /** Bytes that name the grant, known before its transaction is signed: that transaction carries the fragment ids. */
  readonly grantId: Uint8Array;
  readonly envelope: Uint8Array;
  /** The record's content id: the author's signature on the envelope is checked against it. */
  readonly cid: Uint8Array;
  readonly delegatingSecret: SecretKey;
  /** The grantee's receiving key. */
  readonly grantee: PublicKey;
  readonly holders: readonly Address[];
  /** 48 random bytes. */
  readonly entropy: Uint8Array;
}

export interface IssuedFragment {
  readonly holder: Address;
  readonly fragmentId: Hash;
  readonly fragment: Uint8Array;
}

export interface AnswerInput {
  readonly fragment: Uint8Array;
  /** As the grant's state names it: it proves that the patient issued this fragment. */
  readonly fragmentId: Hash;
  /** The id of the applied `read record` transaction. */
  readonly readId: Hash;
  readonly holder: Address;
  /** A key of this one read, made by the reader's device: a recorded answer opens nothing later. */
  readonly freshKey: PublicKey;
  /** 48 random bytes. */
  readonly entropy: Uint8Array;
}

export interface OpenInput {
  readonly name: RecordName;
  readonly grantId: Uint8Array;
  readonly readId: Hash;
  /** Each share with the holder that committed to it on chain. */
  readonly shares: readonly { readonly holder: Address; readonly fragmentId: Hash; readonly share: Uint8Array }[];
  /** t: valid shares of distinct holders that must agree. */
  readonly threshold: number;
  readonly freshSecret: SecretKey;
  readonly receivingSecret: SecretKey;
}
