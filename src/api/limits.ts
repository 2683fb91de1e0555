/** Every bound of the API, with its unit last. */
export const API_LIMITS = {
  /** A JSON body, unless its route says less. */
  jsonBodyBytesMax: 1_048_576,
  /** One signed transaction in hexadecimal, and the JSON around it. */
  transactionBodyBytesMax: 33_280,
  /** A batch of signed transactions. */
  batchBytesMax: 1_048_576,
  batchTransactionsMax: 4_096,
  /** A record, its envelope and salt in hexadecimal. */
  storageBodyBytesMax: 65_536,
  /** One patient's search index: 65,536 entries of 69 bytes, and its name. */
  searchIndexBytesMax: 4_522_112,
  /** Bytes of an index that one token of an address's rate pays for, and tokens that one search costs. */
  searchIndexBytesPerToken: 4_096,
  searchTokens: 64,
  /** A trapdoor, as JSON. */
  trapdoorBodyBytesMax: 1_024,
  /** Fragments in one request: holders × delegating keys. */
  fragmentsMax: 4_096,
  /** Fragments that one holder gets with one grant. */
  holderFragmentsMax: 256,
  /** One uploaded ciphertext. */
  uploadBytesMax: 4_294_967_296,
  /** An upload is ended once it lasts longer than this and a second for each `uploadPaceBytes` that have come. */
  uploadGraceMs: 60_000,
  uploadPaceBytes: 1_048_576,
  uploadCheckMs: 2_000,
  uploadsMax: 32,
  uploadsPerKeyMax: 4,

  /** Tokens of an address's rate that a handshake of a session costs, and one handle: each makes the hospital multiply points. */
  sessionTokens: 32,
  handleTokens: 16,
  /** A blinded identifier or a handle, as JSON. */
  handleBodyBytesMax: 512,

  /** State keys that one request may ask proofs for. */
  proofKeysMax: 32,
  stateKeyCharactersMax: 256,

  pageItemsDefault: 50,
  pageItemsMax: 200,
  /** Audit lines that one question to the node brings, and that one page of requests looks through. */
  trailLinesMax: 1_000,
  requestScanLinesMax: 800,

  /** Pages of who could read what that are looked up at once: in all, and for one key. */
  canPagesMax: 4,
  canPagesPerKeyMax: 1,
  /** Rows of such a page between which nothing else is done, and rows that one token of an address's rate pays for. */
  canRowsAtOnce: 8,
  canRowsPerToken: 4,

  /** Offences that the status tells, the newest ones. */
  offencesMax: 32,

  /** Clients of the event stream, all together and from one address. */
  listenersMax: 512,
  listenersPerAddressMax: 128,
  /** How far behind a slow or returning listener is still told of each block. */
  replayBlocksMax: 256,
  /** Blocks remembered for listeners who keep up. */
  recentBlocksMax: 32,
  heartbeatMs: 15_000,

  /** Keys and addresses whose rate is remembered. */
  rateKeysMax: 16_384,
  /** Nonces of signed requests remembered within their window: of all members, of one, and of all other keys together. */
  nonceMemoryMax: 200_000,
  noncesPerKeyMax: 25_000,
  strangerNoncesMax: 16_384,

  connectionsMax: 2_048,
  headersTimeoutMs: 10_000,
  /** How often open connections are held to their timeouts. */
  connectionCheckMs: 2_000,
  /** A whole request with its body: an upload of the largest size at its slowest pace. */
  requestTimeoutMs: 4_200_000,
  /** A body that is held in memory has come by then. */
  bodyTimeoutMs: 60_000,
  keepAliveTimeoutMs: 10_000,
  pathParameterCharactersMax: 128,
  /** What a refusal for overload asks a client to wait. */
  retryAfterSeconds: 1,
} as const;
export type ApiLimits = { readonly [Name in keyof typeof API_LIMITS]: number };
