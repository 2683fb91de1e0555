import { assert } from '../../base/assert.ts';
import type { EvalCode } from '../codes.ts';
import { GAS } from './gas.ts';
import { Failure, OUT_OF_GAS } from './outcome.ts';
import { type PolicySet, planFor } from './policy-set.ts';
import type { AuthorizationRequest, Decision, EntityReader } from './request.ts';
import { pays, type Run, readOnce } from './run.ts';

/** What each policy said, ids sorted by bytes. */
interface Verdicts {
  readonly permits: readonly string[];
  readonly forbids: readonly string[];
  readonly errors: readonly { readonly policyId: string; readonly code: EvalCode }[];
  readonly forbidErred: boolean;
  readonly gasUsed: number;
  readonly outOfGas: boolean;
}

/**
 * Decides a request by Cedar's rule (deny by default, a satisfied forbid wins) and two of the chain's own: an erroring forbid
 * denies, and running out of gas denies whatever was found so far (CHAIN.md, "Policy and gas"). Same policies, request
 * and entities: same decision and same gas, on every machine.
 */
export function authorize(
  policies: PolicySet,
  request: AuthorizationRequest,
  entities: EntityReader,
  gasLimit: number,
): Decision {
  assert(Number.isSafeInteger(gasLimit) && gasLimit >= 0, 'a gas limit is a non-negative integer');
  const { permits, forbids, errors, forbidErred, gasUsed, outOfGas } = judge(policies, request, entities, gasLimit);
  if (outOfGas) return { allowed: false, reasons: [], errors: [], gasUsed, outOfGas };
  const allowed = permits.length > 0 && forbids.length === 0 && !forbidErred;
  return { allowed, reasons: allowed ? permits : forbids, errors, gasUsed, outOfGas };
}

/** Cedar's own answer. It is what the official corpus judges, and what a report shows beside ours. */
export interface CedarAnswer {
  readonly decision: 'allow' | 'deny';
  readonly reason: readonly string[];
  readonly errors: readonly string[];
}

/** The decision without gas and without the rule on erroring forbids. */
export function isAuthorizedCedar(
  policies: PolicySet,
  request: AuthorizationRequest,
  entities: EntityReader,
): CedarAnswer {
  const { permits, forbids, errors } = judge(policies, request, entities, Number.MAX_SAFE_INTEGER);
  const allowed = permits.length > 0 && forbids.length === 0;
  return {
    decision: allowed ? 'allow' : 'deny',
    reason: allowed ? permits : forbids,
    errors: errors.map(({ policyId }) => policyId),
  };
}

/** What was found so far is forgotten: where the gas ends must not show in the answer. */
const outOfGas = (gasLimit: number): Verdicts => ({
  permits: [],
  forbids: [],
  errors: [],
  forbidErred: false,
  gasUsed: gasLimit,
  outOfGas: true,
});

/** Every policy, in the order of id bytes, with no early exit: the gas says nothing of who decided, nor of the index. */
function judge(policies: PolicySet, request: AuthorizationRequest, entities: EntityReader, gasLimit: number): Verdicts {
  const run: Run = { request, entities: readOnce(entities), gas: gasLimit };
  const permits: string[] = [];
  const forbids: string[] = [];
  const errors: { policyId: string; code: EvalCode }[] = [];
  const { candidates, skippedLast } = planFor(policies, request);
  let forbidErred = false;
  for (const { policy, skipped } of candidates) {
    const satisfied = pays(run, GAS.policy * skipped) ? policy.decides(run) : OUT_OF_GAS;
    if (satisfied === OUT_OF_GAS) return outOfGas(gasLimit);
    if (satisfied instanceof Failure) {
      errors.push({ policyId: policy.id, code: satisfied.code });
      forbidErred ||= policy.effect === 'forbid';
    } else if (satisfied) (policy.effect === 'permit' ? permits : forbids).push(policy.id);
  }
  if (!pays(run, GAS.policy * skippedLast)) return outOfGas(gasLimit);
  return { permits, forbids, errors, forbidErred, gasUsed: gasLimit - run.gas, outOfGas: false };
}
