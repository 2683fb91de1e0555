import { EXTENSION_FUNCTIONS } from '../values/extensions/functions.ts';
import { partsOf } from '../values/like.ts';
import type { BinaryOperator, Expression } from './ast.ts';
import { quote, quotePattern } from './escape.ts';
import { isIdentifier } from './token-reader.ts';
import { separated, type Tokens, unparseName, unparseValue } from './unparse-value.ts';

/** How tightly an expression holds together; an operand that holds less than its place asks for stands in parentheses. */
const BINDS = { if: 0, or: 1, and: 2, relation: 3, sum: 4, product: 5, sign: 6, member: 7 } as const;
const SIGNS_MAX = 4;
const METHOD = /^[a-z]{3}/;

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;
type Signed = { readonly kind: 'not' | 'negate'; readonly operand: Expression };

/** The tokens of an expression, with no more parentheses than it needs. */
export const unparse = (expression: Expression): Tokens => operand(expression, BINDS.if);

function operand(expression: Expression, atLeast: number): Tokens {
  const tokens = bare(expression);
  return bindsOf(expression) >= atLeast ? tokens : ['(', ...tokens, ')'];
}

function bindsOf(expression: Expression): number {
  switch (expression.kind) {
    case 'if':
      return BINDS.if;
    case 'or':
      return BINDS.or;
    case 'and':
      return expression.isIn ? BINDS.relation : BINDS.and;
    case 'has':
    case 'like':
    case 'is':
      return BINDS.relation;
    case 'binary':
      return bindsOfOperator(expression.operator);
    case 'not':
    case 'negate':
      return BINDS.sign;
    case 'literal':
      return isNegative(expression) ? BINDS.sign : BINDS.member;
    default:
      return BINDS.member;
  }
}

function bindsOfOperator(operator: BinaryOperator): number {
  if (operator === '*') return BINDS.product;
  if (operator === '+' || operator === '-') return BINDS.sum;
  return METHOD.test(operator) ? BINDS.member : BINDS.relation;
}

function bare(expression: Expression): Tokens {
  switch (expression.kind) {
    case 'literal':
      return unparseValue(expression.value);
    case 'variable':
      return [expression.name];
    case 'if':
      return conditional(expression);
    case 'and':
      return expression.isIn ? isIn(expression.operands) : chain(expression.operands, '&&', BINDS.and);
    case 'or':
      return chain(expression.operands, '||', BINDS.or);
    case 'not':
      return signed('!', { kind: 'not', operand: expression.operand });
    case 'negate':
      return signed('-', { kind: 'negate', operand: expression.operand });
    case 'binary':
      return binary(expression);
    case 'isEmpty':
      return method('isEmpty', expression.operand, []);
    case 'has':
    case 'like':
    case 'is':
      return [...operand(expression.operand, BINDS.sum), expression.kind, ...relatedTo(expression)];
    case 'attribute':
      return [...operand(expression.operand, BINDS.member), ...access(expression.name)];
    case 'set':
      return ['[', ...listed(expression.items), ']'];
    case 'record':
      return record(expression);
    case 'call':
      return call(expression);
  }
}

function conditional({ test, whenTrue, whenFalse }: Of<'if'>): Tokens {
  return ['if', ...unparse(test), 'then', ...unparse(whenTrue), 'else', ...unparse(whenFalse)];
}

/** The first operand may be such a chain itself: it groups from the left. */
function chain(operands: readonly Expression[], operator: string, binds: number): Tokens {
  return operands.flatMap((each, i) => (i === 0 ? operand(each, binds) : [operator, ...operand(each, binds + 1)]));
}

function isIn([is, within]: readonly Expression[]): Tokens {
  return [...unparse(is as Expression), 'in', ...operand((within as Of<'binary'>).right, BINDS.sum)];
}

/** `--1` is the negation of −1: the last minus before a number is the number's own. And no more than four signs stand in a row. */
function signed(sign: '!' | '-', outermost: Signed): Tokens {
  let inner: Expression = outermost.operand;
  let signs = 1;
  for (; inner.kind === outermost.kind && signs < SIGNS_MAX; signs++) inner = inner.operand;
  const last = sign === '-' && isNumber(inner) ? signedNumber(inner, signs) : operand(inner, BINDS.member);
  return [...Array.from({ length: signs }, () => sign), ...last];
}

const signedNumber = (number: Of<'literal'>, signs: number): Tokens =>
  isNegative(number) && signs < SIGNS_MAX ? bare(number) : ['(', ...bare(number), ')'];

const isNumber = (expression: Expression): expression is Of<'literal'> =>
  expression.kind === 'literal' && typeof expression.value === 'bigint';

const isNegative = ({ value }: Of<'literal'>): boolean => typeof value === 'bigint' && value < 0n;

function binary({ operator, left, right }: Of<'binary'>): Tokens {
  const binds = bindsOfOperator(operator);
  if (binds === BINDS.member) return method(operator, left, [right]);
  // Relations do not chain; sums and products group from the left.
  return [...operand(left, binds === BINDS.relation ? BINDS.sum : binds), operator, ...operand(right, binds + 1)];
}

function relatedTo(expression: Of<'has' | 'like' | 'is'>): Tokens {
  if (expression.kind === 'is') return unparseName(expression.entityType);
  if (expression.kind === 'like') return [quotePattern(partsOf(expression.pattern))];
  const [first = '', ...more] = expression.path;
  if (more.length === 0 && !isIdentifier(first)) return [quote(first)];
  return [first, ...more.flatMap((step) => ['.', step])];
}

const access = (name: string): Tokens => (isIdentifier(name) ? ['.', name] : ['[', quote(name), ']']);

function call({ name, operands }: Of<'call'>): Tokens {
  const [receiver, ...others] = operands;
  const isMethod = EXTENSION_FUNCTIONS.get(name)?.style === 'method' && receiver !== undefined;
  return isMethod ? method(name, receiver, others) : [name, '(', ...listed(operands), ')'];
}

const method = (name: string, receiver: Expression, operands: readonly Expression[]): Tokens => [
  ...operand(receiver, BINDS.member),
  '.',
  name,
  '(',
  ...listed(operands),
  ')',
];

const listed = (items: readonly Expression[]): Tokens => separated(items.map(unparse));

function record({ fields }: Of<'record'>): Tokens {
  const entries = [...fields].map(([name, field]) => [isIdentifier(name) ? name : quote(name), ':', ...unparse(field)]);
  return ['{', ...separated(entries), '}'];
}
