import type { Address, Hash, Height, Round } from '../../base/brand.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { DecodeCode } from '../codes.ts';
import type { Vote } from '../engine.ts';
import { type Ballot, ballotShape, type SignedVote, sameBallot, signedVoteShape } from '../vote.ts';
import { CLIQUE_LIMITS, pastOf, windowOf } from './limits.ts';

/** A confirmed block, or one about to be: who sealed it. */
export interface TrailLink {
  readonly height: Height;
  readonly round: Round;
  readonly blockHash: Hash;
  readonly sealer: Address | null;
}
/** A block, or an acknowledgement (null), that a vote stands on. */
export interface BranchLink {
  readonly seal: SignedVote;
  readonly parentHash: Hash;
  readonly block: Uint8Array | null;
}
/**
 * A vote of our own, and the chain from the durable tip up to it, lowest first. Unfinal blocks are in no block store: were they not kept
 * here, a power cut of all validators would leave each bound by seals on blocks that nobody has.
 */
export interface OwnVote {
  readonly height: Height;
  readonly ballot: Ballot;
  /** Of a seal, its block; null for an acknowledgement. */
  readonly block: Uint8Array | null;
  readonly parentHash: Hash;
  readonly branch: readonly BranchLink[];
}

/** The bytes of `persist` (CLIQUE-8). Rounds rise strictly from one own vote to the next, so the newest says all (CLIQUE-7). */
export interface CliqueSigningState {
  /** Null before the first. */
  readonly vote: OwnVote | null;
  readonly trail: readonly TrailLink[];
}

const block = shape.nullable(shape.bytes(0, LIMITS.blockBytesMax));
const [branchMax, trailMax] = [windowOf, pastOf].map((of) => of(CLIQUE_LIMITS.confirmationDepthMax)) as [
  number,
  number,
];

const voteShape: shape.Shape<OwnVote> = shape.struct({
  height: shape.heightShape,
  ballot: ballotShape,
  block,
  parentHash: shape.hash,
  branch: shape.list(shape.struct({ seal: signedVoteShape, parentHash: shape.hash, block }), branchMax + trailMax),
});

const stateShape: shape.Shape<CliqueSigningState> = shape.struct({
  vote: shape.nullable(voteShape),
  trail: shape.list(
    shape.struct({
      height: shape.heightShape,
      round: shape.roundShape,
      blockHash: shape.hash,
      sealer: shape.nullable(shape.address),
    }),
    trailMax,
  ),
});

export const encodeCliqueSigning = (state: CliqueSigningState): Uint8Array => encode(state as unknown as Canonical);

/** The newest part of a branch that one signing state has room for beside the vote's own block. */
export function fittingBranch(branch: readonly BranchLink[], own: Uint8Array | null): readonly BranchLink[] {
  let bytes = own?.length ?? 0;
  let from = branch.length;
  for (; from > 0; from--) {
    bytes += branch[from - 1]?.block?.length ?? 0;
    if (bytes > CLIQUE_LIMITS.branchBytesMax) break;
  }
  return branch.slice(from);
}

export function decodeCliqueSigning(bytes: Uint8Array): Result<CliqueSigningState, DecodeCode> {
  const value = decode(bytes, LIMITS.consensusMessageBytesMax);
  if (!value.ok) return value;
  const read = stateShape(value.value, '');
  if (!read.ok) return read;
  const { vote } = read.value;
  const fits = vote === null || (vote.ballot.type === 'seal' ? vote.block !== null : vote.ballot.type === 'ack');
  return fits ? read : refuse('consensus-signing.wrong-form');
}

/** The host's second lock: the durable vote itself, which is newer than every other. */
export function permits(signingState: Uint8Array, vote: Vote): boolean {
  const read = decodeCliqueSigning(signingState);
  if (!read.ok || read.value.vote === null || vote.engine !== 'clique') return false;
  return vote.height === read.value.vote.height && sameBallot(read.value.vote.ballot, vote);
}
