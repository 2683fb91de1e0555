import { defineCodes } from '../base/result.ts';

/** Why a node does not start, does not serve, or stopped; and why a hospital does not do a duty that was asked of it. */
export const NODE_CODES = defineCodes({
  'node-file.missing': { status: 500, meaning: 'A file that the node needs is not there.' },
  'node-file.permissions': { status: 500, meaning: 'The file is readable by others than its owner.' },
  'node-file.malformed': { status: 500, meaning: 'The file does not hold what it should, in the form it should.' },
  'node-keys.foreign': { status: 500, meaning: 'The keys belong to no hospital of this chain.' },
  'node-keys.differ': {
    status: 500,
    meaning: "One of the keys is not the one of the hospital's record, and the others are: the file is damaged.",
  },
  'node-keys.not-validator': {
    status: 500,
    meaning: "The validator key is not the one of the hospital's record: the node follows and does not sign.",
  },

  'node.not-started': { status: 503, meaning: 'The node is not running yet.' },
  'node.catching-up': { status: 503, meaning: 'The node fetches blocks that the others have finalised already.' },
  'node.no-peers': { status: 503, meaning: 'The node reaches no other hospital.' },
  'node.validator-key-changed': {
    status: 503,
    meaning:
      'The chain names this hospital by another validator key from here on: the node opens its folder again to take it.',
  },
  'node.stopped': { status: 503, meaning: 'The node was stopped.' },
  'node.overloaded': { status: 503, meaning: 'The node has more work waiting than it may hold.' },
  'node.unrecorded-vote': {
    status: 500,
    meaning: 'The node was about to sign a vote that its durable record does not hold: it stops.',
  },
  'node.failed': { status: 500, meaning: 'The software met a state that it holds to be impossible: it stops.' },

  'node-search.epoch-ended': {
    status: 409,
    meaning: 'A search index of a later epoch is stored here: build anew, in that epoch or after it.',
  },

  'node-handles.foreign-share': {
    status: 500,
    meaning: "The share of the handle key is not the one that genesis publishes for this hospital's number.",
  },
  'node-handles.no-share': {
    status: 404,
    meaning: 'This hospital has no share of the handle key under that number, or the chain has no such key.',
  },
  'node-handles.too-many': {
    status: 429,
    meaning: 'As many handles were asked for by this registrar, or by its hospital, as one hour allows.',
  },
  'node-session.unknown': { status: 404, meaning: 'There is no such session here, or it has ended.' },
  'node-session.too-many': { status: 503, meaning: 'As many sessions or handshakes are open as the node allows.' },
  'node-session.busy': { status: 409, meaning: 'The session still works on the message before.' },
  'node-session.not-allowed': { status: 403, meaning: 'No policy lets this key have a session with the hospital.' },

  'duty.malformed': { status: 400, meaning: 'The request of another hospital has no known form.' },
  'duty.busy': { status: 503, meaning: 'The hospital has too much of this work waiting.' },
  'duty.unreachable': { status: 503, meaning: 'The hospital did not answer, or its answer was not complete.' },
  'duty.cid-invalid': { status: 400, meaning: 'The content id is none that this chain can hold.' },
  'duty.blob-missing': { status: 404, meaning: 'The ciphertext is not stored here and could not be fetched.' },
  'duty.envelope-missing': { status: 404, meaning: 'The envelope is not stored here and could not be fetched.' },
  'duty.envelope-foreign': {
    status: 422,
    meaning: 'The envelope is for another record, or its author signed another content id.',
  },
  'duty.content-registered': { status: 409, meaning: 'A record with another envelope holds this content already.' },
  'duty.content-shredded': { status: 410, meaning: 'A record with this content was shredded: it is stored no more.' },
  'duty.replacement-unsigned': {
    status: 403,
    meaning: "The record's owner has not signed this envelope for the place of the one that stands.",
  },
  'duty.envelope-replaced': {
    status: 410,
    meaning: 'The record got another envelope since the read was allowed: read again.',
  },
  'duty.too-many-envelopes': {
    status: 409,
    meaning: 'As many envelopes as the limit are kept with this content already.',
  },
  'duty.receipt-invalid': { status: 502, meaning: "The receipt is not signed by the hospital's duty key." },
  'duty.record-unknown': { status: 404, meaning: 'The record is not on the chain as this hospital knows it.' },
  'duty.fragment-foreign': {
    status: 422,
    meaning: 'A fragment is not the one that it came as: another grant, patient, grantee or delegating key.',
  },
  'duty.fragment-gap': {
    status: 422,
    meaning:
      'The fragments leave out an epoch between two others, or name one twice: a grant covers a run of epochs of each category.',
  },
  'duty.fragment-exists': { status: 409, meaning: 'Other fragments are kept for this grant already.' },
  'duty.share-unknown': {
    status: 409,
    meaning: 'A share was committed under this hospital’s key that this node did not make.',
  },
  'duty.fragment-missing': { status: 404, meaning: 'This hospital keeps no such fragment as the grant names.' },
  'duty.too-many-fragments': { status: 413, meaning: 'One grant gives a hospital more fragments than the limit.' },
  'duty.not-holder': { status: 403, meaning: 'The grant does not name this hospital as a holder.' },
  'duty.read-unknown': { status: 404, meaning: 'The chain, as this hospital knows it, allowed no such read.' },
  'duty.read-closed': { status: 410, meaning: 'The read was allowed too many blocks ago: it opens nothing any more.' },
  'duty.no-shares': { status: 409, meaning: "The read opens by the owner's own key: nobody holds shares for it." },
  'duty.guardian-share-foreign': {
    status: 422,
    meaning: 'The share of a sealed root is not for this hospital, or not of its form.',
  },
  'duty.guardian-share-exists': { status: 409, meaning: 'Another share is kept under this name already.' },
  'duty.guardian-share-missing': { status: 404, meaning: 'This hospital keeps no share for what was asked.' },
  'duty.guardianship-unknown': { status: 404, meaning: 'The chain, as this hospital knows it, holds no such request.' },
  'duty.guardianship-immature': {
    status: 409,
    meaning: 'The request is not approved, or the time in which its patient may object is not over.',
  },
  'duty.guardianship-ended': {
    status: 410,
    meaning: 'The patient objected, or another request, or another plan, took its place.',
  },
  'duty.grant-ended': { status: 403, meaning: 'The grant was revoked, was replaced or has expired since the read.' },
});
export type NodeCode = keyof typeof NODE_CODES;
