import { assert } from '../base/assert.ts';
import type { LedgerEnv } from './chain.ts';
import type { Parameters } from './parameters.ts';
import { memoised } from './row-memo.ts';
import type { StateReader } from './state/table.ts';
import { parameterRows } from './state/tables.ts';

/** The parameters as they stand in the state: governance may have changed those of genesis. */
export function parametersOf(env: LedgerEnv, state: StateReader): Parameters {
  const key = parameterRows.key('parameters');
  const parameters = memoised(env.rowMemo, state, key, () => parameterRows.get(state, 'parameters'));
  assert(parameters !== undefined, 'the state holds the parameters from genesis on');
  return parameters;
}
