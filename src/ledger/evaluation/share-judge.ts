import type { Address, Hash } from '../../base/brand.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { Result } from '../../base/result.ts';
import type { GrantKeys } from '../../crypto/umbral/types.ts';
import type { LedgerCode } from '../codes.ts';
import type { WrongClaim } from '../families/payloads.ts';
import type { ReadRow, RecordRow } from '../state/tables.ts';

/** A committed share that its reader claims to be wrong, with everything that the chain knows of it. */
export interface DisputedShare {
  readonly chainId: Hash;
  /** The transaction of the read, and its row: the fresh key, the grant id. */
  readonly readId: Hash;
  readonly read: ReadRow;
  /** The record in the version that was read: its envelope hash. */
  readonly record: RecordRow;
  /** The delegating key of the record's category and epoch, the owner's signing key, the reader's receiving key. */
  readonly keys: GrantKeys;
  readonly holder: Address;
  /** Held already to be the committed share, and all the fragments of this holder. */
  readonly claim: WrongClaim;
}

/**
 * What the ledger asks of the scheme that shares are made by: does this proof show that the share is wrong? A refusal says that it shows
 * nothing, since it does not fit the read. Pure: every node gives the same answer to the same bytes, and never throws.
 */
export type ShareJudge = (primitives: Primitives, disputed: DisputedShare) => Result<'right' | 'wrong', LedgerCode>;
