import { keyOf } from '../key.ts';
import type { SignedVote } from '../vote.ts';
import type { Signed } from './messages.ts';
import { difficultyOf } from './rules.ts';
import type { CliqueState } from './state.ts';
import type { Node } from './tree.ts';
import { ballotOf, digestOf } from './turn.ts';

/**
 * The acknowledgements of a block that changes the set, from the signatures of its certificate: each stands on the one before, and its
 * sealer's turn says its difficulty, so the signatures are all that need be kept (CLIQUE-12).
 */
export function acksOn(state: CliqueState, block: Node, signed: readonly Signed[]): readonly SignedVote[] {
  const votes: SignedVote[] = [];
  let { id, height, round } = block;
  for (const { validator, signature } of signed) {
    height++;
    round += difficultyOf(state.set, height, keyOf(validator));
    const vote = { ...ballotOf('ack', round, block.id, id), height: block.seal.height, validator, signature };
    votes.push(vote);
    id = digestOf(state, vote);
  }
  return votes;
}
