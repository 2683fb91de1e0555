import type { Engine, Vote } from '../engine.ts';
import { decodeSigningState, isForgotten, isRecorded, mayClash } from '../signing-state.ts';
import { decodeMessage, type QbftMessage } from './messages.ts';
import { QBFT_RULES } from './numbered-rules.ts';
import { headOf, initialState, newestVotes, type QbftState } from './state.ts';
import { step } from './step.ts';

export type { QbftMessage } from './messages.ts';
export { QBFT_RULES } from './numbered-rules.ts';
export type { QbftState } from './state.ts';

/** QBFT-11: the host signs what the durable state holds, and nothing that contradicts it. */
function permits(signingState: Uint8Array, vote: Vote): boolean {
  const read = decodeSigningState(signingState);
  return read.ok && vote.engine === 'qbft' && isRecorded(read.value, vote) && !mayClash(read.value, vote);
}

/** QBFT-11: a state that does not decode has forgotten everything. */
function forgets(signingState: Uint8Array | null, vote: Vote): boolean {
  const read = signingState === null ? null : decodeSigningState(signingState);
  return !read?.ok || isForgotten(read.value, vote);
}

/** QBFT: one block a height, final when committed. `docs/specification/consensus-qbft.md` numbers its rules. */
export const qbft: Engine<QbftState, QbftMessage> = {
  name: 'qbft',
  finality: 'certificate',
  rules: QBFT_RULES,
  initial: initialState,
  step,
  decodeMessage,
  head: headOf,
  permits,
  newestVotes,
  forgets,
};
