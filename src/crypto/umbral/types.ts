import type { PublicKey, SecretKey } from '../../base/brand.ts';

declare const verified: unique symbol;
/** What one of this folder's `verify…` functions has accepted. Nothing else makes one: an unchecked value does not compile. */
export type Verified<T> = T & { readonly [verified]: true };

/** A key in a closed box: whoever knows the delegating secret, or t cfrags, finds (r + u) · delegating key in it. */
export interface Capsule {
  /** E = r · G. */
  readonly e: PublicKey;
  /** V = u · G. */
  readonly v: PublicKey;
  /** s = u + r · H(E, V): its author knew r and u. 32 bytes. */
  readonly s: Uint8Array;
}

/** A holder's part of one grant: a secret that re-encrypts any capsule of the delegating key towards one receiving key. */
export interface Kfrag {
  /** 32 random bytes. */
  readonly id: Uint8Array;
  /** rk, the value of the grant's polynomial at this fragment's place. Secret. */
  readonly key: SecretKey;
  /** X_A, the grant's own ephemeral key; the same in all its fragments. */
  readonly precursor: PublicKey;
  /** U₁ = rk · U: what a cfrag's proof is held against. */
  readonly commitment: PublicKey;
  /** The person's fragment-signing key over this fragment, for the holder: 64 bytes. */
  readonly signatureForProxy: Uint8Array;
  /** The same statement for the receiver; it goes into every cfrag. 64 bytes. */
  readonly signatureForReceiver: Uint8Array;
}

/** A holder's share of one capsule, with a proof that it was made by the signed fragment and from this very capsule. */
export interface Cfrag {
  /** E₁ = rk · E. */
  readonly e1: PublicKey;
  /** V₁ = rk · V. */
  readonly v1: PublicKey;
  /** The fragment's id. */
  readonly id: Uint8Array;
  /** The fragment's X_A. */
  readonly precursor: PublicKey;
  /** E₂ = t · E, V₂ = t · V, U₂ = t · U: the proof's announcement. */
  readonly e2: PublicKey;
  readonly v2: PublicKey;
  /** The fragment's U₁ = rk · U. */
  readonly commitment: PublicKey;
  readonly u2: PublicKey;
  /** z = t + rk · H(E, E₁, E₂, V, V₁, V₂, U, U₁, U₂): the proof's response. */
  readonly z: Uint8Array;
  /** The fragment's `signatureForReceiver`. */
  readonly signature: Uint8Array;
}

/** Who stands in a grant's fragments and cfrags. */
export interface GrantKeys {
  /** The public half of the person's fragment-signing key. */
  readonly verifyingPk: PublicKey;
  readonly delegatingPk: PublicKey;
  readonly receivingPk: PublicKey;
}
