import { toHex } from '../base/bytes.ts';
import type { LedgerEvent } from '../ledger/receipt.ts';

/**
 * What each event means, for the person it is addressed to. The chain carries a name and an id: sentences are made here, off chain, and in the
 * person's own language by whoever translates this page. `#` stands for the id.
 */
const SENTENCES: Readonly<Record<string, string>> = {
  Enrolled: 'The account # was enrolled, and waits for its hospital to admit it.',
  Admitted: 'The account # was admitted.',
  Suspended: 'The account # was suspended by its hospital.',
  Reinstated: 'The account # was reinstated by its hospital.',
  KeyRotated: 'The account # has a new key. If that was not you, go to your hospital now.',
  DelegatingKeyPublished:
    'A new key for later records stands in category #: whoever was granted the earlier one waits for a new grant.',

  RecordSubmitted: 'Record # was put on the chain.',
  RecordAmended: 'Record # has a new version.',
  RecordRewrapped: 'Record # was sealed to the newest key of its category.',
  RecordShredded: 'Record # was shredded: nobody opens it any more.',

  AccessRequested: 'Access to a record was asked for (request #).',
  Granted: 'A grant was made (transaction #).',
  GrantChanged: 'What a patient lets you open has changed (transaction #).',
  Revoked: 'A grant was taken back (transaction #).',
  RecordRead: 'A record was read (read #).',

  GlassBroken:
    'A record was opened in an emergency, without being asked beforehand (read #). Another hospital reviews it.',
  ReviewClosed: 'The review of an emergency read is closed (read #).',
  DeskKeyPublished: 'The emergency desk of hospital # has a new key.',

  GuardiansSet: 'The guardians of account # were chosen anew.',
  GuardianshipRequested: 'A guardian asks to act or to recover (request #). If that should not be, object.',
  GuardianshipApproved: 'A guardian has agreed to request #.',
  GuardianshipMatures: 'Enough guardians have agreed to request #: it counts soon, unless its owner objects.',
  GuardianshipVetoed: 'Request # of a guardian was objected to, and ends.',

  ShareCommitted: 'A hospital has answered read #.',
  ShareDisputed: "A hospital's answer to read # is disputed.",
  SharePublished: 'A hospital has published its answer to read #.',
  ReadEvaluated: 'The hospitals that answered read # were rated.',
  ReadFailed: 'Too few hospitals answered read # in time; a counted use was given back.',

  PolicyDeployed: 'Rule # of your own stands from now on.',
  PolicyAmended: 'Rule # of your own was changed.',
  PolicyRetired: 'Rule # of your own has ended.',

  Proposed: 'Proposal # is under vote.',
  Passed: 'Proposal # has passed.',
  Rejected: 'Proposal # was rejected.',
};

/** A word of this device for an event; of one that a newer hospital knows, its name and id. */
export function eventSentence({ name, about }: Pick<LedgerEvent, 'name' | 'about'>): string {
  // Twelve digits tell ids apart for people.
  const id = toHex(about).slice(0, 12);
  if (Object.hasOwn(SENTENCES, name)) return (SENTENCES[name] as string).replace('#', id);
  // A share that was left out of an answer is told by its code (T-61).
  return name.includes('.') ? `An answer to read ${id} was not taken (${name}).` : `${name} (${id}).`;
}

/** Whether this device has a sentence of its own for it. */
export const isKnownEvent = (name: string): boolean => Object.hasOwn(SENTENCES, name);
