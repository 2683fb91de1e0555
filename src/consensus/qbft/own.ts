import type { Address, Signature } from '../../base/brand.ts';
import type { Vote } from '../engine.ts';
import { type SignedVote, sameBallot, signedVoteOf } from '../vote.ts';
import { acceptProposal } from './accept.ts';
import type { Commit, Prepare, Proposal } from './messages.ts';
import { withVote } from './state.ts';
import { holdRoundChange } from './tally.ts';
import { broadcast, type Turn } from './turn.ts';

/** The host's answer to `sign`: a vote of our own. It counts here as it does with the peers it is sent to. */
export function onSigned(turn: Turn, payload: Vote, signature: Signature): void {
  const { phase, height, config, ownVotes } = turn.state;
  if (phase !== 'running' || payload.height !== height || config.self === null) return;
  if (!ownVotes.some((cast) => sameBallot(cast, payload))) return;
  const vote = signedVoteOf(payload, config.self as Address, signature);
  if (vote.type === 'proposal') sendProposal(turn, vote);
  else if (vote.type === 'round-change') sendRoundChange(turn, vote);
  else sendVote(turn, { type: vote.type as 'prepare' | 'commit', vote });
}

function sendVote(turn: Turn, message: Prepare | Commit): void {
  turn.state = withVote(turn.state, message.vote);
  broadcast(turn, message);
}

/** A proposal whose round ended while it was signed stays at home. */
function sendProposal(turn: Turn, vote: SignedVote): void {
  const { leading, round } = turn.state;
  if (leading?.proposed == null || vote.round !== round) return;
  const { roundChanges, prepares, proposed } = leading;
  const proposal: Proposal = { type: 'proposal', vote, block: proposed.block, roundChanges, prepares };
  broadcast(turn, proposal);
  acceptProposal(turn, proposal, false); // what we built, or know to be prepared, is not judged again
}

function sendRoundChange(turn: Turn, vote: SignedVote): void {
  const { reported, round } = turn.state;
  if (vote.round !== round || vote.preparedRound !== (reported?.round ?? null)) return;
  const message = {
    type: 'round-change' as const,
    vote,
    block: reported?.block ?? null,
    prepares: reported?.prepares ?? [],
  };
  broadcast(turn, message);
  holdRoundChange(turn, message);
}
