import type { Address, Signature } from '../../base/brand.ts';
import type { Vote } from '../engine.ts';
import { signedVoteOf } from '../vote.ts';
import type { SimplexVoteType } from './messages.ts';
import { sendProposal } from './propose.ts';
import { countVote } from './tally.ts';
import { broadcast, type Turn } from './turn.ts';

/** The host's answer to `sign`: a vote of our own. It counts here as it does with the peers it is sent to. */
export function onSigned(turn: Turn, payload: Vote, signature: Signature): void {
  const { config, root } = turn.state;
  if (config.self === null || payload.engine !== 'simplex' || payload.round <= root.view) return;
  const vote = signedVoteOf(payload, config.self as Address, signature);
  turn.rules.add('SIMPLEX-2');
  if (vote.type === 'proposal') {
    sendProposal(turn, vote);
    return;
  }
  broadcast(turn, { type: vote.type as SimplexVoteType, vote });
  countVote(turn, vote);
}
