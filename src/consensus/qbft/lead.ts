import type { Hash } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { quorumOf } from '../../base/validators.ts';
import type { EngineInput } from '../engine.ts';
import { keyOf } from '../key.ts';
import { castAt } from '../signing-state.ts';
import type { SignedVote } from '../vote.ts';
import { isRefused, judge, trustBlock } from './blocks.ts';
import type { QbftMessage, RoundChange } from './messages.ts';
import { highestPreparedRound } from './rules.ts';
import { changed, knownBlock, leadsRound, type QbftState } from './state.ts';
import { apply, blockBallot, castVote, type Turn } from './turn.ts';

/** QBFT-4, QBFT-5: as the leader of the present round, propose as soon as that is justified. */
export function lead(turn: Turn): void {
  const { state } = turn;
  if (state.leading !== null || state.accepted !== null || !leadsRound(state)) return;
  if (castAt(state.ownVotes, state.round, 'proposal') !== undefined) return;
  if (state.round === 0) {
    if (state.due) build(turn, []);
    return;
  }
  const changes = changesToRound(state);
  if (changes.length < quorumOf(state.set.length)) return;
  const highest = highestPreparedRound(changes.map(({ vote }) => vote));
  const best = changes.find(({ vote }) => vote.preparedRound === highest);
  if (highest === null || best === undefined) build(turn, changes.map(voteIn));
  else proposeAgain(turn, changes, best);
}

/** Round changes to exactly this round, in validator order. */
const changesToRound = ({ set, round, roundChanges }: QbftState): readonly RoundChange[] =>
  set.flatMap(({ id }) => {
    const change = roundChanges.get(keyOf(id));
    return change?.vote.round === round ? [change] : [];
  });

function build(turn: Turn, roundChanges: readonly SignedVote[]): void {
  const { height, round, parentHash } = turn.state;
  apply(turn, 'QBFT-4');
  turn.state = changed(turn.state, { leading: { roundChanges, prepares: [], proposed: null } });
  turn.effects.push({ type: 'build', height, round, parentHash });
}

/** Repeats the block prepared last, once its bytes are known to be that block. A round change that lied about them is dropped. */
function proposeAgain(turn: Turn, changes: readonly RoundChange[], best: RoundChange): void {
  apply(turn, 'QBFT-4');
  const blockHash = best.vote.preparedHash as Hash;
  const block = best.block as Uint8Array;
  const known = knownBlock(turn.state, blockHash);
  if (known?.valid) {
    const proposed = { blockHash, block: known.block };
    turn.state = changed(turn.state, {
      leading: { roundChanges: changes.map(voteIn), prepares: best.prepares, proposed },
    });
    castVote(turn, blockBallot('proposal', turn.state.round, blockHash));
  } else if (known !== undefined && isRefused(known) && equal(known.block, block)) {
    turn.state = changed(turn.state, { roundChanges: without(turn.state.roundChanges, keyOf(best.vote.validator)) });
    lead(turn);
  } else {
    judge(turn, { blockHash, block, fresh: false, round: turn.state.round });
  }
}

type Built = Extract<EngineInput<QbftMessage>, { type: 'built' }>;

/** The host's answer to `build`. A block for a round or a height that is over is of no use. */
export function onBuilt(turn: Turn, { round, parentHash, blockHash, block }: Built): void {
  const { state } = turn;
  if (state.phase !== 'running' || round !== state.round || !equal(parentHash, state.parentHash)) return;
  if (state.leading === null || state.leading.proposed) return;
  turn.state = trustBlock(
    changed(state, { leading: { ...state.leading, proposed: { blockHash, block } } }),
    blockHash,
    block,
  );
  castVote(turn, blockBallot('proposal', round, blockHash));
}

const voteIn = ({ vote }: RoundChange): SignedVote => vote;

const without = <T>(map: ReadonlyMap<string, T>, key: string): ReadonlyMap<string, T> => {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
};
