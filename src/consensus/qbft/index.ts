import type { Engine, Vote } from '../engine.ts';
import { decodeSigningState, isRecorded, mayClash } from '../signing-state.ts';
import { decodeMessage, type QbftMessage } from './messages.ts';
import { QBFT_RULES } from './numbered-rules.ts';
import { headOf, initialState, type QbftState } from './state.ts';
import { step } from './step.ts';

export type { QbftMessage } from './messages.ts';
export { QBFT_RULES } from './numbered-rules.ts';
export type { QbftState } from './state.ts';

/** QBFT-11: the host signs what the durable state holds, and nothing that contradicts it. */
function permits(signingState: Uint8Array, vote: Vote): boolean {
  const read = decodeSigningState(signingState);
  return read.ok && vote.engine === 'qbft' && isRecorded(read.value, vote) && !mayClash(read.value, vote);
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
};
