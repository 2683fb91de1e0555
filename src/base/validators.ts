import type { Address, Hash, Height, PublicKey, Round } from './brand.ts';
import { type Canonical, encode } from './canonical.ts';
import { LIMITS } from './limits.ts';
import type { Primitives } from './primitives.ts';
import * as shape from './shape.ts';

/** A hospital that votes: `id` is its participant id for life, `publicKey` the validator key it signs votes with. */
export interface Validator {
  readonly id: Address;
  readonly publicKey: PublicKey;
}

/** The voters of one height, sorted by id bytes, without repeats. */
export type ValidatorSet = readonly Validator[];

export const validatorSetShape = shape.list(
  shape.struct({ id: shape.address, publicKey: shape.publicKey }),
  LIMITS.validatorsMax,
  1,
) as shape.Shape<ValidatorSet>;

/** ⌈2n/3⌉: any two quorums share an honest member while at most ⌊(n − 1)/3⌋ are Byzantine. */
export const quorumOf = (n: number): number => Math.ceil((2 * n) / 3);

/** f = ⌊(n − 1)/3⌋, the Byzantine members that n tolerate. */
export const faultsOf = (n: number): number => Math.floor((n - 1) / 3);

/** leader(height, round) = set[(height + round) mod n] (CHAIN.md, "Votes and certificates"). */
export const leaderOf = (set: ValidatorSet, height: Height, round: Round): Validator =>
  set[(height + round) % set.length] as Validator;

/** What a header's `validatorsHash` binds. */
export const validatorsHashOf = (primitives: Primitives, set: ValidatorSet): Hash =>
  primitives.hash(encode(set as unknown as Canonical));
