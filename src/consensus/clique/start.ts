import type { Height } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import type { EngineInput } from '../engine.ts';
import { scheduleAnnouncement } from './gossip.ts';
import { EPOCH_DIFFICULTY } from './limits.ts';
import type { CliqueMessage } from './messages.ts';
import { restore } from './restore.ts';
import { blankChain, type CliqueState } from './state.ts';
import type { Past, Root } from './tree.ts';
import { change, note, type Turn } from './turn.ts';

export type Start = Extract<EngineInput<CliqueMessage>, { type: 'start' }>;

/** CLIQUE-1: a block that we committed is durable, or the host stands elsewhere and we begin anew from there. */
export function onStart(turn: Turn, start: Start): void {
  const { state } = turn;
  if (state.phase === 'halted') return;
  note(turn, 1);
  const tip = state.past.find(({ key }) => key === toHex(start.parentHash));
  if (state.phase === 'idle' || tip === undefined) begin(turn, start);
  else acknowledge(turn, start, tip);
}

/** Durable. After the last block of a set this says who decides from here on (CLIQUE-12). */
function acknowledge(turn: Turn, { height, parentRound, epoch, validators }: Start, tip: Past): void {
  const { root, phase } = turn.state;
  change(turn, { durable: (height - 1) as Height });
  if (phase !== 'between-sets' || tip.key !== root.key) return;
  note(turn, 12);
  const newRoot = { ...root, base: baseAbove(parentRound, epoch === height) };
  change(turn, { ...blankChain(newRoot), phase: 'running', set: validators, past: [tip] });
}

function begin(turn: Turn, start: Start): void {
  const { height, parentHash, parentRound, validators, epoch, restored } = start;
  if (turn.state.phase === 'idle') scheduleAnnouncement(turn);
  const link = { key: toHex(parentHash), id: parentHash, parent: '', height: height - 1, sealer: '' };
  const root: Root = { ...link, round: parentRound ?? 0, base: baseAbove(parentRound, epoch === height) };
  const past: readonly Past[] = [{ ...link, round: root.round, message: null }];
  const durable = (height - 1) as Height;
  change(turn, { ...blankChain(root), phase: 'running', set: validators, past, durable });
  if (restored !== null) restore(turn, restored);
}

/** What a child of the tip counts its total difficulty from. */
const baseAbove = (parentRound: CliqueState['root']['round'] | null, newSet: boolean): number =>
  parentRound === null ? 0 : newSet ? parentRound + EPOCH_DIFFICULTY : parentRound;
