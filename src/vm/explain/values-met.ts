import type { EvalCode } from '../codes.ts';
import { compile } from '../evaluate/evaluate.ts';
import { Failure, type Outcome } from '../evaluate/outcome.ts';
import type { Run } from '../evaluate/run.ts';
import { childrenOf, type Expression } from '../syntax/ast.ts';
import { isEntity } from '../values/kinds.ts';
import { EXPLAIN_LIMITS } from './limits.ts';
import { expressionText, valueText } from './value-text.ts';

/** What an expression inside a clause came to: its value as Cedar text, or the code of its failure. */
export interface ValueMet {
  readonly text: string;
  readonly value: string | null;
  readonly code: EvalCode | null;
}

export const evaluate = (run: Run, expression: Expression): Outcome => compile(expression)(run);

/** What the evaluator met in a clause that came out true or false: the operands of its tests, without literals. */
export const valuesMet = (run: Run, clause: Expression): readonly ValueMet[] => metBy(run, testedIn(run, clause));

/** What the evaluator met where a clause failed: the operands of the innermost expression that has no value while they have. */
export function valuesOfFailure(
  run: Run,
  failed: Expression,
): { readonly culprit: string; readonly values: readonly ValueMet[] } {
  const culprit = culpritOf(run, failed);
  return { culprit: expressionText(culprit), values: metBy(run, operandsOf(run, culprit)) };
}

function metBy(run: Run, expressions: Iterable<Expression>): readonly ValueMet[] {
  const found = new Map<string, ValueMet>();
  for (const expression of expressions) {
    if (found.size === EXPLAIN_LIMITS.valuesMax) break;
    const text = expressionText(expression);
    if (!found.has(text)) found.set(text, met(text, evaluate(run, expression)));
  }
  return [...found.values()];
}

const met = (text: string, outcome: Outcome): ValueMet =>
  outcome instanceof Failure
    ? { text, value: null, code: outcome.code }
    : { text, value: valueText(outcome), code: null };

function culpritOf(run: Run, failed: Expression): Expression {
  for (const child of evaluated(run, failed)) if (evaluate(run, child) instanceof Failure) return culpritOf(run, child);
  return failed;
}

/** Looks through `&&`, `||`, `!` and `if` to what they test. */
function* testedIn(run: Run, expression: Expression): Generator<Expression> {
  switch (expression.kind) {
    case 'literal':
      return;
    case 'variable':
    case 'attribute':
      yield expression;
      return;
    case 'if':
    case 'and':
    case 'or':
    case 'not':
      for (const child of evaluated(run, expression)) yield* testedIn(run, child);
      return;
    default:
      yield* operandsOf(run, expression);
  }
}

/** The children that the evaluator came to: what was passed over has neither value nor failure. */
function* evaluated(run: Run, expression: Expression): Generator<Expression> {
  if (expression.kind === 'if') {
    yield expression.test;
    const choice = evaluate(run, expression.test);
    if (typeof choice === 'boolean') yield choice ? expression.whenTrue : expression.whenFalse;
    return;
  }
  const goesOn = expression.kind === 'and' ? true : expression.kind === 'or' ? false : undefined;
  for (const child of childrenOf(expression)) {
    yield child;
    if (goesOn !== undefined && evaluate(run, child) !== goesOn) return;
  }
}

/** Operands worth showing: no literals, and no record that lacks an attribute, because what lacks is not in it. */
function* operandsOf(run: Run, expression: Expression): Generator<Expression> {
  const ofEntityOnly = expression.kind === 'has' || expression.kind === 'attribute';
  for (const child of childrenOf(expression))
    if (!isLiteral(child) && (!ofEntityOnly || isEntityIn(run, child))) yield child;
}

function isEntityIn(run: Run, expression: Expression): boolean {
  const outcome = evaluate(run, expression);
  return !(outcome instanceof Failure) && isEntity(outcome);
}

function isLiteral(expression: Expression): boolean {
  const { kind } = expression;
  return (
    kind === 'literal' ||
    ((kind === 'set' || kind === 'record' || kind === 'call') && childrenOf(expression).every(isLiteral))
  );
}
