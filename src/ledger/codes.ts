import { defineCodes } from '../base/result.ts';

/** Refusals of the ledger. `transaction.*` and `block.*` keep bytes out of the chain; the rest are receipts' codes. */
export const LEDGER_CODES = defineCodes({
  'genesis.malformed': { status: 400, meaning: 'The genesis file is not the canonical JSON of a genesis.' },
  'genesis.policy': { status: 400, meaning: 'A policy of the constitution does not parse, or breaks the schema.' },
  'genesis.schema': { status: 400, meaning: 'The schema of the genesis does not read.' },
  'genesis.inconsistent': { status: 400, meaning: 'The genesis names keys or hospitals twice, or has no validator.' },

  'transaction.version': { status: 400, meaning: 'The transaction has a version this node does not know.' },
  'transaction.foreign-chain': { status: 400, meaning: 'The transaction was made for another chain.' },
  'transaction.unknown-kind': { status: 400, meaning: 'There is no transaction of this kind.' },
  'transaction.bad-signature': { status: 401, meaning: 'The signature does not recover to the public key.' },
  'transaction.stranger': {
    status: 403,
    meaning: 'The key is bound to no participant, and no admitted hospital sponsors it.',
  },
  'transaction.key-retired': { status: 403, meaning: 'The key was replaced by a rotation and signs nothing any more.' },
  'transaction.nonce-used': { status: 409, meaning: 'The nonce was used already: a replay, or a late copy.' },
  'transaction.nonce-gap': { status: 409, meaning: "The nonce is not the sender's next one." },
  'transaction.expired': { status: 410, meaning: 'The transaction was valid up to a height that has passed.' },
  'transaction.too-far-ahead': {
    status: 400,
    meaning: 'The transaction asks to be valid further ahead than the chain allows.',
  },
  'transaction.gas-limit': {
    status: 400,
    meaning: 'The gas limit is below what the bytes alone cost, or above the maximum.',
  },

  'block.version': { status: 400, meaning: 'The block has a version this node does not know: the node stops.' },
  'block.foreign-chain': { status: 400, meaning: 'The block belongs to another chain.' },
  'block.height': { status: 400, meaning: 'The block does not follow the tip.' },
  'block.parent': { status: 400, meaning: 'The block names another parent.' },
  'block.timestamp': { status: 400, meaning: "The block's time does not exceed its parent's." },
  'block.proposer': { status: 400, meaning: 'The proposer is not in the validator set.' },
  'block.transactions-root': { status: 400, meaning: 'The transactions do not fit their root.' },
  'block.receipts-root': { status: 400, meaning: 'The receipts of execution do not fit their root.' },
  'block.state-root': { status: 400, meaning: 'The state after execution does not fit its root.' },
  'block.evidence-root': { status: 400, meaning: 'The evidence does not fit its root.' },
  'block.evidence': {
    status: 400,
    meaning: 'A piece of evidence proves nothing, is on chain already, or is of votes too old or yet to come.',
  },
  'block.validators-hash': { status: 400, meaning: 'The header binds another validator set.' },
  'block.gas-used': { status: 400, meaning: 'The header states another amount of gas.' },
  'block.gas-allowance': {
    status: 400,
    meaning: 'The block, a sender or a sponsoring hospital exceeds its gas allowance.',
  },
  'block.transaction': { status: 400, meaning: 'The block holds a transaction that no block may hold.' },

  'policy.denied': { status: 403, meaning: 'No policy permits this, or a policy forbids it.' },
  'policy.out-of-gas': { status: 403, meaning: 'The gas limit ended before the policies had decided.' },
  'policy.patient-out-of-gas': {
    status: 403,
    meaning: "The patient's own policies used up their gas before they had decided.",
  },
  'policy.malformed': { status: 422, meaning: 'The text does not parse as what was to be deployed.' },
  'policy.too-large': { status: 422, meaning: 'The policies would be larger than one set may be.' },
  'policy.too-deep': { status: 422, meaning: "An expression nests deeper than a patient's policy may." },
  'policy.too-many-literals': {
    status: 422,
    meaning: "A patient's policy holds too many literals, or too long a text.",
  },
  'policy.not-plain': { status: 422, meaning: "A patient's policy holds a comment or an annotation." },
  'policy.scope': {
    status: 422,
    meaning: "A patient's policy forbids, and names each action that it forbids: asking for access, or reading.",
  },
  'policy.invalid': { status: 422, meaning: "The policy breaks the chain's schema." },
  'policy.no-schema': { status: 409, meaning: 'The chain has no schema to hold a new policy to.' },
  'policy.exists': { status: 409, meaning: 'The patient has, or had once, a policy with this id.' },
  'policy.unknown': { status: 404, meaning: 'There is no such policy, or it is retired.' },
  'policy.too-many': { status: 422, meaning: 'The set holds as many policies as one may.' },
  'policy.no-id': {
    status: 422,
    meaning: 'A policy of the consortium has no id of its own, or the change names one twice.',
  },
  'policy.stale': { status: 409, meaning: 'The policies were changed since the change was made.' },
  'policy.names-somebody': {
    status: 422,
    meaning: 'A policy that could decide over governance or over keys names a person or a hospital.',
  },
  'policy.locks-out': {
    status: 422,
    meaning: 'Under the changed policies, their own repeal or the change of a stolen key could be denied.',
  },
  'gas.exhausted': { status: 422, meaning: 'The gas limit ended while the change was applied.' },

  'participant.exists': { status: 409, meaning: 'This key has an id already.' },
  'participant.duplicate-handle': { status: 409, meaning: 'The hospital has enrolled this identity before.' },
  'participant.unknown': { status: 404, meaning: 'There is no such participant.' },
  'participant.wrong-status': { status: 409, meaning: "The participant's status does not allow this step." },
  'participant.key-in-use': { status: 409, meaning: 'The new key is bound to an id already.' },
  'participant.no-possession': { status: 422, meaning: 'The proof that the sender holds the new key does not verify.' },
  'delegating-key.epoch': { status: 409, meaning: "The epoch is not the category's next one." },
  'delegating-key.category': { status: 422, meaning: 'The category is not the id of its first delegating key.' },

  'record.exists': { status: 409, meaning: 'A record with this id is registered already.' },
  'record.content-exists': { status: 409, meaning: 'This content is registered already.' },
  'read.fresh-key': { status: 422, meaning: 'The fresh key of the read is no point of the curve.' },
  'read.no-fragments': {
    status: 409,
    meaning: 'The read is permitted, and no fragments open it: they are for a key that the desk has no more.',
  },
  'break-glass.reason': {
    status: 422,
    meaning: 'The reason is sealed to the patient and to at least one hospital that may review, and to nobody twice.',
  },
  'desk.key-in-use': { status: 409, meaning: "The key is the desk's already, or was used for something else." },
  'desk.no-possession': { status: 422, meaning: 'The proof that the desk holds the key does not verify.' },
  'desk.unknown': { status: 404, meaning: 'The hospital has no emergency desk.' },
  'review.unknown': { status: 404, meaning: 'There is no such review.' },
  'review.closed': { status: 409, meaning: 'The review was closed already.' },
  'record.unknown': { status: 404, meaning: 'There is no such record.' },
  'record.too-many-versions': { status: 422, meaning: 'The record has as many versions as one may have.' },
  'record.owner-unknown': { status: 404, meaning: 'The owner has no such category.' },
  'record.wrong-epoch': { status: 409, meaning: "The epoch is not the category's current one." },
  'record.epoch-sealed': { status: 409, meaning: "The record's envelope is of this epoch already." },
  'record.storage-receipts': { status: 422, meaning: 'Too few hospitals have signed that they store the ciphertext.' },

  'request.key-mismatch': { status: 422, meaning: "The public key does not hash to the caller's address." },
  'request.oracle-bounds': { status: 422, meaning: 'It must hold that 0 < Omin ≤ Omax.' },
  'request.unknown': { status: 404, meaning: 'There is no such request.' },
  'grant.expired': {
    status: 422,
    meaning: 'The grant would end before it begins, or last longer than the chain allows.',
  },
  'grant.category': {
    status: 422,
    meaning: 'The grant names a category or an epoch that the patient does not have, or a category twice.',
  },
  'grant.fragment-receipts': {
    status: 422,
    meaning: 'Too few holders have signed that they hold a verified fragment.',
  },
  'grant.not-deliverable': {
    status: 422,
    meaning: 'A grant to a hospital or a role permits, and names no holders: fragments open to one person alone.',
  },
  'grant.desk': {
    status: 422,
    meaning: 'A grant to a desk is for break-glass alone and to read, and its own hospital holds no fragment of it.',
  },
  'grant.unknown': { status: 404, meaning: 'There is no such grant.' },
  'grant.grantee': { status: 422, meaning: 'Writing is granted to persons only, and a role must be one that exists.' },
  'grant.no-uses': {
    status: 422,
    meaning: 'A grant allows at least one use; only uses of a read grant can be counted.',
  },

  'guardianship.purpose-twice': { status: 422, meaning: 'A plan has at most one part for each purpose.' },
  'guardianship.maturing': {
    status: 422,
    meaning: 'An approval would mature sooner, or later, than the chain allows.',
  },
  'guardianship.none': { status: 404, meaning: 'The patient has set no guardians for this purpose.' },
  'guardianship.other-list': { status: 422, meaning: 'This is not the list that the patient has committed to.' },
  'guardianship.not-listed': { status: 403, meaning: 'The sender is not on the list of guardians.' },
  'guardianship.key': { status: 422, meaning: 'The key that shares were to be released to is no point of the curve.' },
  'guardianship.unknown': { status: 404, meaning: 'There is no such request of a guardian.' },
  'guardianship.closed': {
    status: 409,
    meaning: 'The request is not open any more: it was decided, or another, or another plan, took its place.',
  },
  'guardianship.lapsed': { status: 409, meaning: 'The request was made too long ago to be approved now.' },
  'guardianship.approved': { status: 409, meaning: 'This guardian has approved the request already.' },

  'evaluation.unknown': { status: 404, meaning: 'There is no such read, or no grant opened it: nobody holds a share.' },
  'evaluation.closed': { status: 409, meaning: "The read's evaluation takes nothing any more." },
  'evaluation.not-holder': { status: 403, meaning: 'The hospital is not a holder of the grant that opened the read.' },
  'evaluation.answered': { status: 409, meaning: 'The hospital has answered this read already.' },
  'evaluation.full': { status: 409, meaning: 'As many holders have answered this read as may.' },
  'evaluation.copied-share': {
    status: 409,
    meaning: 'Another holder has committed the same share. Whoever was copied answers again with a share made anew.',
  },
  'dispute.not-answered': { status: 409, meaning: 'The hospital has committed no share of this read.' },
  'dispute.repeated': { status: 409, meaning: 'This was claimed of the share already, or it was proved wrong.' },
  'dispute.not-claimed': { status: 409, meaning: 'Nobody claims that this share was not delivered.' },
  'dispute.other-share': { status: 422, meaning: 'These bytes are not the share that the hospital committed.' },
  'dispute.other-fragments': { status: 422, meaning: 'These are not the fragments that the hospital holds.' },
  'dispute.malformed-proof': { status: 422, meaning: 'The proof does not fit the read, or is not of its form.' },
  'dispute.share-right': { status: 422, meaning: 'The share is right: the claim is refuted.' },

  'proposal.unknown': { status: 404, meaning: 'There is no such proposal.' },
  'proposal.closed': { status: 409, meaning: 'The proposal was decided or has expired.' },
  'proposal.voted': { status: 409, meaning: 'This hospital has voted on the proposal already.' },
  'proposal.malformed': { status: 422, meaning: 'There is no such change, or its value is not of its form.' },
  'proposal.parameter': { status: 422, meaning: 'There is no such parameter, or the value is outside its bounds.' },
  'hospital.exists': { status: 409, meaning: 'A hospital with this key exists already.' },
  'hospital.too-many': {
    status: 422,
    meaning: 'The consortium has as many hospitals as it may have, or as many under vote.',
  },
  'hospital.wrong-status': { status: 409, meaning: "The hospital's status does not allow this step." },
  'hospital.quorum': {
    status: 409,
    meaning: 'Too few active validators would be left to decide anything, this change back included.',
  },
  'hospital.unknown': { status: 404, meaning: 'There is no such hospital.' },

  'governance.key-in-use': {
    status: 409,
    meaning: 'The key or peer id is, or was once, that of a participant or a hospital.',
  },
  'governance.no-possession': {
    status: 422,
    meaning: 'The proof that the hospital holds the validator key does not verify.',
  },
  'governance.not-active': { status: 409, meaning: 'Only an active hospital becomes a validator.' },
  'governance.already-validator': { status: 409, meaning: 'The hospital is a validator already.' },
  'governance.no-validator': { status: 409, meaning: 'The hospital is not in the validator set.' },
  'governance.still-validator': {
    status: 409,
    meaning: 'The hospital validates, or is about to: it must leave the validator set first.',
  },
  'governance.last-validator': { status: 409, meaning: 'The only validator cannot leave the set.' },
  'governance.too-many-validators': { status: 422, meaning: 'The validator set has as many members as it may have.' },
  'governance.change-scheduled': {
    status: 409,
    meaning: 'Another change of the validator set was voted and is not active yet.',
  },
  'governance.too-soon': {
    status: 422,
    meaning: 'Too few heights lie between this block and the one from which the changed set would decide.',
  },
  'governance.too-late': {
    status: 422,
    meaning: 'The change would become active later than any vote on it could need.',
  },

  'can.page-size': {
    status: 400,
    meaning: 'A page of who could read what looks through at least one row, and at most as many as one may.',
  },
  'can.page-place': { status: 400, meaning: 'A page of who could read what begins behind a row of another kind.' },

  'state.pruned': { status: 410, meaning: 'This node no longer keeps the state of that height.' },
});
export type LedgerCode = keyof typeof LEDGER_CODES;
