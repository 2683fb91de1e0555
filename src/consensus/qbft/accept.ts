import type { Hash } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { judge, noteVerdict, offerBlock } from './blocks.ts';
import { examine, examineAll } from './examine.ts';
import type { Proposal } from './messages.ts';
import { enterRound } from './rounds.ts';
import { checkProposal, isFromLeader } from './rules.ts';
import { changed, inWindow, knownBlock, type QbftState, votesOf, withVote } from './state.ts';
import { apply, blockBallot, castVote, type Turn } from './turn.ts';

/** A peer's proposal (QBFT-4, QBFT-5). One for a later round proves that a quorum is there, so we go there too. */
export function onProposal(turn: Turn, proposal: Proposal): void {
  const { vote } = proposal;
  apply(turn, 'QBFT-4');
  if (!isFromLeader(turn.state, vote) || examine(turn, vote) !== 'valid') return;
  if (vote.round < turn.state.round) keepForCommit(turn, proposal);
  else if (votesOf(turn.state, vote.round).proposal === null) acceptIfJustified(turn, proposal);
}

function acceptIfJustified(turn: Turn, proposal: Proposal): void {
  const { vote, roundChanges, prepares } = proposal;
  apply(turn, 'QBFT-5');
  const justified = checkProposal(turn.state, proposal);
  if (!justified.ok || !examineAll(turn, roundChanges) || !examineAll(turn, prepares)) return;
  for (const prepare of prepares) turn.state = withVote(turn.state, prepare);

  if (vote.round > turn.state.round) enterRound(turn, vote.round);
  acceptProposal(turn, proposal, justified.value.fresh);
}

/** Makes a justified proposal, a peer's or our own, the one of this round. */
export function acceptProposal(turn: Turn, { vote, block }: Proposal, fresh: boolean): void {
  turn.state = changed(withVote(turn.state, vote), {
    quorumReached: true,
    accepted: { blockHash: vote.blockHash, block, fresh, verdict: 'unasked' },
  });
}

/** A round is over for us, yet its block may still be committed: hold the bytes. One block for each round in the window. */
function keepForCommit(turn: Turn, { vote, block }: Proposal): void {
  if (!inWindow(turn.state, vote.round) || votesOf(turn.state, vote.round).proposal !== null) return;
  turn.state = offerBlock(withVote(turn.state, vote), vote.blockHash, block);
}

/** Asks for the verdict on the accepted proposal. A prepared block whose bytes are known to be good needs none. */
export function judgeAccepted(turn: Turn): void {
  const { accepted, round } = turn.state;
  if (accepted === null || accepted.verdict !== 'unasked') return;
  if (!accepted.fresh && knownBlock(turn.state, accepted.blockHash)?.valid) prepare(turn);
  else if (judge(turn, { ...accepted, round }))
    turn.state = changed(turn.state, { accepted: { ...accepted, verdict: 'asked' } });
}

/** The host's answer to `judge`. */
export function onJudged(turn: Turn, blockHash: Hash, valid: boolean): void {
  if (turn.state.phase !== 'running') return;
  apply(turn, 'QBFT-13');
  turn.state = noteVerdict(turn.state, blockHash, valid);
  const { accepted } = turn.state;
  if (accepted === null || accepted.verdict !== 'asked' || !equal(accepted.blockHash, blockHash)) return;
  const known = knownBlock(turn.state, blockHash);
  if (valid && known?.valid) prepare(turn);
  else if (known?.outstanding === 0)
    turn.state = changed(turn.state, { accepted: { ...accepted, verdict: 'refused' } });
}

/** QBFT-7: a prepare leaves only for a block judged valid. */
export function prepare(turn: Turn): void {
  apply(turn, 'QBFT-7');
  turn.state = withValidBlock(turn.state);
  const { accepted, round } = turn.state;
  if (accepted !== null) castVote(turn, blockBallot('prepare', round, accepted.blockHash));
}

/** The judged bytes replace the offered ones: under one hash, only they are that block. */
function withValidBlock(state: QbftState): QbftState {
  if (state.accepted === null) return state;
  const block = knownBlock(state, state.accepted.blockHash)?.block ?? state.accepted.block;
  return changed(state, { accepted: { ...state.accepted, block, verdict: 'valid' } });
}
