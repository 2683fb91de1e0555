import { unreachable } from '../../base/assert.ts';
import type { Address } from '../../base/brand.ts';
import type { EngineInput, EngineStep } from '../engine.ts';
import { keyOf } from '../key.ts';
import { confirm } from './confirm.ts';
import { ANNOUNCE, announce, onHead, onRequest } from './gossip.ts';
import { onJudged } from './judge.ts';
import type { CliqueMessage } from './messages.ts';
import { onAck, onBlock } from './receive.ts';
import { lead, onBuilt, onSigned, onTimeout } from './seal.ts';
import { onStart } from './start.ts';
import { type CliqueState, headLink } from './state.ts';
import { endsSet } from './tree.ts';
import { change, type Turn } from './turn.ts';

/** One input: note what it says, then follow the best chain and do what the rules now ask for. */
export function step(state: CliqueState, input: EngineInput<CliqueMessage>): EngineStep<CliqueState> {
  const turn: Turn = { state, effects: [], rules: new Set() };
  take(turn, input);
  if (turn.state.root !== state.root || turn.state.head !== state.head) followHead(turn);
  else if (turn.state.tree !== state.tree) confirm(turn);
  lead(turn);
  return { state: turn.state, effects: turn.effects, rules: [...turn.rules] };
}

function take(turn: Turn, input: EngineInput<CliqueMessage>): void {
  if (input.type === 'start') onStart(turn, input);
  else if (turn.state.phase === 'idle' || turn.state.phase === 'halted') return;
  else takeRunning(turn, input);
}

function takeRunning(turn: Turn, input: Exclude<EngineInput<CliqueMessage>, { type: 'start' }>): void {
  switch (input.type) {
    case 'due':
      if (keyOf(input.parentHash) === turn.state.head) change(turn, { due: turn.state.head });
      break;
    case 'message':
      onMessage(turn, input.from, input.message);
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
      if (input.height === ANNOUNCE) announce(turn);
      else onTimeout(turn, input.height, input.round);
      break;
    default:
      unreachable(input);
  }
}

/** Between two sets nobody can tell a seal from a stranger's: what comes then is offered again later. */
function onMessage(turn: Turn, from: Address, message: CliqueMessage): void {
  if (message.type === 'request') onRequest(turn, from, message.blockHash);
  else if (message.type === 'head') onHead(turn, from, message);
  else if (turn.state.phase !== 'running') return;
  else if (message.type === 'block') onBlock(turn, from, message);
  else onAck(turn, from, message);
}

/** The head moved: what lies deep enough below it is confirmed, and a block on top of it becomes due. */
function followHead(turn: Turn): void {
  const { making } = turn.state;
  change(turn, { due: null, waiting: null, ripe: null, making: making?.built == null ? null : making });
  confirm(turn);
  const { state } = turn;
  const head = headLink(state);
  const node = state.tree.get(head.key);
  if (state.phase === 'running' && (node === undefined || !endsSet(node)))
    turn.effects.push({ type: 'pace', parentHash: head.id });
}
