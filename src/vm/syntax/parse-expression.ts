import { EXTENSION_FUNCTIONS } from '../values/extensions/functions.ts';
import { I64_MAX } from '../values/i64.ts';
import { likePattern } from '../values/like.ts';
import { type EntityUid, entity, type Value } from '../values/value.ts';
import type { BinaryOperator, Expression, Variable } from './ast.ts';
import type { TokenReader } from './token-reader.ts';
import { unescapePattern } from './unescape.ts';

const literal = (value: Value): Expression => ({ kind: 'literal', value });
/** Stands for what could not be parsed; it never leaves the parser. */
const NOTHING = literal(false);

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
  tokens.nested(() => (tokens.take('if') ? parseIf(tokens) : parseOr(tokens)), NOTHING);

function parseIf(tokens: TokenReader): Expression {
  const test = parseExpression(tokens);
  tokens.expect('then');
  const whenTrue = parseExpression(tokens);
  tokens.expect('else');
  return { kind: 'if', test, whenTrue, whenFalse: parseExpression(tokens) };
}

/** Or ::= And {'||' And} */
function parseOr(tokens: TokenReader): Expression {
  const operands = [parseAnd(tokens)];
  while (tokens.take('||')) operands.push(parseAnd(tokens));
  return operands.length === 1 ? (operands[0] as Expression) : { kind: 'or', operands };
}

/** And ::= Relation {'&&' Relation} */
function parseAnd(tokens: TokenReader): Expression {
  const operands = [parseRelation(tokens)];
  while (tokens.take('&&')) operands.push(parseRelation(tokens));
  return operands.length === 1 ? (operands[0] as Expression) : { kind: 'and', operands };
}

/** Relation ::= Sum [RelOp Sum | 'has' Path | 'like' STR | 'is' Type ['in' Sum]] */
function parseRelation(tokens: TokenReader): Expression {
  const left = parseSum(tokens);
  if (tokens.take('has')) return { kind: 'has', operand: left, path: parseHasPath(tokens) };
  if (tokens.take('like'))
    return { kind: 'like', operand: left, pattern: likePattern(tokens.quoted(unescapePattern) ?? []) };
  if (tokens.take('is')) return parseIs(tokens, left);
  const operator = RELATIONS.find((relation) => tokens.take(relation));
  if (operator === undefined) return left;
  const right = parseSum(tokens);
  if (RELATIONS.some((relation) => tokens.is(relation))) tokens.fail('vm-parse.chained-relation');
  return { kind: 'binary', operator, left, right };
}

function parseHasPath(tokens: TokenReader): readonly string[] {
  if (tokens.peek().kind === 'string') return [tokens.string()];
  const path = [tokens.identifier()];
  while (tokens.take('.')) path.push(tokens.identifier());
  return path;
}

function parseIs(tokens: TokenReader, operand: Expression): Expression {
  const is: Expression = { kind: 'is', operand, entityType: parseTypeName(tokens) };
  if (!tokens.take('in')) return is;
  return { kind: 'and', operands: [is, { kind: 'binary', operator: 'in', left: operand, right: parseSum(tokens) }] };
}

/** Sum ::= Product {('+' | '-') Product} */
function parseSum(tokens: TokenReader): Expression {
  let left = parseProduct(tokens);
  for (;;) {
    const operator = tokens.take('+') ? '+' : tokens.take('-') ? '-' : undefined;
    if (operator === undefined) return left;
    left = { kind: 'binary', operator, left, right: parseProduct(tokens) };
  }
}

/** Product ::= Unary {'*' Unary} */
function parseProduct(tokens: TokenReader): Expression {
  let left = parseUnary(tokens);
  while (tokens.take('*')) left = { kind: 'binary', operator: '*', left, right: parseUnary(tokens) };
  if (tokens.is('/') || tokens.is('%')) tokens.fail('vm-parse.unsupported-operator');
  return left;
}

/** Unary ::= ['!' … | '-' …] Member, one kind of sign and at most four */
function parseUnary(tokens: TokenReader): Expression {
  const sign = tokens.is('!') ? '!' : '-';
  let signs = 0;
  while (tokens.take(sign)) signs++;
  if (signs > SIGNS_MAX) tokens.fail('vm-parse.too-many-signs');
  let operand: Expression;
  if (sign === '-' && signs > 0 && isBareNumber(tokens)) {
    // The last minus belongs to the literal: −2⁶³ can be written, though 2⁶³ cannot.
    operand = parseLong(tokens, true);
    signs--;
  } else operand = parseMember(tokens);
  for (; signs > 0; signs--) operand = { kind: sign === '!' ? 'not' : 'negate', operand };
  return operand;
}

function isBareNumber(tokens: TokenReader): boolean {
  const after = tokens.peek(1).text;
  return tokens.peek().kind === 'number' && after !== '.' && after !== '[' && after !== '(';
}

