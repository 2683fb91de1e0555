import type { EngineName } from '../../consensus/engine.ts';
import { type Alter, altered, shameless } from './altered.ts';
import type { MakeBehaviour, Traitor } from './behaviour.ts';
import { lyingCliqueVoter } from './clique/voter.ts';
import { lyingQbftVoter } from './qbft/voter.ts';
import { lyingSimplexVoter } from './simplex/voter.ts';

const HOW: { readonly [Name in EngineName]: (traitor: Traitor) => Alter } = {
  qbft: lyingQbftVoter,
  simplex: lyingSimplexVoter,
  clique: lyingCliqueVoter,
};

/** Lies about what others voted for and what it saw: round changes in qbft, certificates in simplex, heads and parents in clique. */
export const lyingVoter: MakeBehaviour = (traitor) => ({
  engine: (engine) => shameless(altered(engine, HOW[engine.name](traitor))),
});
