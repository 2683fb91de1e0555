import { clique } from './clique/index.ts';
import type { Engine, EngineName } from './engine.ts';
import { qbft } from './qbft/index.ts';
import { simplex } from './simplex/index.ts';

/** An engine whose state and messages only itself looks into. */
export type AnyEngine = Engine<unknown, unknown>;

const ENGINES: { readonly [Name in EngineName]: AnyEngine } = {
  qbft: qbft as AnyEngine,
  simplex: simplex as unknown as AnyEngine,
  clique: clique as unknown as AnyEngine,
};

export const engineOf = (name: EngineName): AnyEngine => ENGINES[name];
