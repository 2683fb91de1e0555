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

/**
 * Two votes of one validator that no honest one makes (QBFT-14, SIMPLEX-14, CLIQUE-11): two payloads in one place. Or, in simplex, a
 * nullification and a finalisation of one view.
 */
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

/** `set` decides `evidenceHeight(evidence)`: evidence needs nothing else (CHAIN.md, "Votes and certificates"). */
export function verifyEvidence(
  primitives: Primitives,
  chainId: Hash,
  set: ValidatorSet,
  evidence: Evidence,
): Result<null, ConsensusCode> {
  const { engine, first, second } = evidence;
  if (offenceTypeOf(engine, first, second) === null) return refuse('consensus-evidence.different-offence');
  if (sameBallot(first, second)) return refuse('consensus-evidence.same-payload');
  if (comparePayloads(engine, first, second) > 0) return refuse('consensus-evidence.wrong-order');
  const verified = verifyVote(primitives, { chainId, engine }, set, first);
  return verified.ok ? verifyVote(primitives, { chainId, engine }, set, second) : verified;
}

/** Names the offence, not the votes: a third conflicting vote is no second offence. */
export const evidenceId = (primitives: Primitives, { engine, first, second }: Evidence): Hash =>
  primitives.hash(
    encode({
      engine,
      validator: first.validator,
      height: engine === 'simplex' ? null : first.height,
      round: first.round,
      type: offenceTypeOf(engine, first, second),
    }),
  );

/** Both votes are of one set's heights: in qbft and clique of one height, in simplex of one view. */
export const evidenceHeight = (evidence: Evidence): Height => evidence.first.height;

/**
 * The type of the offence, null where the votes are in different places. A simplex view is numbered once in the life of a chain
 * (SIMPLEX-1), so its votes clash whatever heights they name.
 */
export function offenceTypeOf(engine: EngineName, a: SignedVote, b: SignedVote): string | null {
  if (!equal(a.validator, b.validator) || a.round !== b.round) return null;
  if (engine !== 'simplex') return a.height === b.height && a.type === b.type ? a.type : null;
  if (a.type === b.type) return a.type;
  const types = new Set([a.type, b.type]);
  return types.has('nullify') && types.has('finalise') ? 'nullify-and-finalise' : null;
}

/** The chain id is the same on both sides, so any will do to compare. */
function comparePayloads(engine: EngineName, a: SignedVote, b: SignedVote): number {
  const context = { chainId: new Uint8Array(32) as Hash, engine };
  return compareBytes(voteBytes(voteOf(context, a.height, a)), voteBytes(voteOf(context, b.height, b)));
}
