import type { Hash, Height } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { EngineInput } from '../engine.ts';
import type { SignedVote } from '../vote.ts';
import { holdProposal } from './accept.ts';
import { trustBlock } from './blocks.ts';
import { baseOf, mayBuildOn } from './ladder.ts';
import type { SimplexMessage } from './messages.ts';
import { castIn } from './own-votes.ts';
import { changed, gaveUp, leadsView } from './state.ts';
import { broadcast, castVote, type Turn } from './turn.ts';
import { firstViewOf, type Point } from './views.ts';

/** SIMPLEX-4: the leader of our view builds on the newest block that a ladder leads to, once a child of it is due. */
export function propose(turn: Turn): void {
  const { state } = turn;
  if (state.leading !== null || !leadsView(state) || gaveUp(state)) return;
  if (castIn(state.own, 'proposal', state.view)) return;
  const parent = baseOf(state);
  if (parent === null || !isDue(turn, parent)) return;
  if (mayBuildOn(state, parent)) build(turn, parent);
  else if (parent.height > state.committed.height) proposeAgain(turn, parent);
  // Else it is final, and its disk or the next set is waited for.
}

const isDue = ({ state: { paced } }: Turn, { hash }: Point): boolean => paced?.due === true && equal(paced.hash, hash);

function build(turn: Turn, parent: Point): void {
  const { view } = turn.state;
  turn.rules.add('SIMPLEX-4');
  turn.state = changed(turn.state, { leading: { parent, proposed: null } });
  const height = (parent.height + 1) as Height;
  turn.effects.push({ type: 'build', height, round: view, parentHash: parent.hash });
}

/** SIMPLEX-9: what nothing may be built on is proposed in one view after another, until it is final. */
function proposeAgain(turn: Turn, parent: Point): void {
  turn.rules.add('SIMPLEX-4').add('SIMPLEX-9');
  const { hash, height } = parent;
  turn.state = changed(turn.state, { leading: { parent, proposed: { hash, height, block: null } } });
  castVote(turn, { type: 'proposal', view: turn.state.view, height, blockHash: hash });
}

/** The host's answer to `build`. A block for a view that is over is of no use. */
export function onBuilt(turn: Turn, built: Extract<EngineInput<SimplexMessage>, { type: 'built' }>): void {
  const { state } = turn;
  const { leading, view } = state;
  if (leading === null || leading.proposed !== null || built.round !== view || gaveUp(state)) return;
  const { parent } = leading;
  if (!equal(parent.hash, built.parentHash)) return;
  const height = (parent.height + 1) as Height;
  const { blockHash: hash, block } = built;
  turn.state = changed(state, { leading: { parent, proposed: { hash, height, block } } });
  turn.state = trustBlock(turn.state, { hash, height, parentHash: parent.hash, block }, built.changesSet);
  castVote(turn, { type: 'proposal', view, height, blockHash: hash });
}

/** Our own proposal, signed. One whose view ended meanwhile stays at home. */
export function sendProposal(turn: Turn, vote: SignedVote): void {
  const { leading, view, epoch } = turn.state;
  if (leading?.proposed == null || vote.round !== view || !equal(vote.blockHash, leading.proposed.hash)) return;
  const { parent, proposed } = leading;
  const parentView = parent.view >= firstViewOf(epoch) ? (parent.view as typeof view) : null;
  const parentHash: Hash = parent.hash;
  const proposal = { type: 'proposal' as const, vote, parentView, parentHash, block: proposed.block };
  broadcast(turn, proposal);
  holdProposal(turn, proposal);
}
