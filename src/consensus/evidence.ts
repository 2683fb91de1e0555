import type { Hash, Height } from '../base/brand.ts';
import { compareBytes, equal } from '../base/bytes.ts';
import { type Canonical, decode, encode } from '../base/canonical.ts';
import type { Primitives } from '../base/primitives.ts';
import { type Result, refuse } from '../base/result.ts';
import * as shape from '../base/shape.ts';
import type { ValidatorSet } from '../base/validators.ts';
import { engineNameShape } from './certificate.ts';
import type { ConsensusCode, DecodeCode } from './codes.ts';
import type { EngineName } from './engine.ts';
import { type SignedVote, sameBallot, signedVoteShape, verifyVote, voteBytes, voteOf } from './vote.ts';

/** Two votes of one validator that no honest one makes: one height, round and type, two payloads (QBFT-14). */
export interface Evidence {
  readonly engine: EngineName;
  /** The vote whose signed bytes sort first. */
  readonly first: SignedVote;
  readonly second: SignedVote;
}

export const EVIDENCE_BYTES_MAX = 2_048;

export const evidenceShape: shape.Shape<Evidence> = shape.struct({
  engine: engineNameShape,
  first: signedVoteShape,
  second: signedVoteShape,
});

/** Evidence in its one order, whichever vote came first. */
export const evidenceOf = (engine: EngineName, a: SignedVote, b: SignedVote): Evidence =>
  comparePayloads(engine, a, b) <= 0 ? { engine, first: a, second: b } : { engine, first: b, second: a };

export const encodeEvidence = (evidence: Evidence): Uint8Array => encode(evidence as unknown as Canonical);

export function decodeEvidence(bytes: Uint8Array): Result<Evidence, DecodeCode> {
  const value = decode(bytes, EVIDENCE_BYTES_MAX);
  return value.ok ? evidenceShape(value.value, '') : value;
}

/** `set` is the validator set of the votes' height: evidence needs nothing else (CHAIN.md, "Votes and certificates"). */
export function verifyEvidence(
  primitives: Primitives,
  chainId: Hash,
  set: ValidatorSet,
  evidence: Evidence,
): Result<null, ConsensusCode> {
  const { engine, first, second } = evidence;
  if (!sameOffence(first, second)) return refuse('consensus-evidence.different-offence');
  if (sameBallot(first, second)) return refuse('consensus-evidence.same-payload');
  if (comparePayloads(engine, first, second) > 0) return refuse('consensus-evidence.wrong-order');
  const verified = verifyVote(primitives, { chainId, engine }, set, first);
  return verified.ok ? verifyVote(primitives, { chainId, engine }, set, second) : verified;
}

/** Names the offence, not the votes: a third conflicting vote is no second offence. */
export const evidenceId = (primitives: Primitives, { engine, first }: Evidence): Hash =>
  primitives.hash(
    encode({ engine, validator: first.validator, height: first.height, round: first.round, type: first.type }),
  );

export const evidenceHeight = (evidence: Evidence): Height => evidence.first.height;

const sameOffence = (a: SignedVote, b: SignedVote): boolean =>
  equal(a.validator, b.validator) && a.height === b.height && a.round === b.round && a.type === b.type;

/** The chain id is the same on both sides, so any will do to compare. */
function comparePayloads(engine: EngineName, a: SignedVote, b: SignedVote): number {
  const context = { chainId: new Uint8Array(32) as Hash, engine };
  return compareBytes(voteBytes(voteOf(context, a.height, a)), voteBytes(voteOf(context, b.height, b)));
}
