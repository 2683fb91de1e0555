import { LIMITS } from '../../base/limits.ts';
import { PATH_HEADERS_MAX } from '../certificate.ts';

/** Room in the signing state for everything but the bytes of blocks. */
const SIGNING_OVERHEAD_BYTES = 262_144;

/** Every bound of the engine's memory and of what it sends. */
export const SIMPLEX_LIMITS = {
  /** Views ahead of ours whose proposals and votes are kept. A certificate is taken from any view ahead. */
  viewsAheadMax: 8,
  /** Views behind ours whose proposals keep their bytes. */
  proposalsBehindMax: 8,
  /** Views behind ours whose certificates are kept, though nothing be notarised for so long. */
  viewsBehindMax: 256,
  /** Notarised blocks that wait for finality (SIMPLEX-9). */
  unfinalBlocksMax: PATH_HEADERS_MAX,
  /** Blocks above the last one that the host made durable, final or not, before the engine waits for its disk. */
  heldBlocksMax: PATH_HEADERS_MAX + PATH_HEADERS_MAX / 2,
  /** Blocks in memory, whatever their verdict, and how far above the last durable one they may lie. */
  blocksMax: 2 * PATH_HEADERS_MAX,
  /** Bytes of the blocks in one signing state. */
  lockedBytesMax: LIMITS.consensusMessageBytesMax - SIGNING_OVERHEAD_BYTES,
  /** Double votes remembered, so that each is reported once. */
  evidenceMax: 64,
  /** Messages of the next epoch that wait for it, for each validator. */
  earlyPerValidatorMax: 4,
  /** Views of one request for certificates. */
  requestedViewsMax: 16,
  /** Blocks asked for at a time. */
  requestedBlocksMax: 4,
  /** Answers to one peer, and peers answered, until the view or the time moves on. */
  answersMax: 32,
  answeredPeersMax: 256,
  /** Old views nullified at a time. */
  oldNullifiesMax: 16,
} as const;
