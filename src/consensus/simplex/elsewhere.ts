import type { Address, Height, Round } from '../../base/brand.ts';
import { PATH_HEADERS_MAX } from '../certificate.ts';
import { keyOf } from '../key.ts';
import type { SignedVote } from '../vote.ts';
import { isSigned } from './examine.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import { type Proposal, type ViewCertificate, VOTE_OF, type VoteMessage } from './messages.ts';
import { changed, isOver, type SimplexState } from './state.ts';
import type { Turn } from './turn.ts';
import { leaderOfView, VIEWS_PER_HEIGHT } from './views.ts';

type ViewMessage = Proposal | VoteMessage | ViewCertificate;

/**
 * SIMPLEX-18: sorts out what is not of our epoch's present. True where the message was dealt with: views of other epochs, views below
 * the last durable block, and heights that we cannot reach from here.
 */
export function isElsewhere(turn: Turn, message: ViewMessage): boolean {
  const { state } = turn;
  const { view, height } = placeOf(message);
  const nullifies = isNullify(message);
  if (view >= nextEpochView(state)) onLaterEpoch(turn, message);
  else if (view < state.root.view) return true;
  else if (nullifies && height !== state.epoch) return true;
  else if (!nullifies && height > state.root.height + 2 * SIMPLEX_LIMITS.unfinalBlocksMax) reportBehind(turn, message);
  else return false;
  return true;
}

const placeOf = (message: ViewMessage): { readonly view: Round; readonly height: Height } =>
  'vote' in message ? { view: message.vote.round, height: message.vote.height } : message;

/** The child of the root may change the set at the earliest: no view from here on is of our epoch. */
const nextEpochView = ({ root }: SimplexState): number => (root.height + 1) * VIEWS_PER_HEIGHT;

/** A vote of the next epoch waits if that begins here as soon as the disk is done. Anything else says that we are behind. */
function onLaterEpoch(turn: Turn, message: ViewMessage): void {
  const { state, from } = turn;
  const { view } = placeOf(message);
  const first = state.committed.height * VIEWS_PER_HEIGHT;
  const isNext = isOver(state) && view >= first && view <= first + SIMPLEX_LIMITS.viewsAheadMax;
  if (!isNext) reportBehind(turn, message);
  else if (from !== null && 'vote' in message) holdEarly(turn, message, from);
}

function holdEarly(turn: Turn, message: Proposal | VoteMessage, from: Address): void {
  const { state } = turn;
  const { vote } = message;
  const key = `${keyOf(vote.validator)} ${vote.round} ${vote.type}`;
  if (state.early.has(key) || state.early.size >= SIMPLEX_LIMITS.earlyPerValidatorMax * state.set.length) return;
  // The present set stands for the next one: where that changes, a message may be lost and is sent again.
  if (message.type === 'proposal' && keyOf(leaderOfView(state.set, vote.round).id) !== keyOf(vote.validator)) return;
  if (!isSigned(state, vote)) return;
  turn.rules.add('SIMPLEX-18');
  turn.state = changed(state, { early: new Map(state.early).set(key, { from, message }) });
}

function reportBehind(turn: Turn, message: ViewMessage): void {
  const { from, state } = turn;
  const vote = 'vote' in message ? message.vote : firstVoteOf(message);
  if (vote === null || !isSigned(state, vote)) return;
  turn.rules.add('SIMPLEX-18');
  const sender = 'vote' in message ? message.vote.validator : from;
  if (sender !== null) turn.effects.push({ type: 'behind', height: finishedBelow(message), from: sender });
}

function firstVoteOf({ type, view, height, blockHash, signatures }: ViewCertificate): SignedVote | null {
  const [first] = signatures;
  if (first === undefined) return null;
  const ballot = { type: VOTE_OF[type], round: view, height, blockHash, preparedRound: null, preparedHash: null };
  return { ...ballot, ...first };
}

/**
 * The height below which all is final with whoever says this: what waits for finality is bounded, an epoch begins on a final block, and
 * its views are numbered from its height up.
 */
function finishedBelow(message: ViewMessage): Height {
  const { view, height } = placeOf(message);
  const epoch = Math.floor(view / VIEWS_PER_HEIGHT) + 1;
  if (message.type === 'finalisation') return (height + 1) as Height;
  return Math.max(epoch, isNullify(message) ? height : height - PATH_HEADERS_MAX) as Height;
}

const isNullify = ({ type }: ViewMessage): boolean => type === 'nullify' || type === 'nullification';
