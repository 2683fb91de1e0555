import { assert } from '../base/assert.ts';
import type { Address, Height, PublicKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import type { Primitives } from '../base/primitives.ts';
import type { ValidatorSet } from '../base/validators.ts';
import type { LedgerEnv } from './chain.ts';
import { retireKey } from './families/governance/hospital-keys.ts';
import { memberOf } from './families/governance/validator-plans.ts';
import type { StateWriter } from './state/table.ts';
import { epochRows, hospitals, pastSets, schedules, validatorSets } from './state/tables.ts';
import { epochOf, validatorsOf } from './validator-sets.ts';

/**
 * At the end of block `height`: where a change becomes active with the next one, the next set replaces the present one, which has
 * decided this block as its last (B-25).
 */
export function handOver(env: LedgerEnv, state: StateWriter, height: Height): void {
  const schedule = schedules.get(state, 'schedule');
  if (schedule === undefined || schedule.activationHeight > height + 1) return;
  assert(schedule.activationHeight === height + 1, 'no block passes the height of a scheduled change');
  const before = validatorsOf(env, state);
  const { number, since, oldest } = epochOf(state);
  pastSets.set(state, { since, validators: before }, String(number));
  epochRows.set(state, { number: number + 1, since: schedule.activationHeight, oldest }, 'epoch');
  validatorSets.set(state, schedule.validators, 'validators');
  schedules.delete(state, 'schedule');
  rewriteRecords(env.primitives, state, before, schedule.validators);
}

/** The records of hospitals follow the set, and old keys are retired. */
function rewriteRecords(primitives: Primitives, state: StateWriter, before: ValidatorSet, after: ValidatorSet): void {
  for (const { id, publicKey } of before) {
    const now = memberOf(after, id);
    if (now !== undefined && equal(now.publicKey, publicKey)) continue;
    retireKey(primitives, state, publicKey, id, 'validator');
    if (now === undefined) setValidatorKey(state, id, null);
  }
  for (const { id, publicKey } of after) setValidatorKey(state, id, publicKey);
}

function setValidatorKey(state: StateWriter, id: Address, validatorKey: PublicKey | null): void {
  const row = hospitals.get(state, toHex(id));
  assert(row !== undefined, 'a validator is a hospital');
  const current = row.record.validatorKey;
  if (current === validatorKey || (current !== null && validatorKey !== null && equal(current, validatorKey))) return;
  hospitals.set(state, { ...row, record: { ...row.record, validatorKey } }, toHex(id));
}
