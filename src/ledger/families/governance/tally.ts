import type { ValidatorSet } from '../../../base/validators.ts';
import type { Parameters } from '../../parameters.ts';
import type { Proposal } from '../../state/tables.ts';
import { memberOf } from './validator-plans.ts';

type Votes = Proposal['votes'];

/** The votes of those who are in the set now: who left it has no say, whatever was said before. */
export const votesOf = (set: ValidatorSet, votes: Votes): Votes =>
  votes.filter(({ hospital }) => memberOf(set, hospital) !== undefined);

/** More than the threshold passes; too few left to pass rejects. `votes` are of members. */
export function tally(set: ValidatorSet, votes: Votes, parameters: Parameters): Proposal['status'] {
  const { voteThresholdNumerator, voteThresholdDenominator } = parameters;
  const passes = (count: number): boolean => count * voteThresholdDenominator > voteThresholdNumerator * set.length;
  const yes = votes.filter((cast) => cast.yes).length;
  if (passes(yes)) return 'passed';
  return passes(set.length - (votes.length - yes)) ? 'open' : 'rejected';
}
