import type { Height } from '../../base/brand.ts';
import { keyOf } from '../key.ts';
import { digestOf, memberOf, type SignedVote } from '../vote.ts';
import { isSigned, verifiedKey } from './examine.ts';
import type { QbftMessage } from './messages.ts';
import { isFromLeader } from './rules.ts';
import { changed, type QbftState } from './state.ts';
import { apply, type Turn } from './turn.ts';

/**
 * QBFT-15: an earlier height is over. A peer may be one height ahead, so round-0 messages of the next height wait here, one of each
 * type for each validator and one proposal: at most 2n + 1. Anything later says that we are behind.
 */
export function onOtherHeight(turn: Turn, message: QbftMessage): void {
  apply(turn, 'QBFT-15');
  const { state } = turn;
  const { vote } = message;
  if (vote.height < state.height) return;
  const key = `${message.type} ${keyOf(vote.validator)}`;
  const mayWait = isOfNextStart(state, vote) && message.type !== 'round-change';
  if (mayWait && (state.nextHeight.has(key) || !fitsNext(state, message))) return;
  if (!isSigned(state, vote)) return;
  if (mayWait) turn.state = changed(state, { nextHeight: new Map(state.nextHeight).set(key, message) });
  else turn.effects.push({ type: 'behind', height: vote.height, from: vote.validator });
}

const isOfNextStart = ({ height }: QbftState, vote: SignedVote): boolean =>
  vote.height === height + 1 && vote.round === 0;

/** The present set stands for the next one: where that changes, a message may be lost and its round repeated. */
const fitsNext = ({ set, height }: QbftState, { type, vote }: QbftMessage): boolean =>
  type !== 'proposal' || isFromLeader({ set, height: (height + 1) as Height }, vote);

/** The verifications that the waiting messages need no more, for `start`. */
export function verifiedEarly(state: QbftState): ReadonlySet<string> {
  const { primitives, chainId } = state.config;
  const keys = new Set<string>();
  for (const { vote } of state.nextHeight.values()) {
    const member = memberOf(state.set, vote.validator);
    if (member === undefined) continue;
    const digest = digestOf(primitives, { chainId, engine: 'qbft' }, vote);
    keys.add(verifiedKey(digest, vote, member.publicKey));
  }
  return keys;
}
