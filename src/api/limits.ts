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
  /** Fragments in one request: holders × records. */
  fragmentsMax: 4_096,
  /** One uploaded ciphertext. */
  uploadBytesMax: 1_073_741_824,
  uploadsMax: 32,
  uploadsPerKeyMax: 4,

  /** State keys that one request may ask proofs for. */
  proofKeysMax: 32,
  stateKeyCharactersMax: 256,

  pageItemsDefault: 50,
  pageItemsMax: 200,
  /** Audit lines that one question to the node brings, and that one page of requests looks through. */
  trailLinesMax: 1_000,
  requestScanLinesMax: 800,

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
  /** A whole request with its body: an upload of the largest size at 2 MiB/s. */
  requestTimeoutMs: 600_000,
  keepAliveTimeoutMs: 10_000,
  pathParameterCharactersMax: 128,
  /** What a refusal for overload asks a client to wait. */
  retryAfterSeconds: 1,
} as const;
export type ApiLimits = { readonly [Name in keyof typeof API_LIMITS]: number };
