import { type Hash, type Height, type Round, round } from '../../base/brand.ts';
import type { Validator, ValidatorSet } from '../../base/validators.ts';
import type { SignedVote } from '../vote.ts';
import type { Proposal, ViewCertificate } from './messages.ts';

/** Views are numbered once in the life of a chain: this many for each height, so that no two epochs share one (SIMPLEX-1). */
export const VIEWS_PER_HEIGHT = 2 ** 20;

/** The first view of the epoch that begins with this height: (epoch − 1) · 2²⁰. */
export const firstViewOf = (epoch: Height): Round => round(Math.max(0, epoch - 1) * VIEWS_PER_HEIGHT);

/** leader(view) = set[view mod n] (SIMPLEX-1). */
export const leaderOfView = (set: ValidatorSet, view: Round): Validator => set[view % set.length] as Validator;

/** What is known of one view: the first vote of each validator, by type, and the certificates. */
export interface ViewRecord {
  readonly proposal: Proposal | null;
  /** The host was asked for a verdict on the proposal, as on a fresh one. */
  readonly judged: boolean;
  readonly notarise: ReadonlyMap<string, SignedVote>;
  readonly nullify: ReadonlyMap<string, SignedVote>;
  readonly finalise: ReadonlyMap<string, SignedVote>;
  readonly notarisation: ViewCertificate | null;
  readonly nullification: ViewCertificate | null;
  readonly finalisation: ViewCertificate | null;
}

const NO_VOTES: ReadonlyMap<string, SignedVote> = new Map();

export const BLANK_VIEW: ViewRecord = {
  proposal: null,
  judged: false,
  notarise: NO_VOTES,
  nullify: NO_VOTES,
  finalise: NO_VOTES,
  notarisation: null,
  nullification: null,
  finalisation: null,
};

/** The record with these fields replaced: copied field by field, as the state is. */
export const changedRecord = (record: ViewRecord, change: Partial<ViewRecord>): ViewRecord =>
  Object.assign(
    {
      proposal: record.proposal,
      judged: record.judged,
      notarise: record.notarise,
      nullify: record.nullify,
      finalise: record.finalise,
      notarisation: record.notarisation,
      nullification: record.nullification,
      finalisation: record.finalisation,
    } satisfies ViewRecord,
    change,
  );

/** A block, and a view that a quorum is known to have notarised it in. */
export interface Point {
  /** −1 before the first view of the chain. */
  readonly view: number;
  readonly height: Height;
  readonly hash: Hash;
}

/** The certificate that shows what this view notarised. What a quorum finalised, a quorum had notarised. */
export const notarisedBy = (record: ViewRecord | undefined): ViewCertificate | null =>
  record?.notarisation ?? record?.finalisation ?? null;

export const pointOf = ({ view, height, blockHash }: ViewCertificate): Point => ({ view, height, hash: blockHash });
