/** Reads that one `respond` may answer: each may leave one event, and a receipt holds no more (B-16). */
export const ANSWERS_MAX = 64;
/** One share, as it is committed. */
export const SHARE_BYTES_MAX = 4_096;
/** Fragments that one holder got with one grant: a claim that names them all fits a transaction. */
export const FRAGMENT_IDS_MAX = 256;
/** Entries of each queue that the end of one block takes, beside as many as joined it in that block: so no backlog grows for ever. */
export const SWEEP_ENTRIES_MAX = 64;
/** How long a closed evaluation stays in the state: time to prove how it ended. */
export const KEPT_MS = 7 * 86_400_000;
/** Evaluations of one owner and one reader that move reputations within `PAIR_WINDOW_MS`. */
export const PAIR_RATINGS_MAX = 8;
export const PAIR_WINDOW_MS = 86_400_000;
