/** Every bound that this folder enforces on input, with its unit last. A test names each of them. */
export const CRYPTO_LIMITS = {
  /** Chunks of one record: 2³⁸ is 4 PiB (C2SP chunked-encryption, "Message chunking"). */
  recordChunksMax: 2 ** 38,
  /** Plaintext that `sealRecord` and `openRecord` hold in memory at once; larger records are streamed. */
  recordAtOnceBytesMax: 67_108_864,
  /** The opaque id of a category, or of its delegating key. */
  categoryBytesMax: 64,
  /** The bytes that name a grant. */
  grantIdBytesMax: 64,
  /** Versions of one record, and epochs of one category. */
  versionMax: 0xffff_ffff,
  /** One encoded envelope. */
  envelopeBytesMax: 1_024,
  /** One encoded fragment. */
  fragmentBytesMax: 1_024,
  /** One encoded share: a fragment, sealed once more. */
  shareBytesMax: 2_048,
  /** Fragments of one grant, and cfrags of one combination, in Umbral itself; a grant on chain has fewer holders. */
  umbralSharesMax: 255,
  /** The text of a key file. */
  keyFileCharactersMax: 8_192,
  /** What a key file protects. */
  keyFilePayloadBytesMax: 2_048,
  /** scrypt's cost: memory is 128 · N · r bytes, so 256 MiB at the top of both ranges. */
  scryptCostMin: 16_384,
  scryptCostMax: 131_072,
  scryptBlockSizeMax: 16,
  scryptParallelismMax: 4,
  /** Hospitals that hold a share of the handle key. */
  handleHoldersMax: 32,
  /** An identifier, as its issuer writes it. */
  identifierCharactersMax: 128,
  /** A keyword, normalised. */
  keywordCharactersMax: 128,
  /** Keywords of one search index, and postings of one keyword. */
  indexKeywordsMax: 4_096,
  postingsMax: 4_096,
  /** Entries of one search index, padding included. */
  indexEntriesMax: 65_536,
  /** One handshake message, and one message of a session. */
  handshakeBytesMax: 1_024,
  sessionMessageBytesMax: 1_048_576,
  /** Messages in one direction of a session, renewals included. */
  sessionMessagesMax: 1_048_576,
  /** Guardians of one person, and hospitals that keep the other half. */
  guardiansMax: 16,
  /** What hospitals keep of one purpose: three sealed roots. */
  sealedRootsBytesMax: 1_024,
  /** A letter to a guardian: lists and commitments of sixteen and sixteen. */
  guardianLetterBytesMax: 4_096,
} as const;
