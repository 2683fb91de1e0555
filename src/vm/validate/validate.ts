import { VM_LIMITS } from '../limits.ts';
import type { Schema } from '../schema/schema.ts';
import type { Expression, ParsedPolicy, ParsedTemplate } from '../syntax/ast.ts';
import { Budget } from './budget.ts';
import { checkExpression } from './check-expression.ts';
import { Checker, type PolicyUnderCheck, type ValidationMode } from './checker.ts';
import { A_BOOL } from './expected.ts';
import { checkNames } from './names.ts';
import { Problems, type ValidationProblem } from './problems.ts';
import { checkApplication, scopeExpressions } from './scope.ts';
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
  review(new World(schema), policy, mode);

/** Every policy of a set, in its order. */
export function validatePolicies(
  schema: Schema,
  policies: readonly (ParsedPolicy | ParsedTemplate)[],
  mode: ValidationMode,
): readonly Validation[] {
  const world = new World(schema);
  return policies.map((policy) => review(world, policy, mode));
}

function review(world: World, policy: ParsedPolicy | ParsedTemplate, mode: ValidationMode): Validation {
  const [problems, warnings] = [new Problems(), new Problems()];
  checkNames(world, policy, problems);
  checkApplication(world, policy, problems);
  warnOfTexts(policy, warnings);
  const underCheck = { world, mode, shapes: new Shapes(), budget: new Budget(VM_LIMITS.validationStepsMax), problems };
  if (!canApply(underCheck, policyExpression(policy)))
    warnings.add('vm-validate.impossible', policy.at, () => IMPOSSIBLE);
  if (underCheck.budget.isSpent) problems.add('vm-validate.too-costly', policy.at, () => TOO_COSTLY);
  return { errors: problems.list(), warnings: warnings.list() };
}

/** Checks the policy for each kind of request, and says whether it may be true for any. */
function canApply(policy: PolicyUnderCheck, whole: Expression): boolean {
  let mayApply = false;
  for (const request of policy.world.environments) {
    if (policy.budget.isSpent) return true;
    const { type } = new Checker(policy, request, checkExpression).expect(whole, A_BOOL, 'A condition');
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
