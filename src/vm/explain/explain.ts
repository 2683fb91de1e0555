import type { EvalCode } from '../codes.ts';
import { authorize } from '../evaluate/authorize.ts';
import type { CompiledPolicy } from '../evaluate/compile-policy.ts';
import { Failure, type Outcome, TYPE_ERROR } from '../evaluate/outcome.ts';
import { compiledPolicies, type PolicySet } from '../evaluate/policy-set.ts';
import type { AuthorizationRequest, Decision, EntityReader } from '../evaluate/request.ts';
import { type Run, readOnce } from '../evaluate/run.ts';
import { type Clause, clausesOf, type Part } from './clauses.ts';
import { EXPLAIN_LIMITS } from './limits.ts';
import { distanceOf, isNearer } from './nearest.ts';
import { expressionText } from './value-text.ts';
import { evaluate, type ValueMet, valuesMet, valuesOfFailure } from './values-met.ts';

/** One clause as it came out, with the values that the evaluator met in it. */
export interface ClauseTrace {
  readonly part: Part;
  /** As Cedar text, in canonical layout. */
  readonly text: string;
  /** Where it begins in the text of its policy set, in UTF-16 units. */
  readonly at: number;
  readonly outcome: 'true' | 'false' | 'error';
  /** Of an error: its code, and the innermost expression that failed. */
  readonly error: { readonly code: EvalCode; readonly text: string } | null;
  readonly values: readonly ValueMet[];
}

export interface PolicyTrace {
  readonly policyId: string;
  readonly effect: 'permit' | 'forbid';
  readonly outcome: 'satisfied' | 'unmet' | 'error';
  /** The first clause that kept the policy from being satisfied; null where it is. */
  readonly failed: ClauseTrace | null;
  /** Of a policy that decided: its conditions, which all came out as they must. */
  readonly held: readonly ClauseTrace[];
}

export interface Explanation {
  /** The decision itself: what `authorize` gives, with the same gas. */
  readonly decision: Decision;
  /** Every policy, by the bytes of its id. None where the gas ran out: then nothing is named. */
  readonly policies: readonly PolicyTrace[];
  /** Where nothing was permitted and nothing forbidden: the permit that came closest. */
  readonly nearest: string | null;
  /** False where explaining was too much work: then policies are missing at the end. */
  readonly complete: boolean;
}

/**
 * Decides, and then says why. The decision is made first, by `authorize` alone, so that asking why changes neither it nor its gas;
 * after that each policy is evaluated again, clause by clause. Same policies, request and entities: the same explanation.
 */
export function explain(
  policies: PolicySet,
  request: AuthorizationRequest,
  entities: EntityReader,
  gasLimit: number,
): Explanation {
  const decision = authorize(policies, request, entities, gasLimit);
  if (decision.outOfGas) return { decision, policies: [], nearest: null, complete: true };
  const gas = Math.min(gasLimit * EXPLAIN_LIMITS.gasFactor, Number.MAX_SAFE_INTEGER);
  const run: Run = { request, entities: readOnce(entities), gas };
  const decided = new Set(decision.reasons);
  const traces: PolicyTrace[] = [];
  for (const policy of compiledPolicies(policies)) {
    const trace = traceOf(run, policy, decided.has(policy.id));
    if (run.gas < 0) return { decision, policies: traces, nearest: null, complete: false };
    traces.push(trace);
  }
  return { decision, policies: traces, nearest: nearestOf(run, policies, decision), complete: run.gas >= 0 };
}

function traceOf(run: Run, { id, effect, source }: CompiledPolicy, decided: boolean): PolicyTrace {
  const clauses = clausesOf(source);
  for (const clause of clauses) {
    const outcome = evaluate(run, clause.expression);
    if (outcome === clause.expected) continue;
    const failed = clauseTrace(run, clause, outcome);
    return { policyId: id, effect, outcome: failed.outcome === 'error' ? 'error' : 'unmet', failed, held: [] };
  }
  const conditions = decided ? clauses.filter(({ part }) => part === 'when' || part === 'unless') : [];
  const held = conditions.map((clause) => clauseTrace(run, clause, clause.expected));
  return { policyId: id, effect, outcome: 'satisfied', failed: null, held };
}

function clauseTrace(run: Run, { part, expression }: Clause, outcome: Outcome): ClauseTrace {
  const shown = { part, text: expressionText(expression), at: expression.at };
  if (typeof outcome === 'boolean')
    return { ...shown, outcome: outcome ? 'true' : 'false', error: null, values: valuesMet(run, expression) };
  const { code } = outcome instanceof Failure ? outcome : TYPE_ERROR;
  const { culprit, values } = valuesOfFailure(run, expression);
  return { ...shown, outcome: 'error', error: { code, text: culprit }, values };
}

/** Of the permits for this action, the one with the least to change. Where forbids stood in the way, permits did not matter. */
function nearestOf(run: Run, policies: PolicySet, { allowed, reasons }: Decision): string | null {
  if (allowed || reasons.length > 0) return null;
  let nearest: { readonly id: string; readonly distance: readonly number[] } | undefined;
  for (const { id, effect, source } of compiledPolicies(policies)) {
    if (effect === 'forbid') continue;
    const distance = distanceOf(run, clausesOf(source));
    if (distance === undefined) continue;
    if (nearest === undefined || isNearer(distance, nearest.distance)) nearest = { id, distance };
  }
  return run.gas >= 0 ? (nearest?.id ?? null) : null;
}
