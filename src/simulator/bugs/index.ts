import type { Bug, PlantedBug } from './bug.ts';
import { CLIQUE_BUGS } from './clique.ts';
import { QBFT_BUGS } from './qbft.ts';
import { QBFT_JUSTIFICATION_BUGS } from './qbft-justification.ts';
import { SEEDS } from './seeds.ts';
import { SHARED_BUGS } from './shared.ts';
import { SIMPLEX_BUGS } from './simplex.ts';

export type { PlantedBug } from './bug.ts';

const BUGS: readonly Bug[] = [
  ...QBFT_BUGS,
  ...QBFT_JUSTIFICATION_BUGS,
  ...SIMPLEX_BUGS,
  ...CLIQUE_BUGS,
  ...SHARED_BUGS,
];

/** Everything that can be planted, one at a time. */
export const PLANTED_BUGS: readonly PlantedBug[] = BUGS.map((bug) => ({ ...bug, seed: SEEDS[bug.name] ?? null }));
