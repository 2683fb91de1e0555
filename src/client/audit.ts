import type { Address } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import type { AuditLine } from '../ledger/audit.ts';
import type { KindName } from '../ledger/families/payloads.ts';
import type { Purpose, ReadPath } from '../ledger/vocabulary.ts';
import type { Session } from './session.ts';

/** Who reads the sentence. A denied requester learns that nothing covers the request, and no more (PRIVACY.md, "Transport"). */
export type Audience = 'owner' | 'requester' | 'reviewer';

export interface AuditSentence {
  readonly line: AuditLine;
  readonly sentence: string;
}

/** Somebody's trail, oldest first, in plain words for whoever asks: the subject, or a reviewer. */
export async function auditTrail({ api, account }: Session, subject: Address): Promise<readonly AuditSentence[]> {
  const lines = await api.audit(subject);
  return lines.map((line) => ({ line, sentence: auditSentence(line, audienceOf(line, subject, account.id)) }));
}

const audienceOf = ({ owner, sender }: AuditLine, subject: Address, reader: Address): Audience => {
  if (!equal(subject, reader)) return 'reviewer';
  return owner !== null && equal(owner, reader) ? 'owner' : equal(sender, reader) ? 'requester' : 'reviewer';
};

/** What each kind does, as "… to do it". */
const DEEDS: Readonly<Record<KindName, string>> = {
  enrol: 'enrol',
  admit: 'admit an account',
  suspend: 'suspend an account',
  reinstate: 'reinstate an account',
  rotateKey: 'replace the account key',
  publishDelegatingKey: 'publish a key for later records',
  registerRecord: 'register a record',
  amendRecord: 'amend a record',
  rewrap: 'seal a record to a newer key',
  shred: 'shred a record',
  requestAccess: 'have access to a record',
  grant: 'grant access',
  revoke: 'revoke access',
  readRecord: 'read a record',
  publishDeskKey: 'publish the key of an emergency desk',
  closeReview: 'close the review of a broken glass',
  setGuardians: 'choose guardians',
  requestGuardianship: 'act as a guardian',
  approveGuardianship: 'approve what a guardian asks for',
  vetoGuardianship: 'object to what a guardian asks for',
  respond: 'answer reads with shares',
  dispute: 'dispute a share of a read',
  publishShare: 'publish a share of a read',
  deployPolicy: 'add a rule of their own',
  amendPolicy: 'change a rule of their own',
  retirePolicy: 'end a rule of their own',
  propose: 'propose a change to the consortium',
  vote: 'vote on a change to the consortium',
};

const PURPOSE_WORDS: Readonly<Record<Purpose, string>> = {
  TREAT: 'treatment',
  ETREAT: 'emergency treatment',
  BTG: 'break-glass',
  HPAYMT: 'payment',
  HOPERAT: 'hospital operations',
  HRESCH: 'research',
  FAMRQT: "a family's request",
  PATRQT: "the patient's own request",
};

/** What became of it, by the path of keys. */
const PATH_WORDS: Readonly<Record<ReadPath, string>> = {
  self: 'done',
  grant: 'done, under a grant',
  guardian: 'done, as a guardian',
  desk: 'done, at an emergency desk: another hospital reviews it',
};

/** "At 2026-01-02T03:04:05Z (block 7), 1a2b3c4d5e6f tried to read a record for treatment: denied, because …." */
export function auditSentence(line: AuditLine, audience: Audience): string {
  const { height, timestampMs, kind, sender, owner, record, purpose } = line;
  const self = owner !== null && equal(owner, sender);
  const who = audience === 'requester' || (audience === 'owner' && self) ? 'You' : shortId(sender);
  const deed = wordOf(DEEDS, kind);
  const what =
    record === null || audience === 'requester' ? deed : deed.replace('a record', `record ${shortId(record)}`);
  const why = purpose === null ? '' : ` for ${wordOf(PURPOSE_WORDS, purpose)}`;
  const when = new Date(timestampMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
  return `At ${when} (block ${height}), ${who} asked to ${what}${why}: ${answerOf(line, audience)}.`;
}

function answerOf({ outcome, code, policies, path }: AuditLine, audience: Audience): string {
  if (outcome === 'applied') return wordOf(PATH_WORDS, path ?? 'self');
  if (audience === 'requester') return outcome === 'denied' ? 'denied, no grant covers it' : `not done (${code})`;
  if (outcome === 'failed') return `allowed, but not done (${code})`;
  const rules = policies.length === 0 ? 'no rule allows it' : `by ${policies.join(', ')}`;
  return `denied, ${rules} (${code})`;
}

/** A word that a newer hospital knows and this device does not stays as it is. */
const wordOf = (words: Readonly<Record<string, string>>, key: string): string =>
  Object.hasOwn(words, key) ? (words[key] as string) : key;

/** Twelve digits tell ids apart for people; the line itself keeps the whole. */
const shortId = (id: Uint8Array): string => toHex(id).slice(0, 12);
