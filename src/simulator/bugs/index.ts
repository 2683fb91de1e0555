import type { PlantedBug } from './bug.ts';
import { CLIQUE_BUGS } from './clique.ts';
import { QBFT_BUGS } from './qbft.ts';
import { SHARED_BUGS } from './shared.ts';
import { SIMPLEX_BUGS } from './simplex.ts';

export type { PlantedBug } from './bug.ts';

/** Everything that can be planted, one at a time. */
export const PLANTED_BUGS: readonly PlantedBug[] = [...QBFT_BUGS, ...SIMPLEX_BUGS, ...CLIQUE_BUGS, ...SHARED_BUGS];
