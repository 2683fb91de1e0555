import { assert } from '../base/assert.ts';

/*
 * One decision that concerns several hospitals becomes one transaction under each pseudonym, and the times of those must not pair
 * them. Each waits a delay of its own, uniform in a window, for this reason: an observer who pairs transactions by their distance in
 * time gains by the density of that distance at 0, which for independent delays of density f is ∫ f². Among all f on a window of
 * length W that is least, 1/W, for the uniform one (Cauchy and Schwarz: 1 = (∫ f)² ≤ W · ∫ f²), and no delay exceeds W.
 * What it hides is one decision among the others of the window; several decisions of one person intersect
 * (docs/specification/pseudonyms.md has the measured figures).
 */
const DAY_MS = 86_400_000;
/** How long the last transaction of a decision may wait, unless the person chooses otherwise. */
export const DELAY_WINDOW_MS = 7 * DAY_MS;
export const DELAY_ENTROPY_BYTES = 8;

/**
 * The wait in milliseconds of each of `count` transactions. `entropy`: 8 random bytes for each, never used twice. 64 bits over a
 * window below 2⁴⁰ ms leave a bias below 2⁻²⁴.
 */
export function scheduleDelays(
  entropy: Uint8Array,
  count: number,
  windowMs: number = DELAY_WINDOW_MS,
): readonly number[] {
  assert(entropy.length === count * DELAY_ENTROPY_BYTES, 'each delay has 8 random bytes of its own');
  assert(Number.isSafeInteger(windowMs) && windowMs > 0 && windowMs < 2 ** 40, 'a window of at most 34 years');
  const view = new DataView(entropy.buffer, entropy.byteOffset, entropy.length);
  return Array.from({ length: count }, (_, i) =>
    Number((view.getBigUint64(i * DELAY_ENTROPY_BYTES) * BigInt(windowMs)) >> 64n),
  );
}

/**
 * The end of a grant that is sent at `sentMs` and lasts `durationMs`, rounded up to a whole UTC day. It counts from the transaction's
 * own sending, after its delay, and not from the decision: the same end under two pseudonyms would be a name of the decision, a
 * whole day hardly less than an instant. Durations come from a short list that every device offers, for the same reason.
 */
export const grantEnd = (sentMs: number, durationMs: number): number =>
  Math.ceil((sentMs + durationMs) / DAY_MS) * DAY_MS;
