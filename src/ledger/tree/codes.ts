import { defineCodes } from '../../base/result.ts';
import type { LedgerCode } from '../codes.ts';

/** Refusals of the state tree, its proofs and its stored nodes. */
export const TREE_CODES = defineCodes({
  'state-node.malformed': { status: 500, meaning: 'Stored bytes are not a node of the state tree.' },
  'state-proof.too-long': { status: 400, meaning: 'The proof has more siblings than a key has bits.' },
  'state-proof.wrong-path': {
    status: 400,
    meaning: 'The proof ends in a leaf that cannot stand on the path of this key.',
  },
  'state-proof.wrong-root': { status: 400, meaning: 'The proof does not lead to the state root.' },
});
export type TreeCode = keyof typeof TREE_CODES | Extract<LedgerCode, 'state.pruned'>;
