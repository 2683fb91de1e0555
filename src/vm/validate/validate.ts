import { VM_LIMITS } from '../limits.ts';
import type { Schema } from '../schema/schema.ts';
import type { Expression, ParsedPolicy, ParsedTemplate } from '../syntax/ast.ts';
import { Budget } from './budget.ts';
import { checkExpression } from './check-expression.ts';
import { Checker, type PolicyUnderCheck, type ValidationMode } from './checker.ts';
import { A_BOOL } from './expected.ts';
import { checkNames } from './names.ts';
import { Problems, type ValidationProblem } from './problems.ts';
import { checkApplication, letsAction, scopeExpressions } from './scope.ts';
import { IMPOSSIBLE, TOO_COSTLY } from './sentences.ts';
import { Shapes } from './shapes.ts';
import { warnOfTexts } from './text-warnings.ts';
import { onlyOf } from './types.ts';
import { World } from './world.ts';

/** What was found in one policy. It fits its schema where there are no errors; warnings are for whoever wrote it. */
export interface Validation {
  readonly errors: readonly ValidationProblem[];
  readonly warnings: readonly ValidationProblem[];
}

/**
 * Why the policy does not fit its schema, in the order of its text; empty where it does. A policy without problems never fails
 * on a request and entities that fit the schema, but for overflow, gas, and entities that do not exist.
 */
export const validatePolicy = (
  schema: Schema,
  policy: ParsedPolicy,
  mode: ValidationMode,
): readonly ValidationProblem[] => reviewPolicy(schema, policy, mode).errors;

/** The same of a template: it fits where each of its links does, whatever fills its slots. */
export const validateTemplate = (
  schema: Schema,
  template: ParsedTemplate,
  mode: ValidationMode,
): readonly ValidationProblem[] => reviewPolicy(schema, template, mode).errors;

export const reviewPolicy = (schema: Schema, policy: ParsedPolicy | ParsedTemplate, mode: ValidationMode): Validation =>
  review(new World(schema), policy, mode, VM_LIMITS.validationStepsMax);

/** Every policy of a set, in its order. `stepsMaxOf`: the steps that checking one may take, where fewer than the limit. */
export function validatePolicies(
  schema: Schema,
  policies: readonly (ParsedPolicy | ParsedTemplate)[],
  mode: ValidationMode,
  stepsMaxOf: (policy: ParsedPolicy | ParsedTemplate) => number = () => VM_LIMITS.validationStepsMax,
): readonly Validation[] {
  const world = new World(schema);
  return policies.map((policy) =>
    review(world, policy, mode, Math.min(stepsMaxOf(policy), VM_LIMITS.validationStepsMax)),
  );
}

function review(
  world: World,
  policy: ParsedPolicy | ParsedTemplate,
  mode: ValidationMode,
  stepsMax: number,
): Validation {
  const [problems, warnings] = [new Problems(), new Problems()];
  checkNames(world, policy, problems);
  checkApplication(world, policy, problems);
  warnOfTexts(policy, warnings);
  const underCheck = { world, mode, shapes: new Shapes(), budget: new Budget(stepsMax), problems };
  if (!canApply(underCheck, policy)) warnings.add('vm-validate.impossible', policy.at, () => IMPOSSIBLE);
  if (underCheck.budget.isSpent) problems.add('vm-validate.too-costly', policy.at, () => TOO_COSTLY);
  return { errors: problems.list(), warnings: warnings.list() };
}

/**
 * Checks the policy for each kind of request, and says whether it may be true for any. Where its scope names actions, the other kinds are
 * passed over: in those the scope is false, and what could be wrong in it shows in the others or in that there are none.
 */
function canApply(underCheck: PolicyUnderCheck, policy: ParsedPolicy | ParsedTemplate): boolean {
  const { world, budget } = underCheck;
  const whole = policyExpression(policy);
  const named = [...world.schema.actions.values()].filter(({ uid }) => letsAction(world, policy.scope.action, uid));
  const actions = new Set(named.map(({ uid }) => uid));
  let mayApply = false;
  for (const request of world.environments) {
    if (!actions.has(request.action)) continue;
    if (budget.isSpent) return true;
    const { type } = new Checker(underCheck, request, checkExpression).expect(whole, A_BOOL, 'A condition');
    mayApply ||= onlyOf(type) !== false;
  }
  return mayApply;
}

/** A policy as one condition: its scope, then each `when`, and each `unless` turned round. */
function policyExpression({ scope, conditions, at }: ParsedPolicy | ParsedTemplate): Expression {
  const bodies = conditions.map(
    ({ kind, body }): Expression => (kind === 'when' ? body : { kind: 'not', operand: body, at: body.at }),
  );
  const operands = [...scopeExpressions(scope), ...bodies];
  return operands.length === 0 ? { kind: 'literal', value: true, at } : { kind: 'and', operands, at };
}
