import { VECTORS_LIMITS } from './limits.ts';

/**
 * Choices of `size` of the indices 0 … count − 1, in lexicographic order: all of them where they are few, else as many as the
 * limits allow. That the others open as well follows from the check that every neighbourhood of fragments lies on one
 * polynomial (`polynomial.ts`).
 */
export function combinations(count: number, size: number): readonly (readonly number[])[] {
  const { combinationsMax, combinedSharesMax } = VECTORS_LIMITS;
  const most = Math.max(1, Math.min(combinationsMax, Math.floor(combinedSharesMax / size)));
  const found: (readonly number[])[] = [];
  let choice: readonly number[] | undefined = Array.from({ length: size }, (_, i) => i);
  while (choice !== undefined && found.length < most) {
    found.push(choice);
    choice = nextChoice(choice, count);
  }
  // The order above changes the last indices first: the last choice of all brings in the others.
  return [...found, Array.from({ length: size }, (_, i) => count - size + i)];
}

/** The next choice: the last index that can grow does, and those behind it follow closely. */
function nextChoice(choice: readonly number[], count: number): readonly number[] | undefined {
  const size = choice.length;
  const at = choice.findLastIndex((value, i) => value < count - size + i);
  if (at < 0) return undefined;
  const grown = (choice[at] as number) + 1;
  return choice.map((value, i) => (i < at ? value : grown + i - at));
}
