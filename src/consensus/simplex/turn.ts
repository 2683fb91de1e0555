import type { Address, Height } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import type { EngineEffect, Vote } from '../engine.ts';
import { keyOf } from '../key.ts';
import { NO_BLOCK, voteOf } from '../vote.ts';
import { encodeMessage, type SimplexMessage } from './messages.ts';
import { mayCast, type SimplexBallot, withVoteCast } from './own-votes.ts';
import type { SimplexRule } from './rules.ts';
import { encodeSigningState, type LockedBlock } from './signing-state.ts';
import { changed, knownBlock, maySign, type SimplexState } from './state.ts';

/** One call of `step` under way: the state as it stands and the effects so far. It does not outlive the call. */
export interface Turn {
  state: SimplexState;
  readonly effects: EngineEffect[];
  readonly rules: Set<SimplexRule>;
  /** The peer whose message this is, if it is one: whoever named something to us is the first to be asked for it. */
  from: Address | null;
}

/**
 * Asks for a vote, unless one that was cast before forbids it (SIMPLEX-11). The vote is durable, together with the locked blocks,
 * before the key touches it (SIMPLEX-10). True where it was asked for.
 */
export function castVote(turn: Turn, ballot: SimplexBallot): boolean {
  const { state } = turn;
  if (!maySign(state)) return false;
  turn.rules.add('SIMPLEX-11');
  if (!mayCast(state.own, state.epoch, ballot)) return false;
  turn.state = changed(state, { own: withVoteCast(state.own, state.epoch, ballot) });
  turn.rules.add('SIMPLEX-10').add('SIMPLEX-2');
  const payload = payloadOf(turn.state, ballot);
  turn.effects.push({ type: 'persist', height: payload.height, signingState: signingStateOf(turn.state) });
  turn.effects.push({ type: 'sign', payload });
  return true;
}

/** SIMPLEX-2: a vote for a block signs the block's height, a nullify vote the epoch. */
const payloadOf = ({ config, epoch }: SimplexState, ballot: SimplexBallot): Vote =>
  ballot.type === 'nullify'
    ? votePayload(config, 'nullify', ballot.view, epoch, NO_BLOCK)
    : votePayload(config, ballot.type, ballot.view, ballot.height, ballot.blockHash);

export const votePayload = (
  { chainId }: Pick<SimplexState['config'], 'chainId'>,
  type: string,
  view: Vote['round'],
  height: Height,
  blockHash: Vote['blockHash'],
): Vote =>
  voteOf({ chainId, engine: 'simplex' }, height, {
    round: view,
    type,
    blockHash,
    preparedRound: null,
    preparedHash: null,
  });

const signingStateOf = (state: SimplexState): Uint8Array => {
  const blocks = lockedBlocks(state);
  return encodeSigningState({
    own: state.own,
    lock: state.lock === null || blocks.length === 0 ? null : { notarisation: state.lock, blocks },
  });
};

/** The locked block and those below it that are not durable yet, lowest first. */
function lockedBlocks(state: SimplexState): readonly LockedBlock[] {
  const chain: LockedBlock[] = [];
  for (let at = state.lock?.blockHash; at !== undefined; ) {
    const known = knownBlock(state, at);
    if (known === undefined || known.height <= state.root.height) break;
    chain.unshift({ hash: known.hash, parentHash: known.parentHash, block: known.block });
    at = known.parentHash;
  }
  return chain;
}

export function broadcast(turn: Turn, message: SimplexMessage): void {
  turn.effects.push({ type: 'broadcast', message: encodeMessage(message) });
}

export function send(turn: Turn, to: Address, message: SimplexMessage): void {
  const { self } = turn.state.config;
  if (self !== null && equal(self, to)) return;
  turn.effects.push({ type: 'send', to, message: encodeMessage(message) });
}

/** Our id as the maps spell it; the empty text for an observer, which is no key of any map. */
export const selfKey = ({ config }: SimplexState): string => (config.self === null ? '' : keyOf(config.self));
