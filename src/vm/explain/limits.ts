/** How much an explanation says. What is longer is cut, and says so. */
export const EXPLAIN_LIMITS = {
  /** An explanation evaluates again what it explains: it may spend so many times the gas limit of the decision. */
  gasFactor: 8,
  /** Values of one clause. */
  valuesMax: 8,
  /** Clauses of a forbid that one sentence names. */
  heldMax: 4,
  /** Weight of a value that is shown in full; of a heavier one, only its size. */
  valueWeightMax: 64,
  /** A value or a clause as text, in UTF-16 units. */
  textMax: 240,
} as const;
