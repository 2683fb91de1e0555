import { assert } from '../base/assert.ts';
import type { Height } from '../base/brand.ts';
import type { ValidatorSet } from '../base/validators.ts';
import type { LedgerEnv } from './chain.ts';
import { memoised } from './row-memo.ts';
import type { StateReader } from './state/table.ts';
import { type Epoch, epochRows, pastSets, validatorSets } from './state/tables.ts';

/** The set that decides the height after `state`. */
export function validatorsOf(env: LedgerEnv, state: StateReader): ValidatorSet {
  const key = validatorSets.key('validators');
  const set = memoised(env.rowMemo, state, key, () => validatorSets.get(state, 'validators'));
  assert(set !== undefined, 'the state holds a validator set from genesis on');
  return set;
}

export function epochOf(state: StateReader): Epoch {
  const epoch = epochRows.get(state, 'epoch');
  assert(epoch !== undefined, 'the state numbers the epoch from genesis on');
  return epoch;
}

/** An epoch and the set that decides its heights. */
export interface EpochSet {
  readonly number: number;
  readonly since: Height;
  readonly validators: ValidatorSet;
}

/**
 * The set that decides or decided `height`, which is at most the next one: the present set, or a past one found by halving (an epoch
 * lasts a height at least). Undefined where its set is not kept any more.
 */
export function setAt(env: LedgerEnv, state: StateReader, height: Height): EpochSet | undefined {
  const { number, since, oldest } = epochOf(state);
  if (height >= since) return { number, since, validators: validatorsOf(env, state) };
  if (oldest === number) return undefined;
  let low = oldest;
  let high = number - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (pastSetOf(state, middle).since <= height) low = middle;
    else high = middle - 1;
  }
  const past = pastSetOf(state, low);
  return past.since <= height ? past : undefined;
}

export function pastSetOf(state: StateReader, number: number): EpochSet {
  const row = pastSets.get(state, String(number));
  assert(row !== undefined, 'every epoch from the oldest on has its set');
  return { number, since: row.since as Height, validators: row.validators };
}
