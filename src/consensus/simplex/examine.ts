import type { Hash } from '../../base/brand.ts';
import { equal } from '../../base/bytes.ts';
import { quorumOf } from '../../base/validators.ts';
import { encodeEvidence, evidenceOf } from '../evidence.ts';
import { keyOf } from '../key.ts';
import { digestOf as digestOfVote, memberOf, type SignedVote, sameBallot, signedVoteOf } from '../vote.ts';
import { SIMPLEX_LIMITS } from './limits.ts';
import { type ViewCertificate, VOTE_OF } from './messages.ts';
import { changed, recordOf, type SimplexState, withRecord } from './state.ts';
import { type Turn, votePayload } from './turn.ts';

/**
 * Whether a vote counts (SIMPLEX-3). `held`: we have it, and did not verify it again. `double`: well signed, and contradicts an earlier
 * vote of the same validator, which is reported once as evidence (SIMPLEX-14); it counts nowhere.
 */
export function examine(turn: Turn, vote: SignedVote): 'new' | 'held' | 'double' | 'invalid' {
  turn.rules.add('SIMPLEX-3');
  const stored = storedVote(turn.state, vote);
  const repeated = stored !== undefined && samePayload(stored, vote);
  if (repeated && equal(stored.signature, vote.signature)) return 'held';
  if (!isSigned(turn.state, vote)) return 'invalid';
  if (repeated) return 'held';
  if (stored !== undefined) report(turn, vote.type, stored, vote);
  return stored === undefined ? 'new' : 'double';
}

export const isSigned = (state: SimplexState, vote: SignedVote): boolean =>
  isSignature(state, digestOf(state, vote), vote);

const digestOf = ({ config: { primitives, chainId } }: SimplexState, vote: SignedVote): Hash =>
  digestOfVote(primitives, { chainId, engine: 'simplex' }, vote);

function isSignature({ config, set }: SimplexState, digest: Hash, { validator, signature }: SignedVote): boolean {
  const member = memberOf(set, validator);
  return member !== undefined && config.primitives.verify(digest, signature, member.publicKey);
}

/** The first vote of this validator in this place, if we hold it. */
function storedVote(state: SimplexState, { type, round, validator }: SignedVote): SignedVote | undefined {
  const record = state.views.get(round);
  if (record === undefined) return undefined;
  if (type === 'proposal') return record.proposal?.vote;
  return record[type as 'notarise' | 'nullify' | 'finalise'].get(keyOf(validator));
}

const samePayload = (a: SignedVote, b: SignedVote): boolean => a.height === b.height && sameBallot(a, b);

/** Holds a vote that was examined: the first of its place stays. A nullify beside a finalise vote is an offence of its own. */
export function holdVote(turn: Turn, vote: SignedVote): void {
  const type = vote.type as 'notarise' | 'nullify' | 'finalise';
  const key = keyOf(vote.validator);
  const record = recordOf(turn.state, vote.round);
  if (record[type].has(key)) return;
  const held = new Map(record[type]).set(key, vote);
  const change = type === 'notarise' ? { notarise: held } : type === 'nullify' ? { nullify: held } : { finalise: held };
  turn.state = withRecord(turn.state, vote.round, change);
  if (type === 'notarise') return;
  const opposite = record[type === 'nullify' ? 'finalise' : 'nullify'].get(key);
  if (opposite !== undefined) report(turn, 'nullify-and-finalise', opposite, vote);
}

function report(turn: Turn, offence: string, stored: SignedVote, vote: SignedVote): void {
  const { offences } = turn.state;
  const key = `${keyOf(vote.validator)} ${vote.round} ${offence}`;
  if (offences.has(key) || offences.size >= SIMPLEX_LIMITS.evidenceMax) return;
  turn.rules.add('SIMPLEX-14');
  turn.state = changed(turn.state, { offences: new Map(offences).set(key, vote.round) });
  turn.effects.push({ type: 'evidence', evidence: encodeEvidence(evidenceOf('simplex', stored, vote)) });
}

/**
 * SIMPLEX-12: a quorum of distinct members signed the one vote that the certificate names. A signature that we hold is not verified
 * again; the others are held from now on.
 */
export function examineCertificate(turn: Turn, certificate: ViewCertificate): boolean {
  const { set } = turn.state;
  if (certificate.signatures.length < quorumOf(set.length)) return false;
  const votes = votesOf(turn.state, certificate);
  const fresh = votes.filter((vote) => {
    const stored = storedVote(turn.state, vote);
    return stored === undefined || !samePayload(stored, vote) || !equal(stored.signature, vote.signature);
  });
  turn.rules.add('SIMPLEX-3');
  const [first] = fresh;
  if (first === undefined) return true;
  const digest = digestOf(turn.state, first); // they all sign the same
  if (!fresh.every((vote) => isSignature(turn.state, digest, vote))) return false;
  for (const vote of fresh) {
    const stored = storedVote(turn.state, vote);
    if (stored === undefined) holdVote(turn, vote);
    else if (!samePayload(stored, vote)) report(turn, vote.type, stored, vote);
  }
  return true;
}

function votesOf({ config }: SimplexState, { type, view, height, blockHash, signatures }: ViewCertificate) {
  const payload = votePayload(config, VOTE_OF[type], view, height, blockHash);
  return signatures.map(({ validator, signature }) => signedVoteOf(payload, validator, signature));
}
