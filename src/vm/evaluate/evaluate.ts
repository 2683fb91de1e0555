import type { Expression } from '../syntax/ast.ts';
import { setOf } from '../values/equality.ts';
import { EXTENSION_FUNCTIONS, type ExtensionFunction } from '../values/extensions/functions.ts';
import { isI64 } from '../values/i64.ts';
import { isEntity, isSet } from '../values/kinds.ts';
import { isLike } from '../values/like.ts';
import { record, type Value } from '../values/value.ts';
import { GAS, weightOfText } from './gas.ts';
import { attributeOf, BINARY, hasPath } from './operators.ts';
import { Failure, OUT_OF_GAS, type Outcome, OVERFLOW, TYPE_ERROR } from './outcome.ts';
import { pays, paysForWeight, type Run } from './run.ts';

/** A compiled expression. Each pays for itself before anything else. */
export type Evaluate = (run: Run) => Outcome;

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/**
 * Turns an expression into a closure, once per policy; deciding then only calls closures. Every node goes through here, so a trace is
 * a wrapper around what this returns. The meaning is cedar-spec's `Evaluator.lean`.
 */
export function compile(expression: Expression): Evaluate {
  const evaluate = compileNode(expression);
  return expression.kind !== 'literal' && isConstant(expression) ? evaluatedAhead(evaluate) : evaluate;
}

function compileNode(expression: Expression): Evaluate {
  switch (expression.kind) {
    case 'literal':
      return compileLiteral(expression.value);
    case 'variable':
      return compileVariable(expression);
    case 'if':
      return compileIf(expression);
    case 'and':
      return expression.isIn ? compileIsIn(expression.operands) : compileChain(expression.operands, false);
    case 'or':
      return compileChain(expression.operands, true);
    case 'binary':
      return compileBinary(expression);
    case 'set':
      return compileItems(expression.items, setOf);
    case 'record':
      return compileRecord(expression);
    case 'call':
      return compileCall(expression);
    default:
      return compileUnary(compile(expression.operand), unaryFunction(expression));
  }
}

function compileLiteral(value: Value): Evaluate {
  return (run) => (pays(run, GAS.expression) ? value : OUT_OF_GAS);
}

function compileVariable({ name }: Of<'variable'>): Evaluate {
  return (run) => (pays(run, GAS.expression) ? run.request[name] : OUT_OF_GAS);
}

function compileIf({ test, whenTrue, whenFalse }: Of<'if'>): Evaluate {
  const [chooses, yes, no] = [compile(test), compile(whenTrue), compile(whenFalse)];
  return (run) => {
    if (!pays(run, GAS.expression)) return OUT_OF_GAS;
    const choice = chooses(run);
    if (typeof choice !== 'boolean') return choice instanceof Failure ? choice : TYPE_ERROR;
    return choice ? yes(run) : no(run);
  };
}

/** `&&` stops at the first false, `||` at the first true; what comes after is not evaluated, and cannot fail. */
function compileChain(operands: readonly Expression[], stopsAt: boolean): Evaluate {
  const compiled = operands.map(compile);
  return (run) => {
    if (!pays(run, GAS.expression)) return OUT_OF_GAS;
    for (const operand of compiled) {
      const value = operand(run);
      if (typeof value !== 'boolean') return value instanceof Failure ? value : TYPE_ERROR;
      if (value === stopsAt) return value;
    }
    return !stopsAt;
  };
}

/**
 * `e is T in f` stands for `e is T && e in f`, and evaluates `e` once: chains of such would otherwise double the work at each level,
 * here and when they are compiled.
 */
function compileIsIn([is, within]: readonly Expression[]): Evaluate {
  const { operand, entityType } = is as Of<'is'>;
  const [start, target] = [compile(operand), compile((within as Of<'binary'>).right)];
  return (run) => {
    if (!pays(run, GAS.expression)) return OUT_OF_GAS;
    const entity = start(run);
    if (entity instanceof Failure) return entity;
    if (!isEntity(entity)) return TYPE_ERROR;
    if (entity.type !== entityType) return false;
    const within = target(run);
    return within instanceof Failure ? within : BINARY.in(run, entity, within);
  };
}

