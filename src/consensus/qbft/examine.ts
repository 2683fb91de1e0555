import type { PublicKey } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { encodeEvidence, evidenceOf } from '../evidence.ts';
import { keyOf } from '../key.ts';
import { digestOf, memberOf, type SignedVote, sameBallot } from '../vote.ts';
import { QBFT_LIMITS } from './limits.ts';
import { changed, type QbftState, storedVote } from './state.ts';
import { apply, type Turn } from './turn.ts';

/**
 * Whether a peer's vote counts (QBFT-3). `double`: well signed, and contradicts an earlier vote of the same validator, which is
 * reported once as evidence (QBFT-14); it counts nowhere. A vote that we already hold is not verified again.
 */
export function examine(turn: Turn, vote: SignedVote): 'valid' | 'invalid' | 'double' {
  apply(turn, 'QBFT-3');
  const stored = storedVote(turn.state, vote);
  const repeated = stored !== undefined && sameBallot(stored, vote);
  if (repeated && equal(stored.signature, vote.signature)) return 'valid';
  if (!isSigned(turn.state, vote)) return 'invalid';
  if (stored === undefined || repeated) return 'valid';
  report(turn, stored, vote);
  return 'double';
}

/** Votes inside a justification: a double one still is its signer's vote, so it justifies. */
export const examineAll = (turn: Turn, votes: readonly SignedVote[]): boolean =>
  votes.every((vote) => examine(turn, vote) !== 'invalid');

export function isSigned(state: QbftState, vote: SignedVote): boolean {
  const member = memberOf(state.set, vote.validator);
  if (member === undefined) return false;
  const { primitives, chainId } = state.config;
  const digest = digestOf(primitives, { chainId, engine: 'qbft' }, vote);
  if (state.verified.size > 0 && state.verified.has(verifiedKey(digest, vote, member.publicKey))) return true;
  return primitives.verify(digest, vote.signature, member.publicKey);
}

/** Names one verification: the same digest, signature and key need no second one. */
export const verifiedKey = (digest: Uint8Array, vote: SignedVote, publicKey: PublicKey): string =>
  `${keyOf(digest)} ${keyOf(vote.signature)} ${keyOf(publicKey)}`;

function report(turn: Turn, stored: SignedVote, vote: SignedVote): void {
  const { offences } = turn.state;
  const offence = `${keyOf(vote.validator)} ${vote.round} ${vote.type}`;
  if (offences.has(offence) || offences.size >= QBFT_LIMITS.evidenceMax) return;
  turn.state = changed(turn.state, { offences: new Set(offences).add(offence) });
  apply(turn, 'QBFT-14');
  turn.effects.push({ type: 'evidence', evidence: encodeEvidence(evidenceOf('qbft', stored, vote)) });
}
