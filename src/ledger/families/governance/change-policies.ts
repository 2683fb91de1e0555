import { assert } from '../../../base/assert.ts';
import type { Height } from '../../../base/brand.ts';
import { ok, type Result, refuse } from '../../../base/result.ts';
import * as shape from '../../../base/shape.ts';
import { parsePolicies } from '../../../vm/index.ts';
import type { Schema } from '../../../vm/schema/schema.ts';
import type { LedgerCode } from '../../codes.ts';
import { LEDGER_GAS } from '../../gas.ts';
import { changeDelayOf } from '../../parameters.ts';
import { composeText, deployedPolicies, namedPolicies } from '../../policy/compose.ts';
import { checkConstitution } from '../../policy/constitution.ts';
import { POLICY_LIMITS } from '../../policy/limits.ts';
import { readPolicyTrees } from '../../policy/read-policies.ts';
import { checkStrictly } from '../../policy/schema-of.ts';
import type { StateReader } from '../../state/table.ts';
import { policyRows, policySchedules } from '../../state/tables.ts';
import type { ApplySetting } from '../kind.ts';
import { change } from './change.ts';

interface PolicyChange {
  /** The version that it changes. */
  readonly base: number;
  /** New policies, and new texts of standing ones: each says its `@id`. */
  readonly deploy: string;
  /** Ids of policies that go. */
  readonly retire: readonly string[];
  /** The first height that the changed policies decide. */
  readonly activationHeight: Height;
}

/**
 * The consortium's policies are changed as a whole, from one version to the next (T-50). The policies see of it only that they are to be
 * changed, so that none can stand in the way of its own repeal and of no other.
 */
export const changePolicies = change<PolicyChange>({
  shape: shape.struct({
    base: shape.uint(),
    deploy: shape.text(POLICY_LIMITS.changeTextMax),
    retire: shape.list(shape.text(128), POLICY_LIMITS.changeRetiresMax),
    activationHeight: shape.heightShape,
  }),
  work: ({ deploy }) => LEDGER_GAS.constitution + LEDGER_GAS.policyByte * deploy.length,
  voteWork: LEDGER_GAS.constitution,
  context: () => ({}),
  propose: (setting, state, value, lastHeight) => {
    const latest = lastHeight + changeDelayOf(setting.engine, setting.parameters);
    if (value.activationHeight > latest) return refuse('governance.too-late', { latest });
    const text = changedText(setting, state, value);
    return text.ok ? checkText(setting.schema(), value, text.value) : text;
  },
  // Of one version, the same change makes the same text: what was checked when it was proposed holds. What waits already is not lost,
  // for this is built on it, and takes its place in the schedule (T-54).
  enact: (setting, state, value, proposal) => {
    const text = changedText(setting, state, value);
    if (!text.ok) return text;
    const { base, activationHeight } = value;
    policySchedules.set(state, { proposal, activationHeight, version: base + 1, text: text.value }, 'policy-schedule');
    return ok(null);
  },
});

/** The newest policies that were voted, whether they decide already or wait. */
function newestPolicies(state: StateReader): { readonly version: number; readonly text: string } {
  const newest = policySchedules.get(state, 'policy-schedule') ?? policyRows.get(state, 'policies');
  assert(newest !== undefined, 'the state holds the consortium policies from genesis on');
  return newest;
}

/** The whole set after the change, which must be one of the newest version, and leave time until it decides. */
function changedText(setting: ApplySetting, state: StateReader, value: PolicyChange): Result<string, LedgerCode> {
  const earliest = setting.height + changeDelayOf(setting.engine, setting.parameters);
  if (value.activationHeight < earliest) return refuse('governance.too-soon', { earliest });
  const { version, text } = newestPolicies(state);
  if (value.base !== version) return refuse('policy.stale', { version });
  const deployed = deployedPolicies(value.deploy);
  if (!deployed.ok) return deployed;
  const standing = namedPolicies(text);
  return standing.ok ? composeText(standing.value, deployed.value, value.retire) : standing;
}

/** What is deployed fits the schema (T-43); the whole is small enough to be read, and leaves the way back open (T-53). */
function checkText(schema: Schema | null, { deploy }: PolicyChange, text: string): Result<null, LedgerCode> {
  if (schema === null) return refuse('policy.no-schema');
  const deployed = readPolicyTrees(deploy);
  if (!deployed.ok) return deployed;
  const strict = checkStrictly(schema, deployed.value);
  if (!strict.ok) return strict;
  const policies = namedPolicies(text);
  const set = parsePolicies(text);
  return policies.ok && set.ok ? checkConstitution(schema, set.value, policies.value) : refuse('policy.too-large');
}
