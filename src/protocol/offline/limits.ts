/** Every bound on a proof file, with its unit last. */
export const PROOF_LIMITS = {
  fileBytesMax: 8_388_608,
  statementsMax: 64,
  handoversMax: 256,
  /** Rows of the state that one statement shows. */
  rowsMax: 64,
  /** A key of the state, in UTF-16 units. */
  keyUnitsMax: 256,
  /** A value of the state: the longest is the text of the policies. */
  valueBytesMax: 262_144,
} as const;