function parseLong(tokens: TokenReader, negative: boolean): Expression {
  const token = tokens.peek();
  const digits = token.text.replace(/^0+(?=.)/, '');
  // 2⁶³ has 19 digits: a longer text is out of range before it is read as a number.
  const magnitude = digits.length > 19 ? I64_MAX + 2n : BigInt(digits);
  if (magnitude > (negative ? I64_MAX + 1n : I64_MAX)) {
    tokens.fail('vm-parse.number-out-of-range');
    return NOTHING;
  }
  tokens.next();
  return literal(negative ? -magnitude : magnitude);
}

/** Member ::= Primary {'.' IDENT | '.' IDENT '(' Exprs ')' | '[' STR ']'} */
function parseMember(tokens: TokenReader): Expression {
  let operand = parsePrimary(tokens);
  for (;;) {
    if (tokens.take('.')) {
      operand =
        tokens.peek(1).text === '(' && tokens.peek(1).kind === 'punctuation'
          ? parseMethod(tokens, operand)
          : { kind: 'attribute', operand, name: tokens.identifier() };
    } else if (tokens.take('[')) {
      operand = { kind: 'attribute', operand, name: tokens.string() };
      tokens.expect(']');
    } else return operand;
  }
}

function parseMethod(tokens: TokenReader, receiver: Expression): Expression {
  const at = tokens.peek();
  const name = tokens.identifier();
  tokens.expect('(');
  const operands = parseExpressions(tokens, ')');
  if (EXTENSION_FUNCTIONS.get(name)?.style === 'method')
    return { kind: 'call', name, operands: [receiver, ...operands] };
  const count = METHODS.get(name);
  if (count === undefined) tokens.fail('vm-parse.unknown-method', at);
  else if (count !== operands.length) tokens.fail('vm-parse.wrong-arguments', at);
  const argument = operands[0];
  if (argument === undefined) return { kind: 'isEmpty', operand: receiver };
  return { kind: 'binary', operator: name as BinaryOperator, left: receiver, right: argument };
}

function parseExpressions(tokens: TokenReader, close: string): readonly Expression[] {
  const items: Expression[] = [];
  tokens.commaSeparated(close, () => items.push(parseExpression(tokens)));
  return items;
}

/** Primary ::= literal | variable | entity | function call | '(' Expr ')' | set | record */
function parsePrimary(tokens: TokenReader): Expression {
  const token = tokens.peek();
  if (token.kind === 'number') return parseLong(tokens, false);
  if (token.kind === 'string') return literal(tokens.string());
  if (tokens.take('true')) return literal(true);
  if (tokens.take('false')) return literal(false);
  if (tokens.take('(')) {
    const inner = parseExpression(tokens);
    tokens.expect(')');
    return inner;
  }
  if (tokens.take('[')) return { kind: 'set', items: parseExpressions(tokens, ']') };
  if (tokens.take('{')) return parseRecord(tokens);
  if (token.kind === 'word') return parseNamed(tokens);
  tokens.unexpected();
  return NOTHING;
}

function parseRecord(tokens: TokenReader): Expression {
  const fields = new Map<string, Expression>();
  tokens.commaSeparated('}', () => {
    const at = tokens.peek();
    const name = at.kind === 'string' ? tokens.string() : tokens.identifier();
    tokens.expect(':');
    const value = parseExpression(tokens);
    if (fields.has(name)) tokens.fail('vm-parse.duplicate-key', at);
    fields.set(name, value);
  });
  return { kind: 'record', fields };
}

/** What begins with a name: a variable, a function call or an entity. */
function parseNamed(tokens: TokenReader): Expression {
  const at = tokens.peek();
  if (tokens.peek(1).text === '::' && tokens.peek(1).kind === 'punctuation') return literal(parseEntityUid(tokens));
  const name = tokens.identifier();
  if (tokens.take('(')) {
    if (EXTENSION_FUNCTIONS.get(name)?.style !== 'function') tokens.fail('vm-parse.unknown-function', at);
    return { kind: 'call', name, operands: parseExpressions(tokens, ')') };
  }
  if (!VARIABLES.has(name)) tokens.fail('vm-parse.unknown-name', at);
  return { kind: 'variable', name: name as Variable };
}

/** Type ::= IDENT {'::' IDENT} */
export function parseTypeName(tokens: TokenReader): string {
  let name = tokens.identifier();
  while (tokens.is('::') && tokens.peek(1).kind === 'word') {
    tokens.next();
    name += `::${tokens.identifier()}`;
  }
  return name;
}

/** Entity ::= Type '::' STR */
export function parseEntityUid(tokens: TokenReader): EntityUid {
  const type = parseTypeName(tokens);
  tokens.expect('::');
  return entity(type, tokens.string());
}
