/** Every bound on input that the pure core enforces, with its unit last. A test names each of them. */
export const LIMITS = {
  /** Nesting of one canonical value. */
  encodingDepthMax: 16,
  /** Values (of any kind) in one canonical message. */
  encodingItemsMax: 200_000,
  /** One signed transaction. */
  transactionBytesMax: 16_384,
  /** One block: header, transactions, evidence. */
  blockBytesMax: 2_097_152,
  /** Transactions in one block. */
  blockTransactionsMax: 4_096,
  /** One consensus message: a proposal carries a block and its justification. */
  consensusMessageBytesMax: 4_194_304,
  /** Members of a validator set. */
  validatorsMax: 64,
  /** The genesis file. */
  genesisBytesMax: 1_048_576,
  /** Policies in the consortium's set. */
  policiesMax: 256,
  /** The text of one policy set. */
  policyTextBytesMax: 65_536,
  /** Categories that one grant may name. */
  grantCategoriesMax: 16,
  /** Holders that one grant may name, and storage receipts of one record. */
  holdersMax: 32,
  /** Purposes that one grant may list. */
  purposesMax: 16,
} as const;
