import type { Address, Hash, Height } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { keyOf } from '../key.ts';
import { baseOf } from './ladder.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import { changed, isHeld, type KnownBlock, knownBlock, recordOf, type SimplexState } from './state.ts';
import type { Turn } from './turn.ts';
import { leaderOfView, notarisedBy } from './views.ts';

/** What is said of a block before a verdict binds it. */
export type Offer = Pick<KnownBlock, 'hash' | 'height' | 'parentHash' | 'block'>;

/**
 * SIMPLEX-13: blocks come under a hash that the engine cannot compute. The host's verdict binds bytes, hash, height and parent, and
 * it names the hash alone: so at any moment all outstanding verdicts on one hash are about the same bytes. The host is asked about a
 * block only when it holds the parent. True where a verdict that answers this question is on its way or here.
 */
export function judge(turn: Turn, offer: Offer, fresh: boolean, leader: Address): boolean {
  const { state } = turn;
  if (!isHeld(state, offer.parentHash)) return false;
  const known = knownBlock(state, offer.hash);
  if (known?.valid) return true;
  if (known !== undefined && known.outstanding > 0) {
    const same = sameOffer(known, offer);
    if (!same || fresh || known.judged === 'timeless') return same;
  }
  const { hash, height, parentHash, block } = offer;
  const asked: KnownBlock = {
    ...(known ?? unjudged(offer)),
    ...{ hash, height, parentHash, parentKey: keyOf(parentHash), block },
    judged: fresh ? 'fresh' : 'timeless',
    outstanding: (known?.outstanding ?? 0) + 1,
  };
  turn.rules.add('SIMPLEX-13');
  turn.state = withBlock(state, asked);
  turn.effects.push({ type: 'judge', height, parentHash, blockHash: hash, block, leader, fresh });
  return true;
}

/** Notes a verdict. An answer to no question is ignored; bytes that were refused without regard to the clock are dropped. */
export function onJudged(turn: Turn, hash: Hash, valid: boolean, changesSet: boolean): void {
  const known = knownBlock(turn.state, hash);
  if (known === undefined || known.outstanding === 0) return;
  const outstanding = known.outstanding - 1;
  const noted = valid ? { ...known, valid, changesSet, outstanding } : { ...known, outstanding };
  const refused = !noted.valid && outstanding === 0 && known.judged === 'timeless';
  turn.rules.add('SIMPLEX-13');
  turn.state = refused ? withoutBlock(turn.state, hash) : withBlock(turn.state, noted);
}

/** Bytes that a quorum vouches for, or whose descendant it does. */
export function offerCertified(state: SimplexState, offer: Offer): SimplexState {
  if (!isPlausible(state, offer)) return state;
  const known = knownBlock(state, offer.hash);
  if (known === undefined) return withBlock(state, { ...unjudged(offer), certified: true });
  return known.certified ? state : withBlock(state, { ...known, certified: true });
}

/** A block that this node built itself. */
export const trustBlock = (state: SimplexState, offer: Offer, changesSet: boolean): SimplexState =>
  withBlock(state, { ...unjudged(offer), valid: true, changesSet });

/** Asks for verdicts on what a quorum saw: its bytes are held to no clock. */
export function judgeCertified(turn: Turn): void {
  for (const known of turn.state.blocks.values()) {
    if (known.valid || !known.certified || (known.judged === 'timeless' && known.outstanding > 0)) continue;
    judge(turn, known, false, leaderOfView(turn.state.set, turn.state.view).id);
  }
}

/** The block that this view notarised is at hand as the view's proposal: take it up. */
export function takeNotarised(state: SimplexState, view: number): SimplexState {
  const record = recordOf(state, view);
  const notarised = notarisedBy(record);
  if (notarised === null || notarised.height <= state.root.height) return state;
  const { blockHash: hash, height } = notarised;
  const known = knownBlock(state, hash);
  if (known !== undefined) return known.certified ? state : withBlock(state, { ...known, certified: true });
  const { proposal } = record;
  if (proposal === null || proposal.block === null || !equal(proposal.vote.blockHash, hash)) return state;
  return offerCertified(state, { hash, height, parentHash: proposal.parentHash, block: proposal.block });
}

/**
 * A parent that is known to be of another height, or to be none, was made up: such an offer would never be judged. What lies far above
 * the disk must wait for it.
 */
function isPlausible(state: SimplexState, { height, parentHash }: Offer): boolean {
  const { root } = state;
  if (height > root.height + SIMPLEX_LIMITS.blocksMax) return false;
  const parent = equal(parentHash, root.hash) ? root : knownBlock(state, parentHash);
  return parent === undefined ? height > root.height + 1 : height === parent.height + 1;
}

const unjudged = ({ hash, height, parentHash, block }: Offer): KnownBlock => ({
  hash,
  height,
  parentHash,
  parentKey: keyOf(parentHash),
  block,
  valid: false,
  changesSet: false,
  certified: false,
  judged: 'never',
  outstanding: 0,
});

const sameOffer = (a: Offer, b: Offer): boolean =>
  a.height === b.height && equal(a.parentHash, b.parentHash) && equal(a.block, b.block);

/** Puts a block in, and the oldest that nothing needs out. */
function withBlock(state: SimplexState, known: KnownBlock): SimplexState {
  const blocks = new Map(state.blocks).set(keyOf(known.hash), known);
  const next = changed(state, { blocks });
  if (blocks.size <= SIMPLEX_LIMITS.blocksMax) return next;
  const needed = neededBlocks(next, known.hash);
  for (const key of blocks.keys()) {
    if (blocks.size <= SIMPLEX_LIMITS.blocksMax) break;
    if (!needed.has(key)) blocks.delete(key);
  }
  return next;
}

/** The chains below what we build on, are locked on, committed, and the block just put in. */
function neededBlocks(state: SimplexState, newest: Hash): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const top of [newest, baseOf(state)?.hash, state.lock?.blockHash, state.committed.blockHash])
    for (let key = top === undefined ? '' : keyOf(top); !needed.has(key); ) {
      const known = state.blocks.get(key);
      if (known === undefined) break;
      needed.add(key);
      key = known.parentKey;
    }
  return needed;
}

export function withoutBlock(state: SimplexState, hash: Hash): SimplexState {
  const blocks = new Map(state.blocks);
  blocks.delete(keyOf(hash));
  return changed(state, { blocks });
}

/** Drops what does not stand on the root. A block whose ancestors we have not seen may still turn out to. */
export function blocksAbove(
  blocks: ReadonlyMap<string, KnownBlock>,
  root: { readonly height: Height; readonly hash: Hash },
): ReadonlyMap<string, KnownBlock> {
  const kept = new Map<string, KnownBlock>();
  const standing = new Set([keyOf(root.hash)]);
  for (const known of [...blocks.values()].sort((a, b) => a.height - b.height)) {
    if (known.height <= root.height) continue;
    const stands = standing.has(known.parentKey);
    if (!stands && (known.valid || blocks.has(known.parentKey) || known.height === root.height + 1)) continue;
    standing.add(keyOf(known.hash));
    kept.set(keyOf(known.hash), known);
  }
  return kept;
}
