import { EXTENSION_FUNCTIONS } from '../values/extensions/functions.ts';
import { I64_MAX } from '../values/i64.ts';
import { likePattern } from '../values/like.ts';
import type { Value } from '../values/value.ts';
import type { BinaryOperator, Expression, Variable } from './ast.ts';
import type { Token } from './lex.ts';
import { parseEntityUid, parseTypeName } from './parse-name.ts';
import { didYouMean, nearest } from './suggest.ts';
import type { TokenReader } from './token-reader.ts';
import { unescapePattern } from './unescape.ts';

const literal = (at: number, value: Value): Expression => ({ kind: 'literal', at, value });
/** Stands for what could not be parsed; it never leaves the parser. */
const NOTHING = literal(0, false);

const RELATIONS: readonly BinaryOperator[] = ['==', '!=', '<', '<=', '>', '>=', 'in'];
const VARIABLES = new Set(['principal', 'action', 'resource', 'context']);
/** Methods of the core language, with the arguments they take; the extension types bring their own. */
const METHODS = new Map<string, number>([
  ['contains', 1],
  ['containsAll', 1],
  ['containsAny', 1],
  ['isEmpty', 0],
  ['hasTag', 1],
  ['getTag', 1],
]);
const SIGNS_MAX = 4;

/** Expr ::= Or | 'if' Expr 'then' Expr 'else' Expr */
export const parseExpression = (tokens: TokenReader): Expression =>
  tokens.nested(() => (tokens.is('if') ? parseIf(tokens) : parseOr(tokens)), NOTHING);

function parseIf(tokens: TokenReader): Expression {
  const at = tokens.next().offset;
  const test = parseExpression(tokens);
  tokens.expect('then');
  const whenTrue = parseExpression(tokens);
  tokens.expect('else');
  return { kind: 'if', at, test, whenTrue, whenFalse: parseExpression(tokens) };
}

/** Or ::= And {'||' And} */
function parseOr(tokens: TokenReader): Expression {
  const first = parseAnd(tokens);
  if (!tokens.is('||') && !isWord(tokens, 'or')) return first;
  const at = tokens.peek().offset;
  const operands = operandsOf('or', first);
  while (tokens.take('||') || tokens.takeMistaken('or')) operands.push(parseAnd(tokens));
  return { kind: 'or', at, operands };
}

/** `(a && b) && c` is the tree of `a && b && c`: both group from the left. */
function operandsOf(kind: 'and' | 'or', first: Expression): Expression[] {
  return first.kind === kind && !('isIn' in first) ? [...first.operands] : [first];
}

/** And ::= Relation {'&&' Relation} */
function parseAnd(tokens: TokenReader): Expression {
  const first = parseRelation(tokens);
  if (!tokens.is('&&') && !isWord(tokens, 'and')) return first;
  const at = tokens.peek().offset;
  const operands = operandsOf('and', first);
  while (tokens.take('&&') || tokens.takeMistaken('and')) operands.push(parseRelation(tokens));
  return { kind: 'and', at, operands };
}

/** Relation ::= Sum [RelOp Sum | 'has' Path | 'like' STR | 'is' Type ['in' Sum]] */
function parseRelation(tokens: TokenReader): Expression {
  const left = parseSum(tokens);
  const at = tokens.peek().offset;
  if (tokens.take('has')) return { kind: 'has', at, operand: left, path: parseHasPath(tokens) };
  if (tokens.take('like')) return parseLike(tokens, at, left);
  if (tokens.is('is')) return parseIs(tokens, left);
  const operator = RELATIONS.find((relation) => tokens.take(relation)) ?? (tokens.takeMistaken('=') ? '==' : undefined);
  if (operator === undefined) return left;
  // `===` is read as what was meant.
  tokens.takeMistaken('=');
  const right = parseSum(tokens);
  if (RELATIONS.some((relation) => tokens.is(relation)))
    tokens.fail('vm-parse.chained-relation', tokens.peek(), 'write parentheses, or two relations with `&&` between');
  return { kind: 'binary', at, operator, left, right };
}

function parseLike(tokens: TokenReader, at: number, operand: Expression): Expression {
  const token = tokens.peek();
  if (token.kind !== 'string') tokens.fail('vm-parse.unexpected-token', token, '`like` takes a pattern: `like "a*"`');
  return { kind: 'like', at, operand, pattern: likePattern(tokens.quoted(unescapePattern) ?? []) };
}

