import type { Round } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { quorumOf } from '../../base/validators.ts';
import { keyOf } from '../key.ts';
import type { SignedVote } from '../vote.ts';
import { takeNotarised } from './blocks.ts';
import { examineCertificate } from './examine.ts';
import { newestHeldView } from './ladder.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import { CERTIFICATE_OF, type SimplexVoteType, type ViewCertificate } from './messages.ts';
import { changed, recordOf, type SimplexState, withRecord } from './state.ts';
import { broadcast, type Turn } from './turn.ts';
import type { ViewRecord } from './views.ts';

/** A peer's certificate. One that we have is not verified again (SIMPLEX-12). */
export function onCertificate(turn: Turn, certificate: ViewCertificate): void {
  const { view, type } = certificate;
  if (view < turn.state.root.view || recordOf(turn.state, view)[type] !== null) return;
  if (examineCertificate(turn, certificate)) takeCertificate(turn, certificate);
}

/** SIMPLEX-12: a quorum of votes of one view for the same is a certificate. */
export function formCertificate(turn: Turn, { type, round: view, height, blockHash }: SignedVote): void {
  const { set } = turn.state;
  const certificate = CERTIFICATE_OF[type as SimplexVoteType];
  const record = recordOf(turn.state, view);
  const votes = record[type as SimplexVoteType];
  const quorum = quorumOf(set.length);
  if (record[certificate] !== null || votes.size < quorum) return;
  const signatures = set
    .flatMap(({ id }) => {
      const vote = votes.get(keyOf(id));
      return vote !== undefined && vote.height === height && equal(vote.blockHash, blockHash) ? [vote] : [];
    })
    .slice(0, quorum)
    .map(({ validator, signature }) => ({ validator, signature }));
  if (signatures.length === quorum) takeCertificate(turn, { type: certificate, view, height, blockHash, signatures });
}

/** A certificate that we have seen the first time: it is passed on, and opens the next view. */
function takeCertificate(turn: Turn, certificate: ViewCertificate): void {
  const { view, type } = certificate;
  turn.rules.add('SIMPLEX-12');
  turn.state = takeNotarised(withRecord(turn.state, view, noteOf(certificate)), view);
  if (type === 'finalisation') turn.state = withFinalisation(turn.state, certificate);
  broadcast(turn, certificate);
  if (view >= turn.state.view) enterView(turn, (view + 1) as Round);
}

/** What a record notes of it. */
function noteOf(certificate: ViewCertificate): Partial<ViewRecord> {
  if (certificate.type === 'notarisation') return { notarisation: certificate };
  return certificate.type === 'nullification' ? { nullification: certificate } : { finalisation: certificate };
}

/** The newest finalisation is kept: it is what those who are behind are told. */
const withFinalisation = (state: SimplexState, certificate: ViewCertificate): SimplexState =>
  state.finalisation !== null && state.finalisation.view >= certificate.view
    ? state
    : changed(state, { finalisation: certificate });

/** SIMPLEX-12: what is known of the views left behind stays known. */
export function enterView(turn: Turn, view: Round): void {
  turn.rules.add('SIMPLEX-12');
  const entered = changed(turn.state, { view, leading: null, timed: false, answers: new Map() });
  turn.state = trimmed(withoutOldBytes(entered));
}

/** What is needed of old proposals is among the blocks, or can be asked for. */
function withoutOldBytes(state: SimplexState): SimplexState {
  let next = state;
  for (const [view, { proposal }] of state.views)
    if (view < state.view - SIMPLEX_LIMITS.proposalsBehindMax && proposal !== null && proposal.block !== null)
      next = withRecord(next, view, { proposal: { ...proposal, block: null } });
  return next;
}

/**
 * The oldest views go where too many are kept, but for the one that notarised what we build on. That the others are nullified stays
 * known, else nothing could be built any more.
 */
function trimmed(state: SimplexState): SimplexState {
  if (state.views.size <= SIMPLEX_LIMITS.viewsBehindMax) return state;
  const lowest = state.view - SIMPLEX_LIMITS.viewsBehindMax / 2;
  const base = newestHeldView(state);
  const views = new Map(state.views);
  let { forgotten } = state;
  for (const view of [...views.keys()].filter((each) => each < lowest && each !== base).sort((a, b) => a - b)) {
    if (recordOf(state, view).nullification !== null)
      forgotten = { from: forgotten?.to === view - 1 ? forgotten.from : view, to: view };
    views.delete(view);
  }
  return changed(state, { views, forgotten });
}

/** What is known to have become of a view: both can be. */
export const outcomesOf = (state: SimplexState, view: number): readonly ViewCertificate[] => {
  const { notarisation, nullification, finalisation } = recordOf(state, view);
  return [notarisation ?? finalisation, nullification].filter((each) => each !== null);
};
