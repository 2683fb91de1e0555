import type { RequestEnvironment } from '../schema/environments.ts';
import type { Expression } from '../syntax/ast.ts';
import { type Joining, leastUpperBound } from './bounds.ts';
import type { Budget } from './budget.ts';
import { type Capability, Known, NONE } from './capabilities.ts';
import type { Finding, Problems, ValidationCode } from './problems.ts';
import { takes } from './sentences.ts';
import type { Shapes } from './shapes.ts';
import type { Type } from './types.ts';
import type { World } from './world.ts';

export type ValidationMode = 'strict' | 'permissive';

/** What is known of an expression. */
export interface Checked {
  /** Undefined where a problem was found below that leaves it open: whoever uses it says no more about it. */
  readonly type: Type | undefined;
  /** What exists wherever the expression was true. */
  readonly gains: readonly Capability[];
}

export type ExpressionOf<K extends Expression['kind']> = Expression & { readonly kind: K };

export const typed = (type: Type | undefined, gains: readonly Capability[] = NONE): Checked => ({ type, gains });

/** What an operator asks of an operand: a name for the sentence, and which types will do. */
export interface Expected<T extends Type = Type> {
  readonly name: string;
  readonly fits: (type: Type) => type is T;
}

export interface PolicyUnderCheck {
  readonly world: World;
  readonly mode: ValidationMode;
  readonly shapes: Shapes;
  readonly budget: Budget;
  readonly problems: Problems;
}

export type Rules = (checker: Checker, expression: Expression) => Checked;

/** Checks the expressions of one policy for one kind of request. The rules are in the files `check-*.ts`, one family each. */
export class Checker {
  readonly policy: PolicyUnderCheck;
  readonly request: RequestEnvironment;
  readonly known = new Known();
  readonly joining: Joining;
  readonly #rules: Rules;

  constructor(policy: PolicyUnderCheck, request: RequestEnvironment, rules: Rules) {
    this.policy = policy;
    this.request = request;
    this.joining = { strict: policy.mode === 'strict', budget: policy.budget };
    this.#rules = rules;
  }

  check(expression: Expression): Checked {
    const { budget } = this.policy;
    if (!budget.spend()) return typed(undefined);
    const checked = this.#rules(this, expression);
    // Whoever uses an entity of many types looks at each.
    if (checked.type?.kind === 'entity' && !budget.spend(checked.type.types.size - 1)) return typed(undefined);
    return checked;
  }

  /** Checks an operand that must have one of the expected types; says so where it has not. */
  expect<T extends Type>(
    operand: Expression,
    expected: Expected<T>,
    operator: string,
  ): Checked & { readonly type: T | undefined } {
    const { type, gains } = this.check(operand);
    if (type === undefined) return { type, gains };
    if (expected.fits(type)) return { type, gains };
    this.report('vm-validate.wrong-type', operand.at, () => takes(operator, expected.name, type));
    return { type: undefined, gains: NONE };
  }

  /** Checks an expression that runs only where `gains` hold. */
  checkWith(gains: readonly Capability[], expression: Expression): Checked {
    this.known.enter(gains);
    const checked = this.check(expression);
    this.known.leave(gains);
    return checked;
  }

  bound(a: Type, b: Type): Type | undefined {
    return leastUpperBound(a, b, this.joining);
  }

  report(code: ValidationCode, at: number, describe: () => Finding): void {
    const { principal, action, resource } = this.request;
    if (!this.policy.budget.isSpent) this.policy.problems.add(code, at, describe, { principal, action, resource });
  }
}
