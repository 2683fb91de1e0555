import type { Address, Hash, PublicKey } from '../base/brand.ts';
import { compareBytes, concat } from '../base/bytes.ts';
import { type Canonical, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Grantee, Payload } from './families/payloads.ts';

/** What is signed inside a payload, beside the transaction's own signature. Every form holds the chain id (CHAIN.md, "Bytes"). */
const words = (value: object): Uint8Array => encode(value as Canonical);

/** A hospital's account key vouches for a new person's keys, role and handle. Tag `enrolment-sponsor`. */
export const enrolmentBytes = (
  chainId: Hash,
  publicKey: PublicKey,
  enrolment: Omit<Payload<'enrol'>, 'sponsorSignature'>,
): Uint8Array => {
  const { role, hospital, handle, signingKey, receivingKey } = enrolment;
  return words({ chainId, publicKey, role, hospital, handle, signingKey, receivingKey });
};

/** A new key shows that it is held, for this id alone. Tag `key-possession`. */
export const possessionBytes = (chainId: Hash, id: Address, newKey: PublicKey): Uint8Array =>
  words({ chainId, id, newKey });

/** A validator key shows that it is held, for this hospital alone. Tag `validator-possession`. */
export const validatorPossessionBytes = (chainId: Hash, hospital: Address, validatorKey: PublicKey): Uint8Array =>
  words({ chainId, hospital, validatorKey });

/** The key of an emergency desk shows that it is held, for this hospital alone. Tag `desk-possession`. */
export const deskPossessionBytes = (chainId: Hash, hospital: Address, receivingKey: PublicKey): Uint8Array =>
  words({ chainId, hospital, receivingKey });

/** What a hospital keeps, and what the envelope says of it: whose signature made it, for which category and epoch. */
export interface StoredWords {
  readonly record: Uint8Array;
  /** Of the envelope: one made for another version opens nothing. */
  readonly version: number;
  readonly cid: Uint8Array;
  readonly ciphertextBytes: number;
  readonly envelopeHash: Hash;
  /** Address of the author's key: nobody else can register under this receipt. */
  readonly author: Address;
  readonly category: Uint8Array;
  readonly epoch: number;
}

/**
 * A duty key's word that its hospital stores this ciphertext with its envelope, tag `storage-receipt`; and the same words by the owner's account key,
 * tag `envelope-replacement`: the envelope may take the place of the one that stands.
 */
export const storageReceiptBytes = (chainId: Hash, stored: StoredWords): Uint8Array => {
  const { record, version, cid, ciphertextBytes, envelopeHash, author, category, epoch } = stored;
  return words({ chainId, record, version, cid, ciphertextBytes, envelopeHash, author, category, epoch });
};

/** A duty key's word that its hospital keeps this half of an owner's sealed roots. Tag `guardian-receipt`; it stands nowhere on chain. */
export const guardianReceiptBytes = (
  primitives: Primitives,
  chainId: Hash,
  kept: { readonly owner: Address; readonly kit: Hash; readonly sealed: Uint8Array; readonly share: Uint8Array },
): Uint8Array => {
  const { owner, kit, sealed, share } = kept;
  return words({ chainId, owner, kit, sealed: primitives.hash(sealed), share: primitives.hash(share) });
};

/** One hash for all fragments that one holder got with one grant: SHA-256 of their ids, by category and epoch. */
export const fragmentsHashOf = (primitives: Primitives, fragmentIds: readonly Hash[]): Hash =>
  primitives.hash(concat(...fragmentIds));

/** The delegating keys that a grant covers, category by category. */
export type GrantedKeys = Payload<'grant'>['categories'];

/** One hash for all keys that a grant covers, whatever order it names its categories in. */
export const grantedKeysHashOf = (primitives: Primitives, categories: GrantedKeys): Hash =>
  primitives.hash(
    words(
      categories
        .map(({ category, epochFrom, epochTo }) => ({ category, epochFrom, epochTo }))
        .sort((a, b) => compareBytes(a.category, b.category)),
    ),
  );

/** What a holder verified: whose fragments they are, to whom they open, for which keys, and that they are these. */
export interface HeldFragments {
  readonly grantId: Uint8Array;
  readonly patient: Address;
  readonly grantee: Grantee;
  /** The key of the desk, where the grantee is one: a person's never changes. */
  readonly deskKey?: PublicKey | undefined;
  /** `grantedKeysHashOf`. */
  readonly keysHash: Hash;
  readonly fragmentsHash: Hash;
}

/** A duty key's word that its hospital verified and holds those fragments. Tag `fragment-receipt`. No grant of other parties or keys can use it. */
export const fragmentReceiptBytes = (chainId: Hash, held: HeldFragments): Uint8Array => {
  const { grantId, patient, grantee, deskKey, keysHash, fragmentsHash } = held;
  const { type, id } = grantee;
  const opensTo = deskKey === undefined ? { type, id } : { type, id, deskKey };
  return words({ chainId, grantId, patient, grantee: opensTo, keysHash, fragmentsHash });
};