function parseHasPath(tokens: TokenReader): readonly string[] {
  if (tokens.peek().kind === 'string') return [tokens.string()];
  const token = tokens.peek();
  if (token.kind !== 'word')
    tokens.fail('vm-parse.unexpected-token', token, '`has` takes a name, a path or a string: `has a.b`, `has "a b"`');
  const path = [tokens.identifier((word) => `"${word}"`)];
  while (tokens.take('.')) path.push(tokens.identifier());
  return path;
}

function parseIs(tokens: TokenReader, operand: Expression): Expression {
  const at = tokens.next().offset;
  const is: Expression = { kind: 'is', at, operand, entityType: parseTypeName(tokens) };
  if (!tokens.is('in')) return is;
  const inAt = tokens.next().offset;
  const within: Expression = { kind: 'binary', at: inAt, operator: 'in', left: operand, right: parseSum(tokens) };
  return { kind: 'and', at, operands: [is, within], isIn: true };
}

/** Sum ::= Product {('+' | '-') Product} */
function parseSum(tokens: TokenReader): Expression {
  let left = parseProduct(tokens);
  for (;;) {
    const operator = tokens.is('+') ? '+' : tokens.is('-') ? '-' : undefined;
    if (operator === undefined) return left;
    const at = tokens.next().offset;
    left = { kind: 'binary', at, operator, left, right: parseProduct(tokens) };
  }
}

/** Product ::= Unary {'*' Unary} */
function parseProduct(tokens: TokenReader): Expression {
  let left = parseUnary(tokens);
  while (tokens.is('*')) {
    const at = tokens.next().offset;
    left = { kind: 'binary', at, operator: '*', left, right: parseUnary(tokens) };
  }
  if (tokens.is('/') || tokens.is('%')) tokens.fail('vm-parse.unsupported-operator');
  return left;
}

/** Unary ::= ['!' … | '-' …] Member, one kind of sign and at most four */
function parseUnary(tokens: TokenReader): Expression {
  const sign = tokens.is('!') ? '!' : '-';
  const signs: number[] = [];
  while (tokens.is(sign)) signs.push(tokens.next().offset);
  while (isWord(tokens, 'not') && tokens.peek(1).text !== '::') tokens.takeMistaken('not');
  if (signs.length > SIGNS_MAX) tokens.note('vm-parse.too-many-signs');
  // The last minus belongs to the literal: −2⁶³ can be written, though 2⁶³ cannot.
  const minus = sign === '-' && isBareNumber(tokens) ? signs.pop() : undefined;
  let operand = minus === undefined ? parseMember(tokens) : parseLong(tokens, minus);
  for (const at of signs.reverse()) operand = { kind: sign === '!' ? 'not' : 'negate', at, operand };
  return operand;
}

const isWord = (tokens: TokenReader, word: string): boolean =>
  tokens.peek().kind === 'word' && tokens.peek().text.toLowerCase() === word;

function isBareNumber(tokens: TokenReader): boolean {
  const after = tokens.peek(1).text;
  return tokens.peek().kind === 'number' && after !== '.' && after !== '[' && after !== '(';
}

/** `minus`: where the minus of a negative literal stands. */
function parseLong(tokens: TokenReader, minus?: number): Expression {
  const token = tokens.peek();
  const digits = token.text.replace(/^0+(?=.)/, '');
  // 2⁶³ has 19 digits: a longer text is out of range before it is read as a number.
  const magnitude = digits.length > 19 ? I64_MAX + 2n : BigInt(digits);
  if (magnitude > (minus === undefined ? I64_MAX : I64_MAX + 1n)) {
    tokens.note('vm-parse.number-out-of-range', token);
    tokens.next();
    return NOTHING;
  }
  tokens.next();
  return minus === undefined ? literal(token.offset, magnitude) : literal(minus, -magnitude);
}

/** Member ::= Primary {'.' IDENT | '.' IDENT '(' Exprs ')' | '[' STR ']'} */
function parseMember(tokens: TokenReader): Expression {
  let operand = parsePrimary(tokens);
  for (;;) {
    if (tokens.take('.')) {
      operand =
        tokens.peek(1).text === '(' && tokens.peek(1).kind === 'punctuation'
          ? parseMethod(tokens, operand)
          : { kind: 'attribute', at: tokens.peek().offset, operand, name: tokens.identifier((word) => `["${word}"]`) };
    } else if (tokens.take('[')) {
      operand = { kind: 'attribute', at: tokens.peek().offset, operand, name: tokens.string() };
      tokens.expect(']');
    } else return operand;
  }
}

