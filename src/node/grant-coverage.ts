import type { Address } from '../base/brand.ts';
import { equal, toHex, u64be } from '../base/bytes.ts';
import { openReads } from '../ledger/state/evaluation-tables.ts';
import type { StateReader } from '../ledger/state/table.ts';
import { type GrantRow, grants } from '../ledger/state/tables.ts';

/** Whose grant it is, and to whom: its fragments are all of one patient, and open to one grantee. */
export interface GrantName {
  readonly grantId: Uint8Array;
  readonly patient: Address;
  /** `granteeKeyOf`: a grant key without its category. */
  readonly grantee: string;
}

const CATEGORY_BYTES = 16;

/** The row of the newest state under which a fragment of this key (`keyIdBytes`) serves, whether it opens anything still or not. */
export function rowCovering(state: StateReader, grant: GrantName, keyId: Uint8Array): GrantRow | undefined {
  const category = keyId.slice(0, CATEGORY_BYTES);
  const row = grants.get(state, toHex(grant.patient), `${grant.grantee}:${toHex(category)}`);
  if (row === undefined || !equal(row.grantId, grant.grantId)) return undefined;
  return namesEpoch(row, keyId.slice(CATEGORY_BYTES)) ? row : undefined;
}

/**
 * Whether it is wanted. What has expired, or is used up and has no read open, opens nothing more, now or later: uses come back only from a read that is
 * open (T-66).
 */
export function isCovered(state: StateReader, grant: GrantName, keyId: Uint8Array, nowMs: number): boolean {
  const row = rowCovering(state, grant, keyId);
  return row !== undefined && !isOver(state, row, nowMs);
}

const namesEpoch = ({ epochFrom, epochTo }: GrantRow, epoch: Uint8Array): boolean =>
  toHex(u64be(epochFrom)) <= toHex(epoch) && toHex(epoch) <= toHex(u64be(epochTo));

function isOver(state: StateReader, { expires, usesLeft, grant }: GrantRow, nowMs: number): boolean {
  if (expires <= nowMs) return true;
  return usesLeft === 0 && openReads.get(state, toHex(grant)) === undefined;
}
