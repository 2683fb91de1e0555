import type { Address, PublicKey } from '../../../base/brand.ts';
import { compareBytes, equal, toHex } from '../../../base/bytes.ts';
import { LIMITS } from '../../../base/limits.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import type { Validator, ValidatorSet } from '../../../base/validators.ts';
import type { LedgerCode } from '../../codes.ts';
import type { StateReader } from '../../state/table.ts';
import { hospitals } from '../../state/tables.ts';

/** The set that a change makes of `set`, or why it makes none. Each gives a set that is sorted, without repeats, and not empty. */
export type Plan = Result<ValidatorSet, LedgerCode>;

export const memberOf = (set: ValidatorSet, id: Address): Validator | undefined =>
  set.find((member) => equal(member.id, id));

/** The key's own freedom is checked apart: it is no matter of the set. */
export function planAdding(state: StateReader, set: ValidatorSet, id: Address, publicKey: PublicKey): Plan {
  const row = hospitals.get(state, toHex(id));
  if (row === undefined) return refuse('hospital.unknown');
  if (row.status !== 'active') return refuse('governance.not-active', { status: row.status });
  if (memberOf(set, id) !== undefined) return refuse('governance.already-validator');
  if (set.length >= LIMITS.validatorsMax) return refuse('governance.too-many-validators');
  return ok([...set, { id, publicKey }].sort((a, b) => compareBytes(a.id, b.id)));
}

export function planRemoving(set: ValidatorSet, id: Address): Plan {
  if (memberOf(set, id) === undefined) return refuse('governance.no-validator');
  if (set.length === 1) return refuse('governance.last-validator');
  return ok(set.filter((member) => !equal(member.id, id)));
}

export function planRotating(set: ValidatorSet, id: Address, publicKey: PublicKey): Plan {
  if (memberOf(set, id) === undefined) return refuse('governance.no-validator');
  return ok(set.map((member) => (equal(member.id, id) ? { id, publicKey } : member)));
}
