import type { Expression, ParsedPolicy, Scope, ScopeClause } from '../syntax/ast.ts';
import type { EntityUid } from '../values/value.ts';
import { compile, type Evaluate } from './evaluate.ts';
import { GAS } from './gas.ts';
import { isIn, UidSet } from './hierarchy.ts';
import { Failure, OUT_OF_GAS, TYPE_ERROR } from './outcome.ts';
import type { AuthorizationRequest } from './request.ts';
import { pays, type Run } from './run.ts';

export interface CompiledPolicy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** What it was compiled from: an index reads its scope, an explanation all of it. */
  readonly source: PolicySource;
  /** Is the policy satisfied: its scope fits, and every condition holds? */
  readonly decides: (run: Run) => boolean | Failure;
}

export type PolicySource = Omit<ParsedPolicy, 'annotations'>;

/** Compiles a policy. The scope is judged first, and one that does not fit costs little; it never fails but for gas. */
export function compilePolicy(id: string, policy: PolicySource): CompiledPolicy {
  const fits = compileScope(policy.scope);
  const conditions = policy.conditions.map(({ kind, body }) => compileCondition(kind, body));
  return {
    id,
    effect: policy.effect,
    source: policy,
    decides: (run) => {
      if (!pays(run, GAS.policy)) return OUT_OF_GAS;
      const fit = fits(run);
      if (fit !== true) return fit;
      for (const condition of conditions) {
        const holds = condition(run);
        if (typeof holds !== 'boolean') return holds instanceof Failure ? holds : TYPE_ERROR;
        if (!holds) return false;
      }
      return true;
    },
  };
}

const compileCondition = (kind: 'when' | 'unless', body: Expression): Evaluate =>
  compile(kind === 'when' ? body : { kind: 'not', at: body.at, operand: body });

type Variable = keyof Scope;
const VARIABLES: readonly Variable[] = ['principal', 'action', 'resource'];

/** First what compares the request with itself, for the price of the policy; then what reads the hierarchy. */
function compileScope(scope: Scope): (run: Run) => boolean | Failure {
  const matches = VARIABLES.map((variable) => compileMatch(variable, scope[variable])).filter(
    (test) => test !== undefined,
  );
  const memberships = VARIABLES.map((variable) => compileMembership(variable, scope[variable])).filter(
    (test) => test !== undefined,
  );
  return (run) => {
    for (const match of matches) if (!match(run.request)) return false;
    for (const membership of memberships) {
      const member = membership(run);
      if (member !== true) return member;
    }
    return true;
  };
}

function compileMatch(
  variable: Variable,
  clause: ScopeClause,
): ((request: AuthorizationRequest) => boolean) | undefined {
  if (clause.kind === 'is') {
    const { entityType } = clause;
    return (request) => request[variable].type === entityType;
  }
  if (clause.kind === '==') {
    const { type, id } = clause.uid;
    return (request) => request[variable].id === id && request[variable].type === type;
  }
  return undefined;
}

function compileMembership(variable: Variable, clause: ScopeClause): ((run: Run) => boolean | Failure) | undefined {
  const uids: readonly EntityUid[] | undefined =
    clause.kind === 'in'
      ? clause.uids
      : clause.kind === 'is' && clause.within !== undefined
        ? [clause.within]
        : undefined;
  if (uids === undefined) return undefined;
  const targets = new UidSet(uids);
  return (run) => isIn(run, run.request[variable], targets);
}
