/** Bounds on one question about who could read what. */
export const CAN_LIMITS = {
  /** Rows that one page looks through. Each costs a few look-ups; a candidate costs a decision for each purpose. */
  scannedRowsMax: 256,
} as const;
