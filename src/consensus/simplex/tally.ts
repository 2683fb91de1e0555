import { faultsOf } from '../../base/validators.ts';
import type { SignedVote } from '../vote.ts';
import { formCertificate } from './certificates.ts';
import { examine, holdVote } from './examine.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import { gaveUp, recordOf } from './state.ts';
import { castVote, type Turn } from './turn.ts';

/** A peer's notarise, nullify or finalise vote, of our view, of an earlier one, or of one soon to come. */
export function onVote(turn: Turn, vote: SignedVote): void {
  const { view } = turn.state;
  const { viewsAheadMax, viewsBehindMax } = SIMPLEX_LIMITS;
  if (vote.round > view + viewsAheadMax || vote.round < view - viewsBehindMax) return;
  if (examine(turn, vote) === 'new') countVote(turn, vote);
}

/** A vote that counts, a peer's or our own. */
export function countVote(turn: Turn, vote: SignedVote): void {
  holdVote(turn, vote);
  formCertificate(turn, vote);
}

/** SIMPLEX-7: f + 1 validators gave our view up, so one honest one did: it is given up here too. */
export function joinNullify(turn: Turn): void {
  const { set, view } = turn.state;
  if (recordOf(turn.state, view).nullify.size <= faultsOf(set.length) || gaveUp(turn.state)) return;
  if (castVote(turn, { type: 'nullify', view })) turn.rules.add('SIMPLEX-7');
}
