import type { Height } from '../../base/brand.ts';
import type { EngineInput } from '../engine.ts';
import { keyOf } from '../key.ts';
import { scheduleAnnouncement } from './gossip.ts';
import { EPOCH_DIFFICULTY, pastOf } from './limits.ts';
import type { CliqueMessage } from './messages.ts';
import { restore } from './restore.ts';
import { difficultyOf } from './rules.ts';
import { blankChain, type CliqueState } from './state.ts';
import type { Past, Root } from './tree.ts';
import { change, note, type Turn } from './turn.ts';

export type Start = Extract<EngineInput<CliqueMessage>, { type: 'start' }>;

/** CLIQUE-1: a block that we committed is durable, or the host stands elsewhere and we begin anew from there. */
export function onStart(turn: Turn, start: Start): void {
  const { state } = turn;
  if (state.phase === 'halted') return;
  note(turn, 1);
  const tip = state.past.find(({ key }) => key === keyOf(start.parentHash));
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
  change(turn, { ...blankChain(newRoot), phase: 'running', set: validators, past: [{ ...tip, round: newRoot.base }] });
}

function begin(turn: Turn, start: Start): void {
  const { height, parentRound, validators, epoch, restored } = start;
  if (turn.state.phase === 'idle') scheduleAnnouncement(turn);
  const base = baseAbove(parentRound, epoch === height);
  const past = builtBelow(start, base, pastOf(turn.state.config.confirmationDepth));
  const { key, id, parent, sealer } = past.at(-1) as Past;
  const root: Root = { key, id, parent, sealer, height: height - 1, round: parentRound ?? 0, base };
  const durable = (height - 1) as Height;
  change(turn, { ...blankChain(root), phase: 'running', set: validators, past, durable });
  if (restored !== null) restore(turn, restored);
}

/** What a child of the tip counts its total difficulty from. */
const baseAbove = (parentRound: CliqueState['root']['round'] | null, newSet: boolean): number =>
  parentRound === null ? 0 : newSet ? parentRound + EPOCH_DIFFICULTY : parentRound;

/**
 * The tip and what the host knows below it, lowest first: the window of CLIQUE-5, and where chains may leave ours (CLIQUE-10). Who built a durable
 * block sealed it (CLIQUE-3). Of another set's blocks only the last counts, as it does for those who did not restart.
 */
function builtBelow(start: Start, base: number, most: number): readonly Past[] {
  const { height, parentHash, validators, epoch, built } = start;
  const [tip, ...below] = built ?? [];
  const past: Past[] = [];
  let [at, round] = [height - 1, base];
  for (const { blockHash, proposer } of [{ blockHash: parentHash, proposer: tip?.proposer }, ...below]) {
    if (past.length > 0 && (at < epoch - 1 || past.length >= most)) break;
    const sealer = at === 0 || proposer === undefined ? '' : keyOf(proposer);
    past.unshift({ key: keyOf(blockHash), id: blockHash, parent: '', height: at, round, sealer, message: null });
    round -= difficultyOf(validators, at--, sealer);
  }
  return past.map((link, i) => ({ ...link, parent: past[i - 1]?.key ?? '' }));
}
