import { defineCodes } from '../../base/result.ts';

/** What an offline check can say beside the codes of the parts it calls. */
export const OFFLINE_CODES = defineCodes({
  'offline.gap': {
    status: 400,
    meaning: 'A height is missing or repeated: what follows cannot be checked without it.',
  },
  'offline.header-altered': { status: 400, meaning: 'The quorum signed another header than this one.' },
  'offline.certificate-height': { status: 400, meaning: 'The certificate is of another height.' },
  'offline.certificate-engine': {
    status: 400,
    meaning: 'The certificate is of another engine than the genesis names.',
  },
  'offline.certificate-block': { status: 400, meaning: 'The certificate names another block.' },
  'offline.receipts-differ': { status: 400, meaning: 'The receipts are not those that executing the block gives.' },

  'offline.unknown-version': {
    status: 400,
    meaning: 'The proof file has a version that this software does not know.',
  },
  'offline.foreign-genesis': { status: 400, meaning: 'This belongs to a chain with another genesis file.' },
  'offline.unknown-set': {
    status: 400,
    meaning: 'The header is of a validator set that neither the genesis nor a hand-over of the file shows.',
  },
  'offline.handover': {
    status: 400,
    meaning: 'The next validator set is not the one that the hand-over header binds.',
  },
  'offline.wrong-height': { status: 400, meaning: 'The state is not the one after this block.' },
  'offline.value-differs': { status: 400, meaning: 'The value is not the one that the state proof shows.' },
  'offline.witness-incomplete': { status: 400, meaning: 'The statement needs a row of the state that is not shown.' },
  'offline.witness-superfluous': {
    status: 400,
    meaning: 'A row of the state is shown twice, or without need: a proof tells no more than it says.',
  },
  'offline.schema-differs': {
    status: 400,
    meaning: 'The state binds another schema than the one of the genesis, by which actions have their groups.',
  },
  'offline.not-included': { status: 400, meaning: 'The transaction or its receipt is not in the block.' },
  'offline.statement-false': { status: 400, meaning: 'The state shows otherwise than the statement says.' },
});
export type OfflineCode = keyof typeof OFFLINE_CODES;
