/** Every bound of this folder, with its unit last. A test names each of them. */
export const CLIENT_LIMITS = {
  /** One answer in JSON. */
  answerBytesMax: 8_388_608,
  /** One block or its receipts. */
  blockAnswerBytesMax: 16_777_216,
  /** One ciphertext that is held in memory: the largest record sealed at once, its padding and its chunk tags. */
  ciphertextBytesMax: 83_886_080,
  /** One ciphertext that is streamed: as much as a hospital takes. */
  streamBytesMax: 4_294_967_296,
  /** One piece of a streamed ciphertext. */
  streamPieceBytes: 262_144,
  /** What a large record earns hospitals in time, to bring it to each other: a second for so many bytes. */
  streamPaceBytes: 1_048_576,
  /** One server-sent event. */
  eventCharactersMax: 4_194_304,
  /** From a request to its head, and between two pieces of a streamed answer. */
  requestTimeoutMs: 30_000,
  /** For the answers that wait for other hospitals: storing a record, handing out fragments. */
  custodyTimeoutMs: 120_000,
  /** From an accepted transaction to its receipt. */
  receiptTimeoutMs: 60_000,
  /** Between two questions for a receipt. */
  receiptPollMs: 150,
  /** Attempts to send one transaction while others of the same account take its nonce. */
  nonceTriesMax: 40,
  /** Heights that a transaction stays valid for. */
  validityHeights: 100,
  /** Gas that a transaction may use unless told otherwise. */
  gasLimitDefault: 600_000,
  /** Staff among whom the secret of an emergency desk is split. */
  deskStaffMax: 16,
  /** Delegating keys (epochs of categories) that one grant covers. */
  grantKeysMax: 256,
  /** A proof of an older block is refused: the chain beats at least every `heartbeatMs`. */
  proofAgeMaxMs: 120_000,
  /** Keys of one request for proofs. */
  proofKeysMax: 32,
  /** Records in the medical index, keywords of one, and hospitals that hold a search index of it. */
  indexedRecordsMax: 8_192,
  keywordsPerRecordMax: 256,
  searchedHospitalsMax: 256,
  /** The medical index as a file. */
  medicalIndexBytesMax: 16_777_216,
  /** One keyword handed to a grantee. */
  searchTokenBytesMax: 1_024,
  /** Before a page that was asked for too soon is asked for again, and how often. */
  pageWaitMs: 1_000,
  pageTriesMax: 60,
  /** Items of one page, and pages of one list. */
  pageItemsMax: 200,
  pagesMax: 1_000,
} as const;
