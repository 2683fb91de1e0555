import { type Address, type Hash, type Height, type Round, round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import type { EngineConfig, Head } from '../engine.ts';
import { keyOf } from '../key.ts';
import { memberOf, type SignedVote } from '../vote.ts';
import type { SimplexMessage, ViewCertificate } from './messages.ts';
import { isNullified, NO_OWN_VOTES, type OwnVotes } from './own-votes.ts';
import { BLANK_VIEW, changedRecord, leaderOfView, type Point, type ViewRecord } from './views.ts';

/** Everything the engine knows. Maps are keyed by a view or by the hexadecimal form of an id or a hash. No value is changed in place. */
export interface SimplexState {
  readonly config: EngineConfig;
  /** This validator's signing state was damaged: it follows and never signs again (SIMPLEX-11). */
  readonly silent: boolean;
  /** `idle` before the first `start`. */
  readonly phase: 'idle' | 'running';
  readonly set: ValidatorSet;
  /** The first height that `set` decides. */
  readonly epoch: Height;
  /** The newest block that the host made durable. */
  readonly root: Point;
  /** The newest block handed over by `commit`, at or above the root. */
  readonly committed: Head;
  readonly view: Round;
  readonly views: ReadonlyMap<number, ViewRecord>;
  /** Views known to be nullified whose certificates were dropped, both ends included. */
  readonly forgotten: { readonly from: number; readonly to: number } | null;
  readonly blocks: ReadonlyMap<string, KnownBlock>;
  /** The newest finalisation seen. */
  readonly finalisation: ViewCertificate | null;
  readonly own: OwnVotes;
  /** What the block of our newest finalise vote was notarised by. */
  readonly lock: ViewCertificate | null;
  /** What we propose as the leader of our view. */
  readonly leading: Leading | null;
  /** The block whose child the host was asked to announce as due, and whether it is. */
  readonly paced: { readonly hash: Hash; readonly due: boolean } | null;
  /** The timer of our view was set. */
  readonly timed: boolean;
  /** Repeat timers set so far: only the newest counts. */
  readonly repeats: number;
  readonly repeating: boolean;
  /** Where things stood when the last repeat timer ended. */
  readonly progress: string;
  /** How often each missing thing was asked for. */
  readonly asked: ReadonlyMap<string, number>;
  /** Answers to each peer since the view or the time moved on. */
  readonly answers: ReadonlyMap<string, number>;
  /** Messages of the epoch after a change of the set that is final but not yet durable here. */
  readonly early: ReadonlyMap<string, { readonly from: Address; readonly message: SimplexMessage }>;
  /** Offences handed over as evidence, with their view. */
  readonly offences: ReadonlyMap<string, number>;
}

/** Bytes offered under a hash. Only a verdict of the host binds the two, the height and the parent (SIMPLEX-13). */
export interface KnownBlock {
  readonly hash: Hash;
  readonly height: Height;
  readonly parentHash: Hash;
  /** `parentHash` as the map of blocks spells it: chains are walked often. */
  readonly parentKey: string;
  readonly block: Uint8Array;
  readonly valid: boolean;
  readonly changesSet: boolean;
  /** A quorum vouches for it or for a descendant: it is held to no clock. */
  readonly certified: boolean;
  /** How these bytes were judged last: held to the clock, or not. */
  readonly judged: 'never' | 'fresh' | 'timeless';
  /** Verdicts still to come, all of them about these bytes. */
  readonly outstanding: number;
}

export interface Leading {
  readonly parent: Point;
  /** `block` is null where the parent is proposed again. Null until `built`. */
  readonly proposed: { readonly hash: Hash; readonly height: Height; readonly block: Uint8Array | null } | null;
}

const NO_HASH = new Uint8Array(32) as Hash;

/** What an epoch begins with. */
export const blankEpoch = {
  views: new Map<number, ViewRecord>(),
  forgotten: null,
  blocks: new Map<string, KnownBlock>(),
  lock: null,
  leading: null,
  paced: null,
  timed: false,
  asked: new Map<string, number>(),
  answers: new Map<string, number>(),
  early: new Map<string, { from: Address; message: SimplexMessage }>(),
  offences: new Map<string, number>(),
} as const;

/**
 * The state with these fields replaced. Every copy is made here, field by field: V8 gives each spread of a state a hidden class of its own, and
 * is several times slower once there are more than a few.
 */
export const changed = (state: SimplexState, change: Partial<SimplexState>): SimplexState =>
  Object.assign(
    {
      config: state.config,
      silent: state.silent,
      phase: state.phase,
      set: state.set,
      epoch: state.epoch,
      root: state.root,
      committed: state.committed,
      view: state.view,
      views: state.views,
      forgotten: state.forgotten,
      blocks: state.blocks,
      finalisation: state.finalisation,
      own: state.own,
      lock: state.lock,
      leading: state.leading,
      paced: state.paced,
      timed: state.timed,
      repeats: state.repeats,
      repeating: state.repeating,
      progress: state.progress,
      asked: state.asked,
      answers: state.answers,
      early: state.early,
      offences: state.offences,
    } satisfies SimplexState,
    change,
  );

export const initialState = (config: EngineConfig): SimplexState => ({
  config,
  silent: false,
  phase: 'idle',
  set: [],
  epoch: 0 as Height,
  root: { view: -1, height: 0 as Height, hash: NO_HASH },
  committed: { height: 0 as Height, blockHash: NO_HASH },
  view: round(0),
  finalisation: null,
  own: NO_OWN_VOTES,
  repeats: 0,
  repeating: false,
  progress: '',
  ...blankEpoch,
});

export const recordOf = (state: SimplexState, view: number): ViewRecord => state.views.get(view) ?? BLANK_VIEW;

export const withRecord = (state: SimplexState, view: number, change: Partial<ViewRecord>): SimplexState =>
  changed(state, { views: new Map(state.views).set(view, changedRecord(recordOf(state, view), change)) });

/** What this member voted in the newest view that it was heard in. */
export function newestVotes(state: SimplexState, validator: Address): readonly SignedVote[] {
  const key = keyOf(validator);
  const views = [...state.views.keys()].sort((a, b) => b - a);
  for (const view of views) {
    const { proposal, notarise, nullify, finalise } = recordOf(state, view);
    const proposed = proposal !== null && equal(proposal.vote.validator, validator) ? proposal.vote : undefined;
    const votes = [proposed, notarise.get(key), nullify.get(key), finalise.get(key)];
    const cast = votes.filter((vote) => vote !== undefined);
    if (cast.length > 0) return cast;
  }
  return [];
}

export const knownBlock = (state: SimplexState, hash: Hash): KnownBlock | undefined => state.blocks.get(keyOf(hash));

/** The host holds this block: it is durable, or was judged valid. What is built or judged may stand on it. */
export const isHeld = (state: SimplexState, hash: Hash): boolean =>
  equal(hash, state.root.hash) || knownBlock(state, hash)?.valid === true;

/** The blocks above the root up to this one, lowest first; null where that chain is broken. */
export function chainTo(state: SimplexState, hash: Hash): readonly KnownBlock[] | null {
  const chain: KnownBlock[] = [];
  const rootKey = keyOf(state.root.hash);
  for (let key = keyOf(hash); key !== rootKey; ) {
    const known = state.blocks.get(key);
    if (known === undefined || chain.length >= state.blocks.size) return null;
    chain.push(known);
    key = known.parentKey;
  }
  return chain.reverse();
}

/** A set-changing block is final: this set decides nothing more, and the host will start the next (SIMPLEX-1). */
export const isOver = (state: SimplexState): boolean =>
  knownBlock(state, state.committed.blockHash)?.changesSet === true;

/** Nothing is signed by a stranger, after a damaged signing state, or in an epoch before one that we voted in (SIMPLEX-11). */
export const maySign = ({ phase, silent, config, set, own, epoch }: SimplexState): boolean =>
  phase === 'running' &&
  !silent &&
  own.epoch <= epoch &&
  config.self !== null &&
  memberOf(set, config.self) !== undefined;

export const leadsView = (state: SimplexState): boolean =>
  maySign(state) && equal(leaderOfView(state.set, state.view).id, state.config.self as Uint8Array);

/** We gave up the view that we are in. */
export const gaveUp = ({ own, epoch, view }: SimplexState): boolean => own.epoch === epoch && isNullified(own, view);
