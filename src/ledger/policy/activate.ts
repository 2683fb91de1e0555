import { assert } from '../../base/assert.ts';
import type { Height } from '../../base/brand.ts';
import type { StateWriter } from '../state/table.ts';
import { pastPolicies, policyRows, policySchedules } from '../state/tables.ts';

/** At the end of block `height`: policies that are to decide from the next one on take their place; those before stay as history (T-54, B-23). */
export function activatePolicies(state: StateWriter, height: Height): void {
  const schedule = policySchedules.get(state, 'policy-schedule');
  if (schedule === undefined || schedule.activationHeight > height + 1) return;
  const before = policyRows.get(state, 'policies');
  assert(before !== undefined, 'the state holds the consortium policies from genesis on');
  pastPolicies.set(state, { text: before.text, lastHeight: height }, String(before.version));
  policyRows.set(state, { version: schedule.version, text: schedule.text }, 'policies');
  policySchedules.delete(state, 'policy-schedule');
}
