import type { EngineName } from '../../consensus/engine.ts';
import { type Alter, altered, shameless } from './altered.ts';
import type { MakeBehaviour, Traitor } from './behaviour.ts';
import { forgingCliqueSealer } from './clique/leader.ts';
import { forgingQbftLeader } from './qbft/leader.ts';
import { forgingSimplexLeader } from './simplex/leader.ts';

const HOW: { readonly [Name in EngineName]: (traitor: Traitor) => Alter } = {
  qbft: forgingQbftLeader,
  simplex: forgingSimplexLeader,
  clique: forgingCliqueSealer,
};

/** Leads where and when it may not: with blocks that nothing justifies, and with justifications of its own making. */
export const forgingLeader: MakeBehaviour = (traitor) => ({
  engine: (engine) => shameless(altered(engine, HOW[engine.name](traitor))),
});
