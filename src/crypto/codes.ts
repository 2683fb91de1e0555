import type { BaseCode } from '../base/codes.ts';
import { defineCodes } from '../base/result.ts';

/** Refusals of padded text, records, wrapped keys, envelopes, fragments, shares and key files. None says which secret was wrong. */
export const CRYPTO_CODES = defineCodes({
  'crypto-padding.malformed': { status: 400, meaning: 'The plaintext does not end in the padding of its length.' },

  'crypto-record.commitment-mismatch': {
    status: 400,
    meaning: 'The record was encrypted under another key, for another record or version, or its header was altered.',
  },
  'crypto-record.chunk-invalid': {
    status: 400,
    meaning: 'A chunk of the record is altered, repeated, missing or out of its place.',
  },
  'crypto-record.final-chunk-invalid': {
    status: 400,
    meaning: 'The last chunk of the record is altered, cut short or followed by other bytes.',
  },
  'crypto-record.truncated': { status: 400, meaning: 'The record ends before its last chunk.' },
  'crypto-record.too-large': { status: 413, meaning: 'The record is larger than its limit.' },
  'crypto-record.finished': { status: 400, meaning: 'Bytes follow a record that has already ended.' },

  'crypto-box.invalid-public-key': { status: 400, meaning: 'A public key is not a point of the curve.' },
  'crypto-box.wrong-key': {
    status: 403,
    meaning: 'The box was sealed to another key or for another purpose, or its head was altered.',
  },
  'crypto-box.damaged': { status: 400, meaning: 'The content of the box was altered.' },

  'crypto-reason.length': { status: 422, meaning: 'A reason is not empty, and within its limit.' },
  'crypto-reason.not-for-you': { status: 403, meaning: 'The reason was not sealed to this reader.' },
  'crypto-reason.malformed': { status: 400, meaning: 'What was sealed as a reason is none.' },

  'crypto-envelope.author-mismatch': {
    status: 400,
    meaning: 'The envelope is not signed by its author for this record, version, key and content id.',
  },

  'crypto-fragment.wrong-binding': {
    status: 400,
    meaning: 'The fragment was sealed for another chain, grant, holder or delegating key.',
  },

  'crypto-share.wrong-binding': {
    status: 400,
    meaning: 'The share answers another read, or comes from another holder.',
  },
  'crypto-share.foreign-fragment': {
    status: 400,
    meaning: 'The share was made by a fragment that the grant did not give to its holder.',
  },
  'crypto-share.too-few': { status: 409, meaning: 'Too few valid shares have arrived to open the record.' },
  'crypto-share.too-many': { status: 400, meaning: 'More shares were offered than a grant may have holders.' },

  'crypto-umbral.malformed': {
    status: 400,
    meaning: 'The bytes are not a capsule, a fragment or a share in the one accepted encoding.',
  },
  'crypto-umbral.not-a-point': { status: 400, meaning: 'What should be a point of the curve is none.' },
  'crypto-umbral.scalar-out-of-range': {
    status: 400,
    meaning: 'A scalar is zero, or not below the order of the curve.',
  },
  'crypto-umbral.capsule-invalid': { status: 400, meaning: 'The capsule was altered, or not made by its author.' },
  'crypto-umbral.capsule-signature-invalid': {
    status: 400,
    meaning: 'The signature is not of the author of this capsule over this message.',
  },
  'crypto-umbral.threshold-out-of-range': {
    status: 400,
    meaning: 'The threshold is not from 1 to the number of fragments, or there are more of them than the limit.',
  },
  'crypto-umbral.fragment-commitment-wrong': {
    status: 400,
    meaning: "The fragment's secret is not the one that it commits to.",
  },
  'crypto-umbral.fragment-signature-invalid': {
    status: 400,
    meaning: 'The person has not signed this fragment for these keys.',
  },
  'crypto-umbral.share-proof-invalid': {
    status: 400,
    meaning: 'The share was not made by its fragment from this capsule.',
  },
  'crypto-umbral.shares-mixed': { status: 400, meaning: 'The shares are not all of one grant.' },
  'crypto-umbral.share-repeated': { status: 400, meaning: 'A fragment has more than one share among these.' },
  'crypto-umbral.too-many-shares': { status: 400, meaning: 'More shares were offered than a grant may have.' },
  'crypto-umbral.shares-do-not-open': {
    status: 409,
    meaning: 'The shares together do not open the capsule: they are too few, or not of it.',
  },

  'crypto-key-file.malformed': { status: 400, meaning: 'The text is not a key file.' },
  'crypto-key-file.unknown-version': {
    status: 400,
    meaning: 'The key file has a version that this software does not know.',
  },
  'crypto-key-file.cost-refused': {
    status: 400,
    meaning: 'The key file asks for more or less password work than is allowed.',
  },
  'crypto-key-file.damaged': { status: 400, meaning: 'The key file was altered after it was written.' },
  'crypto-key-file.wrong-password': { status: 403, meaning: 'The password does not open the key file.' },

  'crypto-request.unsigned': { status: 401, meaning: 'The request concerns persons and is not signed.' },
  'crypto-request.malformed': { status: 401, meaning: 'The signature headers are not in the one accepted form.' },
  'crypto-request.outside-window': {
    status: 401,
    meaning: "The request was signed too long ago, or in the node's future: check the clock.",
  },
  'crypto-request.bad-signature': {
    status: 401,
    meaning: 'The signature is not of this key, request and chain.',
  },

  'crypto-oprf.invalid-point': { status: 400, meaning: 'A point is not on the curve, or is the neutral one.' },
  'crypto-oprf.bad-proof': {
    status: 502,
    meaning: 'The evaluation was not made with the key share of this holder, or was altered.',
  },
  'crypto-oprf.too-few': { status: 409, meaning: 'Too few holders gave a valid evaluation.' },
  'crypto-oprf.too-many': { status: 400, meaning: 'More evaluations or dealings than the key has holders.' },
  'crypto-oprf.bad-deal': {
    status: 400,
    meaning: 'The dealing has another form than agreed, or its dealer does not know what it commits to.',
  },
  'crypto-oprf.bad-share': { status: 400, meaning: 'The dealt share does not fit what its dealer committed to.' },
  'crypto-oprf.too-few-deals': {
    status: 409,
    meaning: 'Fewer sound dealings than the threshold: together their dealers could know the key.',
  },

  'crypto-search.keyword-malformed': { status: 400, meaning: 'The keyword is empty, too long or not normalised.' },
  'crypto-search.too-many': { status: 413, meaning: 'The index holds more keywords or postings than its limit.' },
  'crypto-search.index-malformed': {
    status: 400,
    meaning: 'The bytes are no search index: entries are cut short, or not in the order of their labels.',
  },
  'crypto-search.wrong-index': { status: 400, meaning: 'The trapdoor was made for another index.' },
  'crypto-search.damaged': {
    status: 502,
    meaning: 'An entry of the index was altered, or belongs to another keyword.',
  },
  'crypto-search.incomplete': { status: 502, meaning: 'Entries of the keyword were left out of the answer.' },

  'crypto-session.malformed': { status: 400, meaning: 'The message does not have the form of this step.' },
  'crypto-session.invalid-key': { status: 400, meaning: 'An ephemeral key is not a point of the curve.' },
  'crypto-session.reflected': { status: 400, meaning: "The message is the receiver's own, sent back." },
  'crypto-session.wrong-keys': {
    status: 403,
    meaning: 'The message was not sealed for this session and step: it is altered, replayed or foreign.',
  },
  'crypto-session.wrong-peer': { status: 403, meaning: 'Somebody else answers than this session was meant for.' },
  'crypto-session.bad-signature': {
    status: 403,
    meaning: 'The peer did not sign this session: it is not who it says.',
  },
  'crypto-session.exhausted': { status: 409, meaning: 'The session has carried all it may: open a new one.' },

  'crypto-guardians.wrong-secrets': {
    status: 403,
    meaning: 'The two secrets do not open this seal: one is wrong, or it was made for another root, owner or chain.',
  },
  'crypto-guardians.damaged': { status: 400, meaning: 'The sealed root was altered.' },
  'crypto-guardians.share-altered': { status: 400, meaning: 'The share is not the one that was committed to.' },
});
export type CryptoCode = keyof typeof CRYPTO_CODES;
/** What reading an encoded object of this folder can refuse. */
export type ReadCode = CryptoCode | BaseCode;
