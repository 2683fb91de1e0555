import { unreachable } from '../../base/assert.ts';
import type { Hash } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { EngineInput, EngineStep } from '../engine.ts';
import { judgeAccepted, onJudged, onProposal } from './accept.ts';
import { lead, onBuilt } from './lead.ts';
import type { QbftMessage } from './messages.ts';
import { onOtherHeight } from './other-height.ts';
import { onSigned } from './own.ts';
import { onTimeout, startRoundClock } from './rounds.ts';
import { startHeight, waitingFor } from './start.ts';
import { changed, type QbftState } from './state.ts';
import { decide, lock, onBlockVote, onRoundChange } from './tally.ts';
import { apply, schedule, type Turn } from './turn.ts';

/** One input: note what it says, then do whatever the rules now ask for. */
export function step(state: QbftState, input: EngineInput<QbftMessage>): EngineStep<QbftState> {
  const turn: Turn = { state, effects: [], rules: new Set() };
  note(turn, input);
  if (turn.state.phase === 'running') act(turn);
  return { state: turn.state, effects: turn.effects, rules: [...turn.rules] };
}

function note(turn: Turn, input: EngineInput<QbftMessage>): void {
  switch (input.type) {
    case 'start':
      onStart(turn, input);
      break;
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
      onJudged(turn, input.blockHash, input.valid);
      break;
    case 'timeout':
      onTimeout(turn, input.height, input.round);
      break;
    default:
      unreachable(input);
  }
}

/** What the state allows, in the order in which one rule enables the next. */
function act(turn: Turn): void {
  startRoundClock(turn);
  lead(turn);
  judgeAccepted(turn);
  lock(turn);
  decide(turn);
}

function onStart(turn: Turn, input: Extract<EngineInput<QbftMessage>, { type: 'start' }>): void {
  const before = turn.state;
  startHeight(turn, input);
  if (turn.state === before) return;
  for (const message of waitingFor(before, input.height)) onMessage(turn, message);
}

/** QBFT-8: round 0 is timed from here, unless a restart has started its timer already. */
function onDue(turn: Turn, dueOn: Hash): void {
  const { phase, parentHash, due, round, timersPending } = turn.state;
  if (phase !== 'running' || due || !equal(dueOn, parentHash)) return;
  apply(turn, 'QBFT-8');
  turn.state = changed(turn.state, { due: true });
  if (round === 0 && timersPending === 0) schedule(turn);
}

function onMessage(turn: Turn, message: QbftMessage): void {
  const { phase, height } = turn.state;
  if (phase === 'idle') return;
  if (message.vote.height !== height) onOtherHeight(turn, message);
  else if (phase === 'running') onPresentHeight(turn, message);
}

function onPresentHeight(turn: Turn, message: QbftMessage): void {
  switch (message.type) {
    case 'proposal':
      onProposal(turn, message);
      break;
    case 'prepare':
    case 'commit':
      onBlockVote(turn, message);
      break;
    case 'round-change':
      onRoundChange(turn, message);
      break;
    default:
      unreachable(message);
  }
}
