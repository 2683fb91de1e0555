import type { Height, Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { Certificate, EngineInput } from '../engine.ts';
import { blocksAbove, offerCertified } from './blocks.ts';
import { enterView, onCertificate } from './certificates.ts';
import type { SimplexMessage, ViewCertificate } from './messages.ts';
import { NO_OWN_VOTES } from './own-votes.ts';
import { decodeSigningState, heightOfLocked, type Lock, newestView } from './signing-state.ts';
import { blankEpoch, changed, isHeld, type SimplexState } from './state.ts';
import { castVote, type Turn } from './turn.ts';
import { firstViewOf, type Point } from './views.ts';

type Start = Extract<EngineInput<SimplexMessage>, { type: 'start' }>;

/**
 * SIMPLEX-19: the host made a block durable. One that we hold is acknowledged: what lies below is dropped, and our view goes on. Any
 * other is taken as the new tip, as sync brings it. An older one than we have seen durable changes nothing.
 */
export function onStart(turn: Turn, start: Start): void {
  const { state } = turn;
  const first = firstViewOf(start.epoch);
  const root: Point = {
    height: (start.height - 1) as Height,
    hash: start.parentHash,
    // An epoch begins on its first view: there are none between the last of the old one and it. A descendant's view is not the block's own.
    view: Math.max((start.parentRound ?? -1) - (start.descendant == null ? 0 : 1), first - 1),
  };
  if (state.phase === 'running' && root.height < state.root.height) return;
  turn.rules.add('SIMPLEX-19').add('SIMPLEX-1');
  const continues = state.phase === 'running' && start.epoch === state.epoch;
  turn.state = continues ? withRoot(state, root) : newEpoch(state, start, root);
  if (!continues || turn.state.view <= root.view) enterView(turn, (root.view + 1) as Round);
  if (start.restored !== null) restore(turn, start.restored);
  if (start.descendant != null) onCertificate(turn, finalisationOf(start.descendant));
}

/** What the host stored with the tip, as a peer would have told it: the descendant is fetched and committed, and nothing is built beside it. */
const finalisationOf = ({ round: view, height, blockHash, signatures }: Certificate): ViewCertificate => ({
  type: 'finalisation',
  view,
  height,
  blockHash,
  signatures,
});

function withRoot(state: SimplexState, root: Point): SimplexState {
  const { committed, forgotten, offences, lock } = state;
  const isAhead = committed.height > root.height && isHeld(state, root.hash);
  const above = (view: number) => view >= root.view;
  return changed(state, {
    root,
    committed: isAhead ? committed : { height: root.height, blockHash: root.hash },
    blocks: blocksAbove(state.blocks, root),
    views: new Map([...state.views].filter(([view]) => above(view))),
    forgotten: forgotten !== null && above(forgotten.from) ? forgotten : null,
    offences: new Map([...offences].filter(([, view]) => above(view))),
    lock: lock !== null && lock.height <= root.height ? null : lock,
  });
}

const newEpoch = (state: SimplexState, { validators: set, epoch }: Start, root: Point): SimplexState =>
  changed(state, {
    ...blankEpoch,
    phase: 'running',
    set,
    epoch,
    root,
    committed: { height: root.height, blockHash: root.hash },
  });

/** SIMPLEX-11: takes up the durable signing state. One that is damaged silences this validator for good. */
function restore(turn: Turn, bytes: Uint8Array): void {
  const read = decodeSigningState(bytes);
  turn.rules.add('SIMPLEX-11');
  if (!read.ok) {
    turn.state = changed(turn.state, { silent: true, own: NO_OWN_VOTES });
    return;
  }
  const { own, lock } = read.value;
  turn.state = { ...turn.state, own };
  if (own.epoch !== turn.state.epoch) return;
  if (lock !== null) restoreLock(turn, lock);
  const resumed = newestView(own);
  if (resumed > turn.state.view) enterView(turn, resumed);
  resign(turn);
}

/** SIMPLEX-10: the blocks that outlived the crash stand again as they did before it, once the host judged them. */
function restoreLock(turn: Turn, lock: Lock): void {
  const { root } = turn.state;
  if (lock.notarisation.height <= root.height) return;
  turn.rules.add('SIMPLEX-10');
  lock.blocks.forEach(({ hash, parentHash, block }, i) => {
    const height = heightOfLocked(lock, i);
    if (height > root.height && !equal(hash, root.hash))
      turn.state = offerCertified(turn.state, { hash, height, parentHash, block });
  });
  turn.state = changed(turn.state, { lock: lock.notarisation });
  onCertificate(turn, lock.notarisation);
}

/** Votes that may still count are signed again: the newest finalise vote, and the nullify vote of our view. */
function resign(turn: Turn): void {
  const { own, view, committed } = turn.state;
  if (own.finalised !== null && own.finalised.height > committed.height) castVote(turn, own.finalised);
  if (own.nullified?.to === view) castVote(turn, { type: 'nullify', view });
}
