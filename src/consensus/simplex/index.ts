import type { Engine } from '../engine.ts';
import { headOf } from './ladder.ts';
import { decodeMessage, type SimplexMessage } from './messages.ts';
import { SIMPLEX_RULES } from './rules.ts';
import { forgets, permits } from './signing-state.ts';
import { initialState, newestVotes, type SimplexState } from './state.ts';
import { step } from './step.ts';

export type { SimplexMessage } from './messages.ts';
export type { SimplexState } from './state.ts';

/** Simplex: two hops to notarise, three to finalise. `docs/specification/consensus-simplex.md` numbers its rules. */
export const simplex: Engine<SimplexState, SimplexMessage> = {
  name: 'simplex',
  finality: 'certificate',
  rules: SIMPLEX_RULES,
  initial: initialState,
  step,
  decodeMessage,
  head: headOf,
  permits,
  newestVotes,
  forgets,
};
