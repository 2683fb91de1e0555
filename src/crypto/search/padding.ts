import { assert } from '../../base/assert.ts';

/**
 * How many entries a list of postings takes: what the node counts when it matches a trapdoor. docs/specification/search.md shows
 * what each gives away, measured.
 */
export type Padding = 'none' | 'power-of-two' | 'coarse';

/** What devices use. */
export const DEVICE_PADDING: Padding = 'coarse';

/** Steps of `coarse`: short lists look alike, and long ones nearly so. */
export const COARSE_STEP_MIN = 8;
const COARSE_FACTOR = 4;

export function paddedLength(postings: number, padding: Padding): number {
  assert(Number.isSafeInteger(postings) && postings > 0, 'a list holds postings');
  switch (padding) {
    case 'none':
      return postings;
    case 'power-of-two':
      return stepAtLeast(postings, 1, 2);
    case 'coarse':
      return stepAtLeast(postings, COARSE_STEP_MIN, COARSE_FACTOR);
  }
}

function stepAtLeast(postings: number, first: number, factor: number): number {
  let step = first;
  while (step < postings) step *= factor;
  return step;
}
