import { defineCodes } from '../base/result.ts';

/** Refusals of the mempool, of peers' messages, and the reasons for which a replica stops or does not sign. */
export const PROTOCOL_CODES = defineCodes({
  'mempool.full': { status: 503, meaning: 'The node holds as many waiting transactions as it may: try again later.' },
  'mempool.sender-quota': { status: 429, meaning: 'The sender has as many waiting transactions as one sender may.' },
  'mempool.duplicate': { status: 409, meaning: 'The transaction is waiting already.' },
  'mempool.nonce-taken': { status: 409, meaning: 'Another transaction of the sender waits with this nonce.' },
  'mempool.nonce-too-far': { status: 409, meaning: "The nonce is too far ahead of the sender's next one." },

  'sync.malformed-answer': { status: 400, meaning: 'The answer to a block request is not a list of blocks.' },
  'sync.wrong-blocks': { status: 400, meaning: 'The answer holds other blocks than were asked for.' },
  'sync.bad-certificate': { status: 400, meaning: 'The certificate does not show a quorum for this block.' },
  'sync.bad-body': { status: 400, meaning: 'The block does not fit the header that the certificate is for.' },
  'sync.timeout': { status: 504, meaning: 'The peer did not answer a block request in time.' },

  'peer.malformed-message': { status: 400, meaning: 'The peer sent bytes that are no message of the channel.' },
  'peer.bad-transaction': { status: 400, meaning: 'The peer passed on a transaction that no node may admit.' },
  'peer.bad-proposal': { status: 400, meaning: 'The peer proposed bytes that are not the block they claim to be.' },

  'signing-record.lost': {
    status: 500,
    meaning: 'There is no signing record: the key may have voted, so it signs no more.',
  },
  'signing-record.damaged': { status: 500, meaning: 'The signing record cannot be read: the key signs no more.' },
  'signing-record.foreign': {
    status: 500,
    meaning: 'The signing record belongs to another chain, hospital or engine.',
  },
  'signing-record.outdated': {
    status: 500,
    meaning: 'The signing record is older than the chain: restored from a backup.',
  },

  'replica.diverged': {
    status: 500,
    meaning: 'A quorum finalised a block that this node computes otherwise: it stops.',
  },
  'replica.unknown-version': {
    status: 500,
    meaning: 'A quorum finalised a block of a version this node does not know: it stops.',
  },
});
export type ProtocolCode = keyof typeof PROTOCOL_CODES;
