/** Reads that one `respond` may answer: each may leave one event, and a receipt holds no more (B-16). */
export const ANSWERS_MAX = 64;
/** One share, as it is committed. */
export const SHARE_BYTES_MAX = 4_096;
/** Fragments that one holder got with one grant: a claim that names them all fits a transaction. */
export const FRAGMENT_IDS_MAX = 256;
/** Entries of each queue that the end of one block takes. */
export const SWEEP_ENTRIES_MAX = 64;
