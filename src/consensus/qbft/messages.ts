import { equal } from '../../base/bytes.ts';
import { type Canonical, decode, encode } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Result, refuse } from '../../base/result.ts';
import * as shape from '../../base/shape.ts';
import type { DecodeCode } from '../codes.ts';
import { NO_BLOCK, type SignedVote, signedVoteShape } from '../vote.ts';

/** The leader's block. In a round above 0 it shows a quorum of round changes, and the prepares of the block it must repeat. */
export interface Proposal {
  readonly type: 'proposal';
  readonly vote: SignedVote;
  readonly block: Uint8Array;
  readonly roundChanges: readonly SignedVote[];
  readonly prepares: readonly SignedVote[];
}
export interface Prepare {
  readonly type: 'prepare';
  readonly vote: SignedVote;
}
export interface Commit {
  readonly type: 'commit';
  readonly vote: SignedVote;
}
/** "I left the rounds below `vote.round`, and this is the last block I prepared." */
export interface RoundChange {
  readonly type: 'round-change';
  readonly vote: SignedVote;
  readonly block: Uint8Array | null;
  readonly prepares: readonly SignedVote[];
}
export type QbftMessage = Proposal | Prepare | Commit | RoundChange;

const vote = signedVoteShape;
const block = shape.bytes(0, LIMITS.blockBytesMax);
const votes = shape.list(signedVoteShape, LIMITS.validatorsMax);

const SHAPES: { readonly [Type in QbftMessage['type']]: shape.Shape<Extract<QbftMessage, { type: Type }>> } = {
  proposal: shape.struct({ type: shape.oneOf('proposal'), vote, block, roundChanges: votes, prepares: votes }),
  prepare: shape.struct({ type: shape.oneOf('prepare'), vote }),
  commit: shape.struct({ type: shape.oneOf('commit'), vote }),
  'round-change': shape.struct({
    type: shape.oneOf('round-change'),
    vote,
    block: shape.nullable(block),
    prepares: votes,
  }),
};

const typeShape = shape.oneOf('proposal', 'prepare', 'commit', 'round-change');

export const encodeMessage = (message: QbftMessage): Uint8Array => encode(message as unknown as Canonical);

/** Form only: signatures, membership and justification are the engine's to judge (QBFT-3). */
export function decodeMessage(bytes: Uint8Array): Result<QbftMessage, DecodeCode> {
  const value = decode(bytes, LIMITS.consensusMessageBytesMax);
  if (!value.ok) return value;
  const map = shape.anyMap(value.value, '');
  if (!map.ok) return map;
  const type = typeShape(map.value.type, 'type');
  if (!type.ok) return type;
  const message: Result<QbftMessage, DecodeCode> = SHAPES[type.value](map.value, '');
  if (!message.ok) return message;
  if (message.value.vote.type !== message.value.type) return refuse('consensus-message.wrong-type');
  return allVotes(message.value).every(hasForm) ? message : refuse('consensus-vote.wrong-form');
}

function allVotes(message: QbftMessage): readonly SignedVote[] {
  if (message.type === 'proposal') return [message.vote, ...message.roundChanges, ...message.prepares];
  return message.type === 'round-change' ? [message.vote, ...message.prepares] : [message.vote];
}

/** QBFT-2: a round change names no block and an earlier prepared round or none; every other vote names a block only. */
function hasForm(vote: SignedVote): boolean {
  const namesBlock = !equal(vote.blockHash, NO_BLOCK);
  if (vote.type !== 'round-change') return namesBlock && vote.preparedRound === null && vote.preparedHash === null;
  if (namesBlock || vote.round === 0) return false;
  if (vote.preparedRound === null) return vote.preparedHash === null;
  return vote.preparedHash !== null && vote.preparedRound < vote.round;
}
