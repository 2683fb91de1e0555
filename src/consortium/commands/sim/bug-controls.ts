import type { Ground } from '../../../simulator/bugs/hunt.ts';
import { inLanes, work } from './bug-lanes.ts';
import type { Hunted } from './bugs.ts';

/** Seeds that a thread is given at a time. */
const SHARE_SEEDS = 40;

const keyOf = ({ engine, plan }: Ground): string => `${engine} ${plan?.validators} ${plan?.heights} ${plan?.ambush}`;

/** Runs every seed that was run with a bug once without any; answers which of them fail all the same. Bugs of one engine share them. */
export async function controlsOf(
  hunted: readonly Hunted[],
  jobs: number,
): Promise<(bug: Ground, seed: number) => boolean> {
  const grounds = new Map<string, { readonly ground: Ground; readonly seeds: Set<number> }>();
  for (const { bug, ran } of hunted) {
    const { engine, plan } = bug;
    const shared = grounds.get(keyOf(bug)) ?? { ground: { engine, ...(plan && { plan }) }, seeds: new Set<number>() };
    grounds.set(keyOf(bug), shared);
    for (const seed of ran) shared.seeds.add(seed);
  }
  const shares = [...grounds.values()].flatMap(({ ground, seeds }) => {
    const sorted = [...seeds].sort((a, b) => a - b);
    const starts = Array.from({ length: Math.ceil(sorted.length / SHARE_SEEDS) }, (_, i) => i * SHARE_SEEDS);
    return starts.map((from) => ({ ground, seeds: sorted.slice(from, from + SHARE_SEEDS) }));
  });
  const failing = new Set<string>();
  await inLanes(shares, jobs, async ({ ground, seeds }) => {
    const { finds } = await work({ patch: null, ground, seeds, untilFound: false });
    for (const { seed } of finds) failing.add(`${keyOf(ground)} ${seed}`);
  });
  return (bug, seed) => failing.has(`${keyOf(bug)} ${seed}`);
}
