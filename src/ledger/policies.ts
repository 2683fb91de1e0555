import { assert } from '../base/assert.ts';
import { equal } from '../base/bytes.ts';
import { type PolicySet, parsePolicies } from '../vm/index.ts';
import type { LedgerEnv } from './chain.ts';
import type { StateReader } from './state/table.ts';
import { policyRows } from './state/tables.ts';

/** The consortium's policies, parsed. They stand in the state; the memo only saves reading the same row again. */
export function policiesOf(env: LedgerEnv, state: StateReader): PolicySet {
  const memo = env.policyMemo;
  const bytes = state.get(policyRows.key('policies'));
  assert(bytes !== undefined, 'the state holds the consortium policies from genesis on');
  if (memo.current !== null && (memo.current.bytes === bytes || equal(memo.current.bytes, bytes)))
    return memo.current.set;
  const text = policyRows.get(state, 'policies')?.text ?? '';
  const parsed = parsePolicies(text);
  assert(parsed.ok, 'policies were parsed before they entered the state');
  memo.current = { bytes, set: parsed.value };
  return parsed.value;
}
