/** Every bound of the engine. */
export const CLIQUE_LIMITS = {
  /** Blocks that confirm one: a certificate has room for as many acknowledgements (CLIQUE-12). */
  confirmationDepthMax: 60,
  /** Blocks with an unknown parent that wait for it, and the bytes they may hold; beyond, only their seals wait. */
  orphansMax: 256,
  orphanBytesMax: 8_388_608,
  /** Parents that may be claimed for one unjudged block: the claim is not signed. */
  claimsMax: 2,
  /** Blocks of one validator at one height and difficulty that are taken up unasked. */
  blocksPerPlaceMax: 2,
  /** Verdicts outstanding on blocks that are held to the clock: fewer than a host lets wait, so that it refuses none for lack of room. */
  freshVerdictsMax: 6,
  /** Blocks asked for, and answers to one peer, between two announcements of the head. */
  requestsMax: 256,
  answersMax: 256,
  peersMax: 256,
  /** Places whose first seal is remembered, and offences reported. */
  placesMax: 2_048,
  evidenceMax: 64,
  /** Blocks in one signing state. */
  branchBytesMax: 3_145_728,
} as const;

/** Unfinal blocks held, and how far above the head a seal may be before we sync instead. */
export const windowOf = (confirmationDepth: number): number => 4 * confirmationDepth + 64;

/** Confirmed blocks remembered: where a reversal is noticed, and a peer that is late finds its parents. */
export const pastOf = (confirmationDepth: number): number => 2 * confirmationDepth + 32;

/** What a new set's first block adds to the total difficulty, so that its seals lie above every acknowledgement of the old one (CLIQUE-12). */
export const EPOCH_DIFFICULTY = 2 ** 20;
