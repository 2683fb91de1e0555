import type { Engine } from '../engine.ts';
import { type CliqueMessage, decodeMessage, fromSync } from './messages.ts';
import { permits } from './signing.ts';
import { type CliqueState, headOf, initialState } from './state.ts';
import { step } from './step.ts';

export { type CliqueMessage, encodeBlockMessage } from './messages.ts';
export { type CliqueState, deepestReversalOf } from './state.ts';

/** Clique: hospitals seal in turn, chains fork, depth confirms. Not final. `docs/specification/consensus-clique.md` numbers its rules. */
export const clique: Engine<CliqueState, CliqueMessage> = {
  name: 'clique',
  finality: 'depth',
  rules: Array.from({ length: 14 }, (_, i) => `CLIQUE-${i + 1}`),
  initial: initialState,
  step,
  decodeMessage,
  head: headOf,
  fromSync,
  permits,
  // Seals stand in the blocks themselves, and blocks are asked for anyway.
  newestVotes: () => [],
  forgets: () => false,
};
