import type { Hash } from '../../base/brand.ts';
import { keyOf } from '../key.ts';
import { outcomesOf } from './certificates.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import type { SimplexMessage, ViewCertificate, ViewsRequest } from './messages.ts';
import { changed, knownBlock } from './state.ts';
import { send, type Turn } from './turn.ts';

/**
 * SIMPLEX-17: what became of the views asked for, as far as we know it; to a peer in an earlier view also what opened ours, and what is
 * final since. Who asks has not moved for a while.
 */
export function onViewsRequest(turn: Turn, { from, to }: ViewsRequest): void {
  const { finalisation, view: present } = turn.state;
  const certificates = new Set<ViewCertificate>();
  for (let view = from; view <= to; view++) for (const each of outcomesOf(turn.state, view)) certificates.add(each);
  if (to < present) for (const each of outcomesOf(turn.state, present - 1)) certificates.add(each);
  if (finalisation !== null && finalisation.view >= from) certificates.add(finalisation);
  answer(turn, [...certificates]);
}

/** A block that we know to be one. Of one that was final long ago the finalisation tells where the chain is. */
export function onBlockRequest(turn: Turn, hash: Hash): void {
  const { finalisation } = turn.state;
  const known = knownBlock(turn.state, hash);
  if (known?.valid) {
    const { parentHash, block } = known;
    answer(turn, [{ type: 'block', blockHash: hash, parentHash, block }]);
  } else if (finalisation !== null) answer(turn, [finalisation]);
}

/** Nobody makes us send without end: an answer counts against its asker until our view changes or time passes. */
function answer(turn: Turn, messages: readonly SimplexMessage[]): void {
  const { state, from } = turn;
  if (from === null || messages.length === 0) return;
  const key = keyOf(from);
  const given = state.answers.get(key) ?? 0;
  const full = state.answers.size >= SIMPLEX_LIMITS.answeredPeersMax && given === 0;
  if (given >= SIMPLEX_LIMITS.answersMax || full) return;
  turn.rules.add('SIMPLEX-17');
  turn.state = changed(state, { answers: new Map(state.answers).set(key, given + 1) });
  for (const message of messages) send(turn, from, message);
}
