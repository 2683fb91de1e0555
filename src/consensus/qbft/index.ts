import type { Engine } from '../engine.ts';
import { decodeMessage, type QbftMessage } from './messages.ts';
import { initialState, type QbftState } from './state.ts';
import { step } from './step.ts';

export type { QbftMessage } from './messages.ts';
export type { QbftState } from './state.ts';

/** QBFT: one block a height, final when committed. `docs/specification/consensus-qbft.md` numbers its rules. */
export const qbft: Engine<QbftState, QbftMessage> = { name: 'qbft', initial: initialState, step, decodeMessage };
