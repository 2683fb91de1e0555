import { REQUEST_LIMITS } from '../network/limits.ts';

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Every bound of the node folder, with its unit last. */
export const NODE_LIMITS = {
  /** node.json, and keys.json. */
  fileBytesMax: 64 * KIB,
  /** Effects that wait for the disk: beyond, messages of peers are dropped and clients are told to come back. */
  effectsMax: 65_536,
  /** Final blocks whose consequences off the chain are still to come. */
  afterCommitBlocksMax: 1_024,
  /** Calls of `submit` that wait for their answer. */
  submitsMax: 1_024,
  /** Blocks that one subscriber may be behind before it is dropped. */
  subscriberEventsMax: 256,
  subscribersMax: 1_024,
  /** One ciphertext: what a single answer to a blob request can carry, chunks counted. */
  ciphertextBytesMax: REQUEST_LIMITS.blob.answerBytesMax - MIB,
  /** Fragments that one grant gives one holder: they travel in one request of at most 1 MiB. */
  fragmentsPerGrantMax: 256,
  /** Grants whose fragments are kept although no block holds the grant yet. */
  pendingGrantsMax: 10_000,
  /** Those of them that one other hospital sent. */
  pendingGrantsPerHospitalMax: 500,
  /** Those of them that are for one patient's records: by this hospital's own clients, and by each other hospital. */
  pendingGrantsPerPatientMax: 32,
  /** How long such fragments wait for their grant, where the chain's uploads may wait longer. */
  pendingGrantHeightsMax: 600,
  /** Fragments that each block looks at again, and grants whose fragments it erases because they ended by themselves. */
  tendedFragmentsPerBlock: 256,
  erasedGrantsPerBlock: 16,
  /** Fragments that are verified before the event loop gets its turn: some 8 ms. */
  verifiedFragmentsAtOnce: 8,
  /** Envelopes that are kept, each with a receipt, for one upload that no record names yet. */
  envelopesPerUploadMax: 8,
  /** Registered records whose bytes are missing here and looked for at once; the rest is found by the next scan. */
  missingRecordsMax: 4_096,
  /** Records fetched side by side in the background. */
  fetchesAtOnce: 4,
  /** Requests of one kind under way to one peer: half of what the peer allows, since a stream lingers after its answer. */
  requestsPerPeer: 2,
  /** Requests that wait for their turn to one peer. */
  requestsWaitingMax: 256,
  /** Keys read at once while the state is scanned. */
  scanPageKeys: 512,
  statusTimeoutMs: 5_000,
  blocksTimeoutMs: 10_000,
  /** Beside what its bytes earn (`paceBytesPerSecond`). */
  blobTimeoutMs: 120_000,
  envelopeTimeoutMs: 10_000,
  /** Storing a record at another hospital, beside the time that fetching the ciphertext may take at the network's pace. */
  storeRecordTimeoutMs: 60_000,
  /** How many persons' quotas another hospital has here for what its own clients upload. */
  hospitalQuotaShares: 16,
  storeFragmentsTimeoutMs: 15_000,
  answerReadTimeoutMs: 3_000,
  /** Shares kept after they were made, some 600 bytes each: a read's device asks within a block or two. */
  madeSharesMax: 1_024,
  /** The hospital's own transactions: how long they stay valid, and what they may use up. */
  ownTransactionHeights: 20,
  ownTransactionGas: 200_000,
  /** A hospital that is a block behind knows a record or read a moment later. */
  dutyRetryMs: 150,
  /** How often a hospital that lost its connection while it fetched a ciphertext is asked again, and after how long. */
  brokenTransferRetries: 3,
  brokenTransferWaitMs: 2_000,
  /** Waiting times between attempts to fetch what is missing, doubled up to the cap. */
  fetchRetryBaseMs: 1_000,
  fetchRetryCapMs: 60_000,
  /** Broken rules of one peer within the window that make this node drop it for the pause. */
  blamesMax: 100,
  blameWindowMs: 60_000,
  peerPauseMs: 60_000,
  /** Blinded identifiers that are evaluated, and handles that are looked up, for one registrar and for all of one hospital. */
  handleQuestionsPerRegistrarHour: 100,
  handleQuestionsPerHospitalHour: 300,
  handleLookUpsPerRegistrarHour: 200,
  handleLookUpsPerHospitalHour: 600,
  /** Askers that are counted at once. */
  handleAskersMax: 4_096,
  /** Handshakes that are under way, in all and from one address, and how long one may take. */
  sessionsBegunMax: 256,
  sessionsBegunPerAddressMax: 64,
  sessionHandshakeMs: 10_000,
  /** Sessions in all and of one key; how long one stays open unused, and at most. */
  sessionsOpenMax: 1_024,
  sessionsPerPeerMax: 8,
  sessionIdleMs: 300_000,
  sessionLifeMs: 3_600_000,
} as const;
