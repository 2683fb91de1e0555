import type { Hash, Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { leaderOf } from '../../base/validators.ts';
import { type KnownBlock, knownBlock, type QbftState, withBlock } from './state.ts';
import { apply, type Turn } from './turn.ts';

/**
 * Blocks come from peers under a hash that the engine cannot compute. The host's verdict binds bytes and hash, and it names the
 * hash alone: so at any moment all outstanding verdicts on one hash are about the same bytes (QBFT-13).
 */
export interface Question {
  readonly blockHash: Hash;
  readonly block: Uint8Array;
  readonly fresh: boolean;
  readonly round: Round;
}

/** Asks the host, if it may be asked now. True where a verdict that answers this question is on its way. */
export function judge(turn: Turn, { blockHash, block, fresh, round }: Question): boolean {
  const { state } = turn;
  apply(turn, 'QBFT-13');
  const known = knownBlock(state, blockHash) ?? unjudged(blockHash, block);
  const sameBytes = known.valid || equal(known.block, block);
  if (known.outstanding > 0 && (!sameBytes || fresh || known.asked === 'timeless')) return sameBytes;
  if (isRefused(known) && sameBytes && !fresh) return false;

  const bytes = known.valid ? known.block : block;
  const asked = fresh ? 'fresh' : 'timeless';
  turn.state = withBlock(state, { ...known, block: bytes, asked, outstanding: known.outstanding + 1 });
  const leader = leaderOf(state.set, state.height, round).id;
  const { height, parentHash } = state;
  turn.effects.push({ type: 'judge', height, parentHash, blockHash, block: bytes, leader, fresh });
  return true;
}

/** Notes a verdict. An answer to no question is ignored. */
export function noteVerdict(state: QbftState, blockHash: Hash, valid: boolean): QbftState {
  const known = knownBlock(state, blockHash);
  if (known === undefined || known.outstanding === 0) return state;
  return withBlock(state, { ...known, valid: known.valid || valid, outstanding: known.outstanding - 1 });
}

/** Keeps bytes for the case that a quorum commits to them, without a question. They replace only bytes that were refused. */
export function offerBlock(state: QbftState, blockHash: Hash, block: Uint8Array): QbftState {
  const known = knownBlock(state, blockHash);
  const wanted = known === undefined || (isRefused(known) && !equal(known.block, block));
  return wanted ? withBlock(state, unjudged(blockHash, block)) : state;
}

/** A block that this host built. */
export const trustBlock = (state: QbftState, blockHash: Hash, block: Uint8Array): QbftState =>
  withBlock(state, { ...unjudged(blockHash, block), valid: true });

/** Refused without regard to the clock: these bytes will not do under this hash. */
export const isRefused = (known: KnownBlock): boolean =>
  !known.valid && known.asked === 'timeless' && known.outstanding === 0;

const unjudged = (hash: Hash, block: Uint8Array): KnownBlock => ({
  hash,
  block,
  valid: false,
  asked: 'nothing',
  outstanding: 0,
});
