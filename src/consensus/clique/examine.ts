import { equal } from '../../base/bytes.ts';
import { encodeEvidence, evidenceOf } from '../evidence.ts';
import { memberOf, type SignedVote, sameBallot } from '../vote.ts';
import { CLIQUE_LIMITS } from './limits.ts';
import { change, digestOf, note, placeOf, type Turn } from './turn.ts';

/**
 * CLIQUE-2: whether a member of the set sealed this. A second seal in one place is reported once, as evidence (CLIQUE-11), and counts all
 * the same: who hears which of the two first must not decide what is valid.
 */
export function examine(turn: Turn, seal: SignedVote): boolean {
  const { places } = turn.state;
  const place = placeOf(seal);
  const first = places.get(place);
  const repeated = first !== undefined && sameBallot(first, seal);
  if (repeated && equal(first.signature, seal.signature)) return true;
  if (!isSigned(turn, seal)) return false;
  if (first === undefined) remember(turn, place, seal);
  else if (!repeated) report(turn, place, first, seal);
  return true;
}

export function isSigned(turn: Turn, seal: SignedVote): boolean {
  const { state } = turn;
  note(turn, 2);
  const member = memberOf(state.set, seal.validator);
  if (member === undefined) return false;
  return state.config.primitives.verify(digestOf(state, seal), seal.signature, member.publicKey);
}

function remember(turn: Turn, place: string, seal: SignedVote): void {
  const places = new Map(turn.state.places).set(place, seal);
  for (const oldest of places.keys()) {
    if (places.size <= CLIQUE_LIMITS.placesMax) break;
    places.delete(oldest);
  }
  change(turn, { places });
}

function report(turn: Turn, place: string, first: SignedVote, second: SignedVote): void {
  const { offences } = turn.state;
  if (offences.has(place) || offences.size >= CLIQUE_LIMITS.evidenceMax) return;
  note(turn, 11);
  change(turn, { offences: new Set(offences).add(place) });
  turn.effects.push({ type: 'evidence', evidence: encodeEvidence(evidenceOf('clique', first, second)) });
}