function parseMethod(tokens: TokenReader, receiver: Expression): Expression {
  const token = tokens.peek();
  const at = token.offset;
  const name = tokens.identifier();
  const isExtension = EXTENSION_FUNCTIONS.get(name)?.style === 'method';
  const count = METHODS.get(name);
  if (!isExtension && count === undefined) tokens.note('vm-parse.unknown-method', token, suggestedMethod(name));
  tokens.expect('(');
  const operands = parseExpressions(tokens, ')');
  if (isExtension) return { kind: 'call', at, name, operands: [receiver, ...operands] };
  if (count !== undefined && count !== operands.length)
    tokens.note('vm-parse.wrong-arguments', token, `\`${name}\` takes ${count === 0 ? 'no argument' : 'one argument'}`);
  const argument = operands[0];
  if (argument === undefined) return { kind: 'isEmpty', at, operand: receiver };
  return { kind: 'binary', at, operator: name as BinaryOperator, left: receiver, right: argument };
}

function parseExpressions(tokens: TokenReader, close: string): readonly Expression[] {
  const items: Expression[] = [];
  tokens.commaSeparated(close, () => items.push(parseExpression(tokens)));
  return items;
}

/** Primary ::= literal | variable | entity | function call | '(' Expr ')' | set | record */
function parsePrimary(tokens: TokenReader): Expression {
  const token = tokens.peek();
  const at = token.offset;
  if (token.kind === 'number') return parseLong(tokens);
  if (token.kind === 'string') return literal(at, tokens.string());
  if (tokens.take('true')) return literal(at, true);
  if (tokens.take('false')) return literal(at, false);
  if (tokens.take('(')) {
    const inner = parseExpression(tokens);
    tokens.expect(')');
    return inner;
  }
  if (tokens.take('[')) return { kind: 'set', at, items: parseExpressions(tokens, ']') };
  if (tokens.is('{')) return parseRecord(tokens);
  if (token.kind === 'word') return parseNamed(tokens);
  if (token.kind === 'slot') {
    tokens.note('vm-parse.misplaced-slot', tokens.next());
    return NOTHING;
  }
  tokens.unexpected();
  return NOTHING;
}

const namesOf = (style: 'function' | 'method'): readonly string[] =>
  [...EXTENSION_FUNCTIONS].filter(([, found]) => found.style === style).map(([name]) => name);

function suggestedMethod(name: string): string | undefined {
  if (EXTENSION_FUNCTIONS.get(name)?.style === 'function') return `it is a function: \`${name}(…)\``;
  const near = nearest(name, [...METHODS.keys(), ...namesOf('method')]);
  return near && didYouMean(near);
}

function suggestedFunction(name: string): string | undefined {
  if (METHODS.has(name) || EXTENSION_FUNCTIONS.has(name)) return `it is a method: \`….${name}(…)\``;
  const near = nearest(name, namesOf('function'));
  return near && didYouMean(near);
}

function suggestedName(name: string, next: Token): string | undefined {
  if (next.text === '.') return nearest(name, VARIABLES) ? didYouMean(nearest(name, VARIABLES) as string) : undefined;
  const near = nearest(name, [...VARIABLES, 'true', 'false']);
  return near ? didYouMean(near) : `a text stands in quotes: \`"${name}"\``;
}

function parseRecord(tokens: TokenReader): Expression {
  const at = tokens.next().offset;
  const fields = new Map<string, Expression>();
  tokens.commaSeparated('}', () => {
    const token = tokens.peek();
    const name = token.kind === 'string' ? tokens.string() : tokens.identifier((word) => `"${word}"`);
    tokens.expect(':');
    const value = parseExpression(tokens);
    if (fields.has(name)) tokens.note('vm-parse.duplicate-key', token);
    fields.set(name, value);
  });
  return { kind: 'record', at, fields };
}

/** What begins with a name: a variable, a function call or an entity. */
function parseNamed(tokens: TokenReader): Expression {
  const token = tokens.peek();
  const at = token.offset;
  if (tokens.peek(1).text === '::' && tokens.peek(1).kind === 'punctuation') return literal(at, parseEntityUid(tokens));
  const name = tokens.identifier();
  if (tokens.take('(')) {
    if (EXTENSION_FUNCTIONS.get(name)?.style !== 'function')
      tokens.note('vm-parse.unknown-function', token, suggestedFunction(name));
    return { kind: 'call', at, name, operands: parseExpressions(tokens, ')') };
  }
  if (!VARIABLES.has(name)) tokens.note('vm-parse.unknown-name', token, suggestedName(name, tokens.peek()));
  return { kind: 'variable', at, name: name as Variable };
}
