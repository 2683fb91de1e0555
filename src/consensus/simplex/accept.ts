import { equal } from '../../base/bytes.ts';
import { judge, offerCertified } from './blocks.ts';
import { examine } from './examine.ts';
import { ladderOf, mayBuildOn, rungOf } from './ladder.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import type { Proposal } from './messages.ts';
import { castIn } from './own-votes.ts';
import { gaveUp, isHeld, knownBlock, maySign, recordOf, type SimplexState, withRecord } from './state.ts';
import { castVote, type Turn } from './turn.ts';
import { leaderOfView, notarisedBy, type Point } from './views.ts';

/**
 * A leader's proposal (SIMPLEX-5). Its signature does not cover the parent and the bytes, so only the leader itself may bring it:
 * else a stranger could spoil it.
 */
export function onProposal(turn: Turn, proposal: Proposal): void {
  const { vote } = proposal;
  const { set, view } = turn.state;
  if (!equal(leaderOfView(set, vote.round).id, vote.validator)) return;
  if (turn.from === null || !equal(turn.from, vote.validator)) return;
  if (vote.round > view + SIMPLEX_LIMITS.viewsAheadMax || examine(turn, vote) !== 'new') return;
  if (vote.round >= view) holdProposal(turn, proposal);
  else takeLate(turn, proposal);
}

export function holdProposal(turn: Turn, proposal: Proposal): void {
  turn.state = withRecord(turn.state, proposal.vote.round, { proposal });
}

/** The view is over, but what it notarised may be what is missing here. */
function takeLate(turn: Turn, { vote, parentHash, block }: Proposal): void {
  const notarised = notarisedBy(recordOf(turn.state, vote.round));
  if (notarised === null || block === null || notarised.height <= turn.state.root.height) return;
  const { blockHash: hash, height } = notarised;
  if (equal(hash, vote.blockHash) && knownBlock(turn.state, hash) === undefined)
    turn.state = offerCertified(turn.state, { hash, height, parentHash, block });
}

/** SIMPLEX-6: one notarise vote a view, for the leader's proposal, once it is justified and its block judged valid. */
export function notarise(turn: Turn): void {
  const { state } = turn;
  const { view } = state;
  const { proposal } = recordOf(state, view);
  if (proposal === null || !maySign(state) || gaveUp(state) || castIn(state.own, 'notarise', view)) return;
  const parent = justified(state, proposal);
  if (parent === null) return;
  const { blockHash, height } = proposal.vote;
  if (proposal.block !== null && !isKnownChild(state, proposal)) askForVerdict(turn, proposal);
  else if (isHeld(state, blockHash) && castVote(turn, { type: 'notarise', view, height, blockHash }))
    turn.rules.add('SIMPLEX-5').add('SIMPLEX-6');
}

/**
 * SIMPLEX-5: the parent is notarised in some view, every view from there to this one is nullified, and it may be built on. Or it is
 * proposed again itself. Null where that does not hold, or not yet.
 */
export function justified(state: SimplexState, { vote, parentHash, block }: Proposal): Point | null {
  const parent = rungOf(ladderOf(state), parentHash);
  if (parent === undefined) return null;
  if (block === null) return parent.height === vote.height ? parent : null;
  return parent.height + 1 === vote.height && isHeld(state, parentHash) && mayBuildOn(state, parent) ? parent : null;
}

/** A verdict was about this very child of this very parent: a valid block of elsewhere proves nothing here. */
function isKnownChild(state: SimplexState, { vote, parentHash }: Proposal): boolean {
  const known = knownBlock(state, vote.blockHash);
  return known?.valid === true && known.height === vote.height && equal(known.parentHash, parentHash);
}

/** SIMPLEX-13: once for each proposal, as a fresh one: its builder is the leader, and it is held to the clock. */
function askForVerdict(turn: Turn, { vote, parentHash, block }: Proposal): void {
  const { state } = turn;
  if (recordOf(state, vote.round).judged || block === null || knownBlock(state, vote.blockHash)?.valid) return;
  const offer = { hash: vote.blockHash, height: vote.height, parentHash, block };
  if (judge(turn, offer, true, vote.validator)) turn.state = withRecord(turn.state, vote.round, { judged: true });
}
