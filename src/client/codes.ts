import { defineCodes } from '../base/result.ts';

/** What a person's device refuses to believe, or could not do. None holds a key, a label or a medical word. */
export const CLIENT_CODES = defineCodes({
  'client-http.unreachable': { status: 503, meaning: 'The hospital cannot be reached.' },
  'client-http.timeout': { status: 504, meaning: 'The hospital did not answer in time.' },
  'client-http.malformed-answer': { status: 502, meaning: 'The hospital gave an answer of another form than agreed.' },
  'client-http.answer-too-large': { status: 502, meaning: 'The answer is larger than its limit.' },

  'client-proof.malformed': {
    status: 502,
    meaning: 'The proof does not have the form of a proof, or leaves a key out.',
  },
  'client-proof.foreign-chain': { status: 502, meaning: 'The proof is about another chain.' },
  'client-proof.unknown-validators': {
    status: 502,
    meaning: 'The block was decided by another set of hospitals than the one this device knows.',
  },
  'client-proof.wrong-block': { status: 502, meaning: 'The certificate is about another block than the proof.' },
  'client-proof.stale': { status: 502, meaning: 'The proof is of an old block: something newer may be hidden.' },
  'client-proof.wrong-value': { status: 502, meaning: 'The value is not the one that the state holds.' },

  'client-session.no-receipt': {
    status: 504,
    meaning: 'The transaction was accepted, and no block has held it in time. It may still be decided.',
  },

  'client-session.hospital-unknown': { status: 404, meaning: 'The chain knows no such hospital.' },
  'client-session.broken': {
    status: 502,
    meaning: 'A message of the session with the hospital does not open, or somebody else answers: it is not believed.',
  },
  'client-session.ended': { status: 409, meaning: 'The session with the hospital has ended: open a new one.' },
  'client-session.not-sealable': { status: 400, meaning: 'A stream does not go into a session.' },

  'client-handle.enrolled-elsewhere': {
    status: 409,
    meaning: 'Another hospital has enrolled somebody with this identifier already.',
  },

  'client-record.unknown-category': { status: 404, meaning: 'The patient has published no such category.' },
  'client-record.label-too-low': {
    status: 409,
    meaning: 'The category has a lesser label than what is to be filed under it.',
  },
  'client-record.upload-altered': {
    status: 502,
    meaning: 'The hospital names another content or envelope than was sent.',
  },
  'client-record.content-changed': {
    status: 409,
    meaning: 'The content to seal has another length than it had, or other bytes: it was changed meanwhile.',
  },
  'client-record.unknown': { status: 404, meaning: 'There is no such record, or the chain proves none.' },

  'client-read.wrong-path': { status: 502, meaning: 'The read was allowed by a way that this device has no key for.' },
  'client-read.grant-gone': {
    status: 409,
    meaning: 'The grant of this read was revoked or replaced since: the holders answer it no more.',
  },
  'client-read.envelope-mismatch': {
    status: 502,
    meaning: 'The envelope is not the one that the chain commits to, or names another record, version or key.',
  },
  'client-read.author-mismatch': {
    status: 502,
    meaning: 'The envelope was not made by whom the chain names for it.',
  },
  'client-read.not-whole': {
    status: 502,
    meaning: 'What was received is not the whole record: nothing of it may be used.',
  },
  'client-read.not-evaluated': {
    status: 409,
    meaning: 'No grant opened this read: hospitals commit no shares of it.',
  },
  'client-dispute.not-committed': {
    status: 409,
    meaning:
      'The holder has committed no such share: the chain could not judge it, and a claim would give a secret away.',
  },
  'client-read.content-mismatch': { status: 502, meaning: 'The ciphertext is not the one that the chain names.' },

  'client-grant.grantee-unknown': { status: 404, meaning: 'The grantee has no receiving key on this chain.' },
  'client-grant.grantee-kind': {
    status: 422,
    meaning: 'A grant that opens records is made to a person: nobody else holds a receiving key.',
  },
  'client-grant.too-many-epochs': {
    status: 422,
    meaning: 'The categories have more epochs together than one grant can cover: grant them apart.',
  },
  'client-grant.still-stands': {
    status: 502,
    meaning: 'The hospital says that the grant was revoked, and the chain proves that it stands.',
  },
  'client-grant.no-holder': { status: 422, meaning: 'No active hospital can hold fragments.' },
  'client-grant.too-few-receipts': { status: 503, meaning: 'Too few hospitals have taken their fragments.' },

  'client-grant.over': {
    status: 409,
    meaning: 'No grant of this category stands for this grantee that could be made again: it has ended, or is used up.',
  },

  'client-external.other-content': {
    status: 409,
    meaning: 'What the address gave is not what the author of the external reference pointed to.',
  },

  'client-research.nothing-readable': {
    status: 404,
    meaning: 'No grant for research covers any record of this account now.',
  },

  'client-index.none-here': {
    status: 404,
    meaning: 'This device knows of no search index at this hospital, or the token is for another one.',
  },
  'client-index.too-large': { status: 413, meaning: 'The medical index holds more than its limit.' },
  'client-index.malformed': { status: 400, meaning: 'The bytes are not a medical index, or not a search token.' },
  'client-index.unknown-version': {
    status: 400,
    meaning: 'The medical index has a version that this software does not know.',
  },

  'client-desk.staff': { status: 422, meaning: 'A desk is split among two or more of its staff, up to a limit.' },
  'client-desk.too-few-staff': {
    status: 409,
    meaning: 'A desk opens with two of its staff, each with a share of their own.',
  },
  'client-desk.other-desk': {
    status: 409,
    meaning: 'The shares are of two desks, of another key, or of another chain.',
  },
  'client-desk.damaged': { status: 400, meaning: 'A share of the desk is none, or was altered.' },
  'client-desk.patient-unknown': { status: 404, meaning: 'There is no such patient to tell the reason to.' },
  'client-desk.no-reviewer': { status: 422, meaning: 'There is no other active hospital that could review.' },
  'client-review.unknown': { status: 404, meaning: 'There is no such review, or it is not for this one to see.' },
  'client-review.other-transaction': {
    status: 502,
    meaning: 'The transaction that was told with the review is not the one that broke the glass.',
  },

  'client-guardian.threshold': {
    status: 422,
    meaning: 'A secret is split among two or more, of whom two or more are needed, up to a limit.',
  },
  'client-guardian.unknown': { status: 404, meaning: 'A chosen guardian is no active participant of the chain.' },
  'client-guardian.too-few-receipts': {
    status: 409,
    meaning: 'Too few hospitals have signed that they keep their half of the sealed roots.',
  },
  'client-guardian.other-letter': {
    status: 422,
    meaning: 'The letter is not for this guardian, or is not about this request.',
  },
  'client-guardian.immature': {
    status: 409,
    meaning:
      'The chain does not prove that the request was approved, and that its patient let the time for a veto pass.',
  },
  'client-guardian.sealed-altered': {
    status: 409,
    meaning: 'No hospital gave the sealed roots that the patient left.',
  },
  'client-guardian.other-person': { status: 422, meaning: 'The roots that were opened are not those of this patient.' },
  'client-guardian.too-few-shares': {
    status: 409,
    meaning: 'Too few holders have released a share that is the one they were given.',
  },
});
export type ClientCode = keyof typeof CLIENT_CODES;
