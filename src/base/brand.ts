declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** SHA-256 output, 32 bytes. */
export type Hash = Brand<Uint8Array, 'Hash'>;
/** Low 160 bits of SHA-256(compressed public key), 20 bytes. A participant's id for life (F8). */
export type Address = Brand<Uint8Array, 'Address'>;
/** Compressed secp256k1 point, 33 bytes. */
export type PublicKey = Brand<Uint8Array, 'PublicKey'>;
/** r ‖ s ‖ v, 65 bytes, low s, v ∈ {0, 1}. */
export type Signature = Brand<Uint8Array, 'Signature'>;
/** A secp256k1 scalar, 32 bytes. Never encoded, logged or compared by ===. */
export type SecretKey = Brand<Uint8Array, 'SecretKey'>;
/** Position in the chain; genesis is 0. */
export type Height = Brand<number, 'Height'>;
/** Attempt at one height; the first is 0. */
export type Round = Brand<number, 'Round'>;
/** Milliseconds since the Unix epoch. On chain it is always block time. */
export type TimestampMs = Brand<number, 'TimestampMs'>;

export const height = (n: number): Height => n as Height;
export const round = (n: number): Round => n as Round;
export const timestampMs = (n: number): TimestampMs => n as TimestampMs;
