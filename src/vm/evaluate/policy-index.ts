import { VM_LIMITS } from '../limits.ts';
import type { ScopeClause } from '../syntax/ast.ts';
import type { EntityUid } from '../values/value.ts';
import type { CompiledPolicy } from './compile-policy.ts';
import type { AuthorizationRequest } from './request.ts';

/** One policy that may match, and how many before it cannot: those are paid for all the same. */
export interface Candidate {
  readonly policy: CompiledPolicy;
  readonly skipped: number;
}

/** What to evaluate for one action and one pair of types, by the bytes of policy ids. */
export interface Plan {
  readonly candidates: readonly Candidate[];
  /** Policies after the last candidate. */
  readonly skippedLast: number;
}

/**
 * Policies by what their scopes say of the action, and of the types of principal and resource. It leaves out only policies whose scope
 * compares the request with itself and finds it different: those read no entity, and cost the price of a policy and no more.
 */
export class PolicyIndex {
  readonly #policies: readonly CompiledPolicy[];
  readonly #plans = new Map<string, Plan>();

  /** `policies` by the bytes of their ids. */
  constructor(policies: readonly CompiledPolicy[]) {
    this.#policies = policies;
  }

  planFor(request: AuthorizationRequest): Plan {
    const { principal, action, resource } = request;
    const key = `${action.type}\0${action.id}\0${principal.type}\0${resource.type}`;
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const plan = makePlan(this.#policies, request);
    if (this.#plans.size < VM_LIMITS.indexPlansMax) this.#plans.set(key, plan);
    return plan;
  }
}

function makePlan(policies: readonly CompiledPolicy[], request: AuthorizationRequest): Plan {
  const candidates: Candidate[] = [];
  let skipped = 0;
  for (const policy of policies) {
    if (mayMatch(policy, request)) {
      candidates.push({ policy, skipped });
      skipped = 0;
    } else skipped++;
  }
  return { candidates, skippedLast: skipped };
}

const mayMatch = ({ source: { scope } }: CompiledPolicy, request: AuthorizationRequest): boolean =>
  isOfType(scope.principal, request.principal) &&
  isOfType(scope.resource, request.resource) &&
  isOfType(scope.action, request.action) &&
  (scope.action.kind !== '==' || scope.action.uid.id === request.action.id);

/** Whether an entity of this type can match: the plan serves every id of that type. */
function isOfType(clause: ScopeClause, { type }: EntityUid): boolean {
  if (clause.kind === '==') return clause.uid.type === type;
  return clause.kind !== 'is' || clause.entityType === type;
}
