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

  'crypto-envelope.author-mismatch': {
    status: 400,
    meaning: 'The envelope is not signed by its author for this record, version, key and content id.',
  },

  'crypto-fragment.wrong-id': { status: 400, meaning: 'The fragment is not the one that the grant names.' },
  'crypto-fragment.wrong-binding': {
    status: 400,
    meaning: 'The fragment was issued for another chain, grant, record, version or reader.',
  },
  'crypto-fragment.too-many': { status: 400, meaning: 'The grant names more holders than the limit.' },

  'crypto-share.wrong-binding': {
    status: 400,
    meaning: 'The share answers another read, or comes from another holder.',
  },
  'crypto-share.too-few': { status: 409, meaning: 'Too few valid shares have arrived to open the record.' },
  'crypto-share.too-many': { status: 400, meaning: 'More shares were offered than a grant may have holders.' },

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
});
export type CryptoCode = keyof typeof CRYPTO_CODES;
/** What reading an encoded object of this folder can refuse. */
export type ReadCode = CryptoCode | BaseCode;
