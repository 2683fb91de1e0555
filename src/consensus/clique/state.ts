import { assert } from '../../base/assert.ts';
import { type Address, type Hash, type Height, height, type Round, round } from '../../base/brand.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import type { EngineConfig, Head } from '../engine.ts';
import { keyOf } from '../key.ts';
import { memberOf, NO_BLOCK, type SignedVote } from '../vote.ts';
import { CLIQUE_LIMITS } from './limits.ts';
import type { BlockMessage } from './messages.ts';
import type { OwnVote } from './signing.ts';
import { type Link, type Node, type Past, pathOf, type Root, type Tree } from './tree.ts';

/** A well-signed block or acknowledgement that has no place in the tree yet. */
export interface Incoming {
  readonly key: string;
  readonly id: Hash;
  readonly parentHash: Hash;
  readonly seal: SignedVote;
  /** Null for an acknowledgement, `undefined` where there was no room for the bytes. */
  readonly block: Uint8Array | null | undefined;
  readonly timeless: boolean;
  readonly from: Address;
}

/** A block of our own under way: asked for, then signed. */
export interface Making {
  readonly parent: string;
  readonly parentHash: Hash;
  readonly round: number;
  readonly built: { readonly blockHash: Hash; readonly block: Uint8Array; readonly changesSet: boolean } | null;
}

export interface CliqueState {
  readonly config: EngineConfig;
  /** `between-sets`: a block that changes the set is confirmed, and the host has not yet said who decides the next height. */
  readonly phase: 'idle' | 'running' | 'between-sets' | 'halted';
  /** The signing state was damaged: this process never seals (CLIQUE-8). */
  readonly silent: boolean;
  readonly set: ValidatorSet;
  readonly root: Root;
  /** Newest height that the host made durable. */
  readonly durable: Height;
  readonly tree: Tree;
  /** Key of the best valid link: the root where there is none above it. */
  readonly head: string;
  /** Confirmed blocks, lowest first; the last one is the root. */
  readonly past: readonly Past[];
  /** Links of chains that left ours below the root (CLIQUE-10). */
  readonly rivals: ReadonlyMap<string, Link>;
  /** What waits for its parent, by key. A parent is claimed, not signed, so one key may have several. */
  readonly orphans: ReadonlyMap<string, readonly Incoming[]>;
  /** Who was asked for each block since the last announcement. */
  readonly requested: ReadonlyMap<string, ReadonlySet<string>>;
  readonly answered: ReadonlyMap<string, number>;
  /** Key of the head whose child is due, whose wait was scheduled, whose wait is over. */
  readonly due: string | null;
  readonly waiting: string | null;
  readonly ripe: string | null;
  readonly making: Making | null;
  /** The newest vote ever signed with this key: its round is the highest (CLIQUE-7). */
  readonly own: OwnVote | null;
  /** What a restart offers again once its seal is signed anew. */
  readonly resealing: BlockMessage | null;
  /** The first seal of each place (CLIQUE-11). */
  readonly places: ReadonlyMap<string, SignedVote>;
  readonly offences: ReadonlySet<string>;
  readonly deepestReversal: number;
}

const NOWHERE: Root = { key: '', id: NO_BLOCK, parent: '', height: 0, round: 0, sealer: '', base: 0 };

/**
 * The state with these fields replaced. Every copy is made here, field by field: V8 gives each spread of a state a hidden class of its own, and
 * is several times slower once there are more than a few.
 */
export const changed = (state: CliqueState, change: Partial<CliqueState>): CliqueState =>
  Object.assign(
    {
      config: state.config,
      phase: state.phase,
      silent: state.silent,
      set: state.set,
      root: state.root,
      durable: state.durable,
      tree: state.tree,
      head: state.head,
      past: state.past,
      rivals: state.rivals,
      orphans: state.orphans,
      requested: state.requested,
      answered: state.answered,
      due: state.due,
      waiting: state.waiting,
      ripe: state.ripe,
      making: state.making,
      own: state.own,
      resealing: state.resealing,
      places: state.places,
      offences: state.offences,
      deepestReversal: state.deepestReversal,
    } satisfies CliqueState,
    change,
  );

export function initialState(config: EngineConfig): CliqueState {
  const { confirmationDepth } = config;
  assert(
    Number.isInteger(confirmationDepth) &&
      confirmationDepth >= 1 &&
      confirmationDepth <= CLIQUE_LIMITS.confirmationDepthMax,
    'the confirmation depth lies within its bounds',
  );
  return {
    config,
    phase: 'idle',
    silent: false,
    set: [],
    durable: height(0),
    past: [],
    own: null,
    resealing: null,
    places: new Map(),
    offences: new Set(),
    deepestReversal: 0,
    answered: new Map(),
    ...blankChain(NOWHERE),
  };
}

/** What begins anew with another root that this engine did not reach itself, or another set. */
export const blankChain = (root: Root) => ({
  root,
  tree: new Map() as Tree,
  head: root.key,
  rivals: new Map<string, Link>(),
  orphans: new Map<string, readonly Incoming[]>(),
  requested: new Map<string, ReadonlySet<string>>(),
  due: null,
  waiting: null,
  ripe: null,
  making: null,
});

export const maySeal = ({ phase, silent, config, set }: CliqueState): boolean =>
  phase === 'running' && !silent && config.self !== null && memberOf(set, config.self) !== undefined;

/** The head as a link: a node, or the root. */
export const headLink = (state: CliqueState): Link => state.tree.get(state.head) ?? state.root;

/** What the child of this link counts its total difficulty from. */
export const baseOf = (state: CliqueState, parent: Link): number =>
  parent.key === state.root.key ? state.root.base : parent.round;

/** The newest block held valid: below the acknowledgements, where the set is about to change. */
export function headOf(state: CliqueState): Head | null {
  if (state.phase === 'idle') return null;
  const block = pathOf(state.tree, state.head).find((node: Node) => node.block !== null);
  const { height: at, id: blockHash } = block ?? state.root;
  return { height: at as Height, blockHash };
}

/** Blocks that one reorganisation dropped, at most, in the life of this state (CLIQUE-14). */
export const deepestReversalOf = ({ deepestReversal }: CliqueState): number => deepestReversal;

export const lastRoundOf = ({ own }: CliqueState): Round => own?.ballot.round ?? round(0);

export const selfKey = ({ config }: CliqueState): string => (config.self === null ? '' : keyOf(config.self));