function compileBinary({ operator, left, right }: Of<'binary'>): Evaluate {
  const [a, b, apply] = [compile(left), compile(right), BINARY[operator]];
  return (run) => {
    if (!pays(run, GAS.expression)) return OUT_OF_GAS;
    const leftValue = a(run);
    if (leftValue instanceof Failure) return leftValue;
    const rightValue = b(run);
    if (rightValue instanceof Failure) return rightValue;
    return apply(run, leftValue, rightValue);
  };
}

type UnaryFunction = (run: Run, operand: Value) => Outcome;

function compileUnary(operand: Evaluate, apply: UnaryFunction): Evaluate {
  return (run) => {
    if (!pays(run, GAS.expression)) return OUT_OF_GAS;
    const value = operand(run);
    return value instanceof Failure ? value : apply(run, value);
  };
}

function unaryFunction(
  expression: Of<'not' | 'negate' | 'isEmpty' | 'has' | 'attribute' | 'like' | 'is'>,
): UnaryFunction {
  switch (expression.kind) {
    case 'not':
      return (_run, value) => (typeof value === 'boolean' ? !value : TYPE_ERROR);
    case 'negate':
      return (_run, value) => {
        if (typeof value !== 'bigint') return TYPE_ERROR;
        return isI64(-value) ? -value : OVERFLOW;
      };
    case 'isEmpty':
      return (_run, value) => (isSet(value) ? value.items.length === 0 : TYPE_ERROR);
    case 'attribute':
      return (run, value) => attributeOf(run, value, expression.name);
    case 'has':
      return (run, value) => hasPath(run, value, expression.path);
    case 'is':
      return (_run, value) => (isEntity(value) ? value.type === expression.entityType : TYPE_ERROR);
    case 'like':
      return (run, value) => {
        if (typeof value !== 'string') return TYPE_ERROR;
        const weight = weightOfText(value.length) + weightOfText(expression.pattern.length);
        return pays(run, GAS.weight * weight) ? isLike(value, expression.pattern) : OUT_OF_GAS;
      };
  }
}

/** Evaluates the operands from left to right, pays for their weight, and gives them to `apply`. */
function compileItems(
  operands: readonly Expression[],
  apply: (values: readonly Value[]) => Outcome,
  gas = 0,
): Evaluate {
  const compiled = operands.map(compile);
  return (run) => {
    if (!pays(run, GAS.expression)) return OUT_OF_GAS;
    const values: Value[] = [];
    for (const operand of compiled) {
      const value = operand(run);
      if (value instanceof Failure) return value;
      values.push(value);
    }
    return pays(run, gas) && paysForWeight(run, values) ? apply(values) : OUT_OF_GAS;
  };
}

function compileRecord({ fields }: Of<'record'>): Evaluate {
  const names = [...fields.keys()];
  return compileItems([...fields.values()], (values) => ({
    kind: 'record',
    fields: new Map(names.map((name, i) => [name, values[i] as Value])),
  }));
}

function compileCall({ name, operands }: Of<'call'>): Evaluate {
  const { apply } = EXTENSION_FUNCTIONS.get(name) as ExtensionFunction;
  return compileItems(operands, apply, GAS.call);
}

/** Sets, records and calls whose parts are all literals: `ip("10.0.0.0/8")`, `["TREAT", "ETREAT"]`. */
function isConstant(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
      return true;
    case 'set':
      return expression.items.every(isConstant);
    case 'record':
      return [...expression.fields.values()].every(isConstant);
    case 'call':
      return expression.operands.every(isConstant);
    default:
      return false;
  }
}

const NOBODY = { kind: 'entity', type: '', id: '' } as const;

/** Evaluates a constant now, and later only pays what it cost: gas does not tell the two apart. */
function evaluatedAhead(evaluate: Evaluate): Evaluate {
  const request = { principal: NOBODY, action: NOBODY, resource: NOBODY, context: record({}) };
  const run = { request, entities: { entity: () => undefined }, gas: Number.MAX_SAFE_INTEGER };
  const outcome = evaluate(run);
  const gas = Number.MAX_SAFE_INTEGER - run.gas;
  return (later) => (pays(later, gas) ? outcome : OUT_OF_GAS);
}
