import type { Hash } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { quorumOf } from '../../base/validators.ts';
import type { Certificate } from '../engine.ts';
import { bytesOf } from './ladder.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import type { ViewCertificate } from './messages.ts';
import { mayCast, newestFinalised } from './own-votes.ts';
import { chainTo, changed, isHeld, type SimplexState } from './state.ts';
import { castVote, type Turn } from './turn.ts';
import { notarisedBy } from './views.ts';

/**
 * SIMPLEX-8: finalises the newest notarised block that is held here, unless its view was nullified. From then on the signing state
 * holds the block and its unfinal ancestors: a view that may be final cannot be nullified, so the block must outlive a crash of all.
 */
export function finalise(turn: Turn): void {
  const target = finalisable(turn.state);
  if (target === null) return;
  const { view, height, blockHash } = target;
  const before = turn.state;
  turn.state = changed(before, { lock: target });
  if (castVote(turn, { type: 'finalise', view, height, blockHash })) turn.rules.add('SIMPLEX-8');
  else turn.state = before;
}

function finalisable(state: SimplexState): ViewCertificate | null {
  const least = Math.max(newestFinalised(state.own), state.root.view - 1);
  const views = [...state.views.keys()].filter((view) => view > least).sort((a, b) => b - a);
  for (const view of views) {
    const target = notarisedBy(state.views.get(view));
    if (target === null || target.height <= state.committed.height || !mayBeLocked(state, target.blockHash)) continue;
    const { height, blockHash } = target;
    const ballot = { type: 'finalise' as const, view: target.view, height, blockHash };
    if (mayCast(state.own, state.epoch, ballot)) return target;
  }
  return null;
}

/** SIMPLEX-10: the signing state has room for the block and what lies between it and the disk. */
function mayBeLocked(state: SimplexState, hash: Hash): boolean {
  const chain = isHeld(state, hash) ? chainTo(state, hash) : null;
  return chain !== null && chain.length <= SIMPLEX_LIMITS.blocksMax && bytesOf(chain) <= SIMPLEX_LIMITS.lockedBytesMax;
}

/** SIMPLEX-9: a finalisation commits its block and every ancestor not committed before, in order, with the same certificate. */
export function commit(turn: Turn): void {
  const { state } = turn;
  const final = newestHeldFinalisation(state);
  if (final === null) return;
  const chain = chainTo(state, final.blockHash) ?? [];
  const { committed, root } = state;
  const passes = committed.height <= root.height || chain.some(({ hash }) => equal(hash, committed.blockHash));
  if (!passes) {
    // Only more than f Byzantine validators bring this about. There is no right way on.
    turn.effects.push({ type: 'halt', code: 'consensus-finality.two-blocks' });
    return;
  }
  const certificate = certificateOf(state, final);
  turn.rules.add('SIMPLEX-9');
  for (const { hash, height, block } of chain)
    if (height > committed.height) turn.effects.push({ type: 'commit', height, blockHash: hash, block, certificate });
  turn.state = changed(state, { committed: { height: final.height, blockHash: final.blockHash } });
}

/** The highest block known to be final that is not committed yet and can be. */
function newestHeldFinalisation(state: SimplexState): ViewCertificate | null {
  let newest: ViewCertificate | null = null;
  for (const { finalisation } of state.views.values())
    if (
      finalisation !== null &&
      finalisation.height > (newest?.height ?? state.committed.height) &&
      isHeld(state, finalisation.blockHash)
    )
      newest = finalisation;
  return newest;
}

const certificateOf = ({ set }: SimplexState, final: ViewCertificate): Certificate => ({
  engine: 'simplex',
  height: final.height,
  round: final.view,
  blockHash: final.blockHash,
  signatures: final.signatures.slice(0, quorumOf(set.length)),
  path: [],
});
