import { unreachable } from '../../base/assert.ts';
import type { EngineInput, EngineStep } from '../engine.ts';
import { notarise, onProposal } from './accept.ts';
import { onBlockRequest, onViewsRequest } from './answer.ts';
import { judgeCertified, onJudged } from './blocks.ts';
import { onCertificate } from './certificates.ts';
import { keepTime, onDue, onViewTimeout } from './clock.ts';
import { isElsewhere } from './elsewhere.ts';
import { ask, needsOf, onBlock } from './fetch.ts';
import { commit, finalise } from './finalise.ts';
import type { SimplexMessage } from './messages.ts';
import { onSigned } from './own.ts';
import { onBuilt, propose } from './propose.ts';
import { keepRepeating, onRepeat, REPEAT_HEIGHT } from './repeat.ts';
import { onStart } from './start.ts';
import { isOver, type SimplexState } from './state.ts';
import { joinNullify, onVote } from './tally.ts';
import type { Turn } from './turn.ts';

/** One input: note what it says, then do whatever the rules now ask for. */
export function step(state: SimplexState, input: EngineInput<SimplexMessage>): EngineStep<SimplexState> {
  const turn: Turn = { state, effects: [], rules: new Set(), from: input.type === 'message' ? input.from : null };
  note(turn, input);
  // Nothing new: whatever the rules allow was done before.
  if (turn.state !== state && turn.state.phase === 'running') act(turn);
  return { state: turn.state, effects: turn.effects, rules: [...turn.rules] };
}

function note(turn: Turn, input: EngineInput<SimplexMessage>): void {
  if (input.type === 'start') {
    startAnew(turn, input);
    return;
  }
  if (turn.state.phase === 'idle') return;
  switch (input.type) {
    case 'due':
      onDue(turn, input.parentHash);
      break;
    case 'message':
      onMessage(turn, input.message);
      break;
    case 'signed':
      onSigned(turn, input.payload, input.signature);
      break;
    case 'built':
      onBuilt(turn, input);
      break;
    case 'judged':
      onJudged(turn, input.blockHash, input.valid, input.changesSet);
      break;
    case 'timeout':
      if (input.height === REPEAT_HEIGHT) onRepeat(turn, input.round);
      else onViewTimeout(turn, input.round);
      break;
    default:
      unreachable(input);
  }
}

/** A new epoch hears what came before it began. */
function startAnew(turn: Turn, input: Extract<EngineInput<SimplexMessage>, { type: 'start' }>): void {
  const { early, epoch } = turn.state;
  onStart(turn, input);
  if (turn.state.epoch === epoch) return;
  for (const { from, message } of early.values()) {
    turn.from = from;
    onMessage(turn, message);
  }
  turn.from = null;
}

/** What the state allows, in the order in which one rule enables the next. */
function act(turn: Turn): void {
  judgeCertified(turn);
  commit(turn);
  if (!isOver(turn.state)) {
    finalise(turn);
    joinNullify(turn);
    propose(turn);
    notarise(turn);
    keepTime(turn);
  }
  const needs = needsOf(turn.state);
  ask(turn, needs);
  keepRepeating(turn, needs.length > 0);
}

function onMessage(turn: Turn, message: SimplexMessage): void {
  switch (message.type) {
    case 'request-views':
      onViewsRequest(turn, message);
      break;
    case 'request-block':
      onBlockRequest(turn, message.blockHash);
      break;
    case 'block':
      onBlock(turn, message);
      break;
    default:
      if (!isElsewhere(turn, message)) onPresent(turn, message);
  }
}

function onPresent(
  turn: Turn,
  message: Exclude<SimplexMessage, { type: 'request-views' | 'request-block' | 'block' }>,
) {
  switch (message.type) {
    case 'proposal':
      onProposal(turn, message);
      break;
    case 'notarise':
    case 'nullify':
    case 'finalise':
      onVote(turn, message.vote);
      break;
    case 'notarisation':
    case 'nullification':
    case 'finalisation':
      onCertificate(turn, message);
      break;
    default:
      unreachable(message);
  }
}
