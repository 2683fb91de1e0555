import { type Address, type Hash, type Height, height, type Round, round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { leaderOf, type ValidatorSet } from '../../base/validators.ts';
import type { EngineConfig, Head } from '../engine.ts';
import { keyOf } from '../key.ts';
import type { Prepared, SigningState } from '../signing-state.ts';
import { type Ballot, memberOf, NO_BLOCK, type SignedVote } from '../vote.ts';
import { QBFT_LIMITS } from './limits.ts';
import type { QbftMessage, RoundChange } from './messages.ts';

/** Everything the engine knows. Maps are keyed by the hexadecimal form of an id or a hash. No value is changed in place. */
export interface QbftState {
  readonly config: EngineConfig;
  /** This validator's signing state was damaged: it follows and never signs again (QBFT-11). */
  readonly silent: boolean;
  /** The restored signing state of a height to come: nothing is signed before it is taken up there (QBFT-11). */
  readonly awaited: SigningState | null;
  /** `idle` before the first `start`; `decided` between `commit` and the next `start`. */
  readonly phase: 'idle' | 'running' | 'decided';
  readonly height: Height;
  readonly parentHash: Hash;
  readonly set: ValidatorSet;
  /** The block of this height is due. */
  readonly due: boolean;
  readonly round: Round;
  /** A quorum has reached this round: when its timer ends, the round is over. Before that, the round change is repeated. */
  readonly quorumReached: boolean;
  /** Timers of this round still under way. Only the last to end counts. */
  readonly timersPending: number;
  readonly votes: ReadonlyMap<Round, RoundVotes>;
  /** The newest round change of each validator, of our round or a later one. */
  readonly roundChanges: ReadonlyMap<string, RoundChange>;
  /** The proposal of our round. */
  readonly accepted: Accepted | null;
  /** What we propose as the leader of our round. */
  readonly leading: Leading | null;
  readonly prepared: Prepared | null;
  /** What our newest round change reports as prepared. */
  readonly reported: Prepared | null;
  /** Every vote this node signed, or asked to have signed, at this height. */
  readonly ownVotes: readonly Ballot[];
  readonly blocks: ReadonlyMap<string, KnownBlock>;
  /** The block that this height was decided on. */
  readonly decided: Hash | null;
  /** The signers of a decision whose block we lack were named since the last timer ended. */
  readonly sought: boolean;
  /** Offences already handed over as evidence. */
  readonly offences: ReadonlySet<string>;
  /** Round-0 messages of the next height, verified against the present set. */
  readonly nextHeight: ReadonlyMap<string, QbftMessage>;
  /** Signatures verified before their height began. */
  readonly verified: ReadonlySet<string>;
}

/** The first vote of each validator, by type. */
export interface RoundVotes {
  readonly proposal: SignedVote | null;
  readonly prepares: ReadonlyMap<string, SignedVote>;
  readonly commits: ReadonlyMap<string, SignedVote>;
}

export interface Accepted {
  readonly blockHash: Hash;
  readonly block: Uint8Array;
  /** A peer built it for this round, so it is held to the clock; else a prepared block proposed again, or our own. */
  readonly fresh: boolean;
  readonly verdict: 'unasked' | 'asked' | 'valid' | 'refused';
}

export interface Leading {
  readonly roundChanges: readonly SignedVote[];
  readonly prepares: readonly SignedVote[];
  /** `null` until `built`. */
  readonly proposed: { readonly blockHash: Hash; readonly block: Uint8Array } | null;
}

/** Bytes offered under a hash. Only a verdict of the host binds the two. */
export interface KnownBlock {
  readonly hash: Hash;
  readonly block: Uint8Array;
  readonly valid: boolean;
  /** How these bytes were judged last: held to the clock, or not. */
  readonly asked: 'nothing' | 'fresh' | 'timeless';
  /** Verdicts still to come, all of them about these bytes. */
  readonly outstanding: number;
}

const NO_VOTES: RoundVotes = { proposal: null, prepares: new Map(), commits: new Map() };

/** What a height begins with. */
export const blankHeight = {
  due: false,
  round: round(0),
  quorumReached: true,
  timersPending: 0,
  votes: new Map<Round, RoundVotes>(),
  roundChanges: new Map<string, RoundChange>(),
  accepted: null,
  leading: null,
  prepared: null,
  reported: null,
  ownVotes: [] as readonly Ballot[],
  blocks: new Map<string, KnownBlock>(),
  decided: null,
  sought: false,
  offences: new Set<string>(),
  nextHeight: new Map<string, QbftMessage>(),
} as const;

/**
 * The state with these fields replaced. Every copy is made here, field by field: V8 gives each spread of a state a hidden class of its own, and
 * is several times slower once there are more than a few.
 */
export const changed = (state: QbftState, change: Partial<QbftState>): QbftState =>
  Object.assign(
    {
      config: state.config,
      silent: state.silent,
      awaited: state.awaited,
      phase: state.phase,
      height: state.height,
      parentHash: state.parentHash,
      set: state.set,
      due: state.due,
      round: state.round,
      quorumReached: state.quorumReached,
      timersPending: state.timersPending,
      votes: state.votes,
      roundChanges: state.roundChanges,
      accepted: state.accepted,
      leading: state.leading,
      prepared: state.prepared,
      reported: state.reported,
      ownVotes: state.ownVotes,
      blocks: state.blocks,
      decided: state.decided,
      sought: state.sought,
      offences: state.offences,
      nextHeight: state.nextHeight,
      verified: state.verified,
    } satisfies QbftState,
    change,
  );

export const initialState = (config: EngineConfig): QbftState => ({
  config,
  silent: false,
  awaited: null,
  phase: 'idle',
  height: height(0),
  parentHash: NO_BLOCK,
  set: [],
  verified: new Set(),
  ...blankHeight,
});

/** Nothing is signed outside a running height, by a stranger, or against a signing state (QBFT-1, QBFT-11). */
export const maySign = ({ phase, silent, awaited, config, set }: QbftState): boolean =>
  phase === 'running' &&
  !silent &&
  awaited === null &&
  config.self !== null &&
  memberOf(set, config.self) !== undefined;

/** The block judged valid in this round, or the one that was decided. */
export function headOf({ phase, height, accepted, decided }: QbftState): Head | null {
  const blockHash = decided ?? (accepted?.verdict === 'valid' ? accepted.blockHash : null);
  return phase === 'idle' || blockHash === null ? null : { height, blockHash };
}

export const leadsRound = (state: QbftState): boolean =>
  maySign(state) && equal(leaderOf(state.set, state.height, state.round).id, state.config.self as Uint8Array);

export const votesOf = (state: QbftState, at: Round): RoundVotes => state.votes.get(at) ?? NO_VOTES;

/** The vote that this signer already cast in this place, if we hold it. */
export function storedVote(state: QbftState, { validator, type, round }: SignedVote): SignedVote | undefined {
  const key = keyOf(validator);
  const votes = votesOf(state, round);
  if (type === 'prepare') return votes.prepares.get(key);
  if (type === 'commit') return votes.commits.get(key);
  const other = type === 'proposal' ? votes.proposal : state.roundChanges.get(key)?.vote;
  return other && other.round === round && equal(other.validator, validator) ? other : undefined;
}

/** What this member voted in the newest round that it was heard in, at this height. */
export function newestVotes(state: QbftState, validator: Address): readonly SignedVote[] {
  const key = keyOf(validator);
  const cast = [...state.votes.values()].flatMap(({ proposal, prepares, commits }) => [
    proposal !== null && equal(proposal.validator, validator) ? proposal : undefined,
    prepares.get(key),
    commits.get(key),
  ]);
  const all = [...cast, state.roundChanges.get(key)?.vote].filter((vote) => vote !== undefined);
  const newest = all.reduce((highest, { round: at }) => Math.max(highest, at), 0);
  return all.filter(({ round: at }) => at === newest);
}

/** Holds a proposal's vote, a prepare or a commit: the first of its place stays. */
export function withVote(state: QbftState, vote: SignedVote): QbftState {
  if (storedVote(state, vote) !== undefined) return state;
  const votes = votesOf(state, vote.round);
  const key = keyOf(vote.validator);
  const next: RoundVotes =
    vote.type === 'proposal'
      ? { ...votes, proposal: vote }
      : vote.type === 'prepare'
        ? { ...votes, prepares: new Map(votes.prepares).set(key, vote) }
        : { ...votes, commits: new Map(votes.commits).set(key, vote) };
  return changed(state, { votes: new Map(state.votes).set(vote.round, next) });
}

/** Whether a prepare or commit of this round is worth its memory. */
export const inWindow = (state: QbftState, at: Round): boolean =>
  at <= state.round + QBFT_LIMITS.roundsAheadMax && at >= state.round - QBFT_LIMITS.roundsBehindMax;

/** The votes for one block, in validator order. */
export const votesFor = (
  { set }: QbftState,
  votes: ReadonlyMap<string, SignedVote>,
  blockHash: Hash,
): readonly SignedVote[] =>
  set.flatMap(({ id }) => {
    const vote = votes.get(keyOf(id));
    return vote !== undefined && equal(vote.blockHash, blockHash) ? [vote] : [];
  });

/** Puts a block in, and the oldest that nothing needs out. */
export function withBlock(state: QbftState, known: KnownBlock): QbftState {
  const blocks = new Map(state.blocks).set(keyOf(known.hash), known);
  const needed = [known.hash, state.accepted?.blockHash, state.prepared?.blockHash];
  for (const [key, { hash }] of blocks) {
    if (blocks.size <= QBFT_LIMITS.blocksMax) break;
    if (!needed.some((each) => each !== undefined && equal(each, hash))) blocks.delete(key);
  }
  return changed(state, { blocks });
}

export const knownBlock = (state: QbftState, hash: Hash): KnownBlock | undefined => state.blocks.get(keyOf(hash));
