/** Bounds on a file of vectors: whatever it holds, its check ends. */
export const VECTORS_LIMITS = {
  /** The file. */
  fileBytesMax: 4_194_304,
  /** Suites of one file. */
  suitesMax: 1_024,
  /** Cfrags taken together over all combinations that are tried of one suite. */
  combinedSharesMax: 1_024,
  /** Combinations that are tried of one suite, beside the neighbours that are always tried. */
  combinationsMax: 256,
} as const;
