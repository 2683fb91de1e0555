import { assert } from '../base/assert.ts';
import { type PolicySet, parsePolicies } from '../vm/index.ts';
import type { LedgerEnv } from './chain.ts';
import type { StateReader } from './state/table.ts';
import { policyRows } from './state/tables.ts';

/** The consortium's policies, parsed. They stand in the state; the memo only saves parsing the same text again. */
export function policiesOf(env: LedgerEnv, state: StateReader): PolicySet {
  const row = policyRows.get(state, 'policies');
  assert(row !== undefined, 'the state holds the consortium policies from genesis on');
  const memo = env.policyMemo;
  if (memo.text === row.text) return memo.set;
  const parsed = parsePolicies(row.text);
  assert(parsed.ok, 'policies were parsed before they entered the state');
  return Object.assign(memo, { text: row.text, set: parsed.value }).set;
}
