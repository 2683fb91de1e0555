import type { Address, Hash, Round } from '../../base/brand.ts';
import type { EngineEffect, Vote } from '../engine.ts';
import { keyOf } from '../key.ts';
import { type Ballot, digestOf as digestOfVote, type SignedVote, voteOf } from '../vote.ts';
import { type CliqueMessage, encodeMessage } from './messages.ts';
import { type CliqueState, changed } from './state.ts';

/** One call of `step` under way: the state as it stands, the effects and the rules so far. It does not outlive the call. */
export interface Turn {
  state: CliqueState;
  readonly effects: EngineEffect[];
  readonly rules: Set<string>;
}

export const note = (turn: Turn, rule: number): void => {
  turn.rules.add(`CLIQUE-${rule}`);
};

export const change = (turn: Turn, changes: Partial<CliqueState>): void => {
  turn.state = changed(turn.state, changes);
};

export const broadcast = (turn: Turn, message: CliqueMessage): void => {
  turn.effects.push({ type: 'broadcast', message: encodeMessage(message) });
};

export const send = (turn: Turn, to: Address, message: CliqueMessage): void => {
  turn.effects.push({ type: 'send', to, message: encodeMessage(message) });
};

export const payloadOf = ({ config }: CliqueState, vote: Pick<SignedVote, 'height'> & Ballot): Vote =>
  voteOf({ chainId: config.chainId, engine: 'clique' }, vote.height, vote);

export const digestOf = (state: CliqueState, vote: Pick<SignedVote, 'height'> & Ballot): Hash =>
  digestOfVote(state.config.primitives, { chainId: state.config.chainId, engine: 'clique' }, vote);

/** What a seal stands for in the tree: its block, or an acknowledgement by the digest of its vote. */
export const idOf = (state: CliqueState, seal: SignedVote): Hash =>
  seal.type === 'ack' ? digestOf(state, seal) : seal.blockHash;

export const ballotOf = (type: 'seal' | 'ack', round: number, blockHash: Hash, preparedHash: Hash | null): Ballot => ({
  round: round as Round,
  type,
  blockHash,
  preparedRound: null,
  preparedHash,
});

/** Two seals of one place are a double seal (CLIQUE-11). */
export const placeOf = ({ validator, height, round, type }: SignedVote): string =>
  `${keyOf(validator)} ${height} ${round} ${type}`;
