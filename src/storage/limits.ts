/** Every bound of the storage folder, with its unit last. */
export const STORAGE_LIMITS = {
  /** One key of the chain's state, as UTF-8. */
  stateKeyBytesMax: 1_024,
  /** Keys that one page of `ChainStore.stateKeys` holds. */
  stateKeysMax: 1_000,
  /** Consistent reads (`ChainStore.view`) open at once: each holds old table files back from deletion. */
  openViewsMax: 256,
  /** Rows of the newest state that are remembered, and the bytes of their values. */
  recentRowsMax: 16_384,
  recentRowBytesMax: 33_554_432,
  /** Tree nodes that are remembered: some 300 bytes each. */
  recentNodesMax: 65_536,
  /** Entries that one audit query returns. */
  auditEntriesMax: 1_000,
  /** Rows that one batch of pruning deletes. */
  pruneRowsPerBatch: 1_000,
  /** Blocks that the start-up check reads back, unless told otherwise. */
  verifyBlocksDefault: 16,
  /** What LevelDB gathers in memory and in a log before it writes a table; it may hold two of them. A full block is some 4 MB of scattered keys. */
  writeBufferBytes: 16_777_216,
  /** Bytes of blocks, receipts and certificates, newest first, that the start-up check finds there without a gap: more than LevelDB's logs hold. */
  verifyRecentBytes: 50_331_648,
  /** Table files whose checksums are compared before a database is opened: about a second for each 300 MB. */
  checkedTableBytesMax: 268_435_456,
  /** One consensus signing state: a block, its prepares, and the votes of a height. */
  signingStateBytesMax: 6_291_456,
  /** One blob (a record's ciphertext). */
  blobBytesMax: 4_294_967_296,
  /** Leaves of one blob that are rows of the database: 16 MiB. The rest of a larger one is a file. */
  blobRowLeavesMax: 64,
  /** Bytes of an upload that are written and not yet forced to the disk. */
  blobUnsyncedBytesMax: 16_777_216,
  /** Bytes of one uploader that no registered record names. */
  blobQuotaBytesDefault: 268_435_456,
  /** Uploads running at once; each holds a few chunks in memory. */
  blobUploadsMax: 64,
  /** Streamed bytes after which dead buffers are looked for, and how often only among the young ones. */
  streamGarbageBytes: 2_097_152,
  streamMinorsPerMajor: 2,
  /** Chunks of one upload hashed at once: 4 × 256 KiB of memory. */
  blobChunksInFlight: 4,
  /** Blobs that one call of `expire` deletes. */
  blobExpirePerCall: 64,
  /** One envelope, or one fragment of a grant. */
  envelopeBytesMax: 16_384,
  /** A record or grant id. */
  envelopeIdBytesMax: 64,
  /** One patient's search index: 65,536 entries of 69 bytes, and its name. */
  searchIndexBytesMax: 4_522_112,
  /** One section of an exported chain: a block, certificate or receipts list. */
  carSectionBytesMax: 4_194_304,
  /** The manifest or one of its lists: IPFS tools move blocks of at most 1 MiB. */
  carListBytesMax: 1_048_576,
  /** Heights that one list of the manifest names (at most 125 bytes each). */
  carHeightsPerList: 4_096,
} as const;
