import type { Hash, Height, Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';

/** A vote that names a block, without what the chain and the engine add to it. */
export interface BlockBallot {
  readonly type: 'proposal' | 'notarise' | 'finalise';
  readonly view: Round;
  readonly height: Height;
  readonly blockHash: Hash;
}
/** A nullify vote: the view is all it says. */
export interface NullifyBallot {
  readonly type: 'nullify';
  readonly view: Round;
}
export type SimplexBallot = BlockBallot | NullifyBallot;

/**
 * Everything that a validator must not forget about its votes, in constant space (SIMPLEX-11). It suffices because
 * proposals and notarise votes are cast in the newest view only, finalise votes in ever higher views, and nullify votes only
 * above the last one finalised.
 */
export interface OwnVotes {
  /** The epoch of these votes. In an earlier one nothing is signed. */
  readonly epoch: Height;
  /** The view of the newest proposal or notarise vote: never another of those below it. −1 before the first. */
  readonly view: number;
  /** The proposal and the notarise vote of that view. */
  readonly ballots: readonly BlockBallot[];
  /** The newest finalise vote. */
  readonly finalised: BlockBallot | null;
  /** No view outside was nullified since the newest finalise vote, and none inside will ever be finalised. Both ends included. */
  readonly nullified: { readonly from: Round; readonly to: Round } | null;
}

export const NO_OWN_VOTES: OwnVotes = {
  epoch: 0 as Height,
  view: -1,
  ballots: [],
  finalised: null,
  nullified: null,
};

/** Whether this vote contradicts none that was cast before, remembered one by one or not. */
export function mayCast(own: OwnVotes, epoch: Height, ballot: SimplexBallot): boolean {
  if (epoch < own.epoch) return false;
  const { view } = ballot;
  switch (ballot.type) {
    case 'nullify':
      return view > newestFinalised(own);
    case 'finalise':
      if (isNullified(own, view)) return false;
      return view > newestFinalised(own) || (own.finalised !== null && sameBlockBallot(own.finalised, ballot));
    default: {
      // A proposal or a notarise vote in a view that we gave up would be of no use.
      if (view < own.view || isNullified(own, view)) return false;
      const cast = view === own.view ? own.ballots.find(({ type }) => type === ballot.type) : undefined;
      return cast === undefined || sameBlockBallot(cast, ballot);
    }
  }
}

/** Remembers a vote that may be cast. */
export function withVoteCast(before: OwnVotes, epoch: Height, ballot: SimplexBallot): OwnVotes {
  // Views of a new epoch are higher than all before: what was nullified there can clash with nothing here.
  const own = epoch === before.epoch ? before : { ...before, epoch, nullified: null };
  const { view } = ballot;
  if (ballot.type === 'nullify') {
    const { from, to } = own.nullified ?? { from: view, to: view };
    return { ...own, nullified: { from: Math.min(from, view) as Round, to: Math.max(to, view) as Round } };
  }
  if (ballot.type === 'finalise') {
    const nullified = own.nullified !== null && own.nullified.from > view ? own.nullified : null;
    return { ...own, finalised: ballot, nullified };
  }
  const ballots = view === own.view ? own.ballots.filter(({ type }) => type !== ballot.type) : [];
  return { ...own, view, ballots: [...ballots, ballot] };
}

/** Whether this very vote is remembered, and nothing that it contradicts. */
export function isRemembered(own: OwnVotes, ballot: SimplexBallot): boolean {
  if (ballot.type === 'nullify') return isNullified(own, ballot.view) && ballot.view > newestFinalised(own);
  if (ballot.type === 'finalise')
    return own.finalised !== null && sameBlockBallot(own.finalised, ballot) && !isNullified(own, ballot.view);
  return own.ballots.some((cast) => sameBlockBallot(cast, ballot));
}

export const isNullified = ({ nullified }: OwnVotes, view: number): boolean =>
  nullified !== null && view >= nullified.from && view <= nullified.to;

export const newestFinalised = ({ finalised }: OwnVotes): number => finalised?.view ?? -1;

export const castIn = (own: OwnVotes, type: 'proposal' | 'notarise', view: Round): boolean =>
  own.view === view && own.ballots.some((cast) => cast.type === type);

const sameBlockBallot = (a: BlockBallot, b: BlockBallot): boolean =>
  a.type === b.type && a.view === b.view && a.height === b.height && equal(a.blockHash, b.blockHash);
