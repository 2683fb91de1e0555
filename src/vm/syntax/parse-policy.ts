import { VM_LIMITS } from '../limits.ts';
import type { EntityUid } from '../values/value.ts';
import { type Condition, isWithinDepth, type ParsedPolicy, type Scope, type ScopeClause } from './ast.ts';
import { parseEntityUid, parseExpression, parseTypeName } from './parse-expression.ts';
import { type Position, positionOf } from './position.ts';
import type { TokenReader } from './token-reader.ts';

/** Policy ::= {Annotation} ('permit' | 'forbid') '(' Scope ')' {('when' | 'unless') '{' Expr '}'} ';' */
export function parsePolicy(tokens: TokenReader, source: string): ParsedPolicy {
  const start = tokens.peek().offset;
  const annotations = parseAnnotations(tokens);
  const effect = tokens.take('forbid') ? 'forbid' : 'permit';
  if (effect === 'permit') tokens.expect('permit');
  const scope = parseScope(tokens);
  const conditions: Condition[] = [];
  while (tokens.is('when') || tokens.is('unless'))
    conditions.push(parseCondition(tokens, positionOf(source, tokens.peek().offset)));
  const end = tokens.peek().offset + 1;
  tokens.expect(';');
  return {
    effect,
    annotations,
    scope,
    conditions,
    text: source.slice(start, end),
    position: positionOf(source, start),
  };
}

/** Annotation ::= '@' word ['(' STR ')']; without a value it means the empty text. */
function parseAnnotations(tokens: TokenReader): ReadonlyMap<string, string> {
  const annotations = new Map<string, string>();
  while (tokens.take('@')) {
    const at = tokens.peek();
    const key = tokens.anyWord();
    if (annotations.has(key)) tokens.fail('vm-parse.duplicate-annotation', at);
    let value = '';
    if (tokens.take('(')) {
      value = tokens.string();
      tokens.expect(')');
    }
    annotations.set(key, value);
  }
  return annotations;
}

/** Scope ::= Principal ',' Action ',' Resource [','] */
function parseScope(tokens: TokenReader): Scope {
  tokens.expect('(');
  tokens.expect('principal');
  const principal = parseScopeClause(tokens);
  tokens.expect(',');
  tokens.expect('action');
  const action = parseActionClause(tokens);
  tokens.expect(',');
  tokens.expect('resource');
  const resource = parseScopeClause(tokens);
  tokens.take(',');
  tokens.expect(')');
  return { principal, action, resource };
}

function parseScopeClause(tokens: TokenReader): ScopeClause {
  if (tokens.take('==')) return { kind: '==', uid: parseEntityUid(tokens) };
  if (tokens.take('in')) return { kind: 'in', uids: [parseEntityUid(tokens)] };
  if (!tokens.take('is')) return { kind: 'any' };
  const entityType = parseTypeName(tokens);
  return { kind: 'is', entityType, within: tokens.take('in') ? parseEntityUid(tokens) : undefined };
}

/** An action is compared with actions alone, and may be in any of a list. */
function parseActionClause(tokens: TokenReader): ScopeClause {
  if (tokens.take('==')) return { kind: '==', uid: parseActionUid(tokens) };
  if (!tokens.take('in')) return { kind: 'any' };
  if (!tokens.take('[')) return { kind: 'in', uids: [parseActionUid(tokens)] };
  const uids: EntityUid[] = [];
  tokens.commaSeparated(']', () => uids.push(parseActionUid(tokens)));
  return { kind: 'in', uids };
}

function parseActionUid(tokens: TokenReader): EntityUid {
  const at = tokens.peek();
  const uid = parseEntityUid(tokens);
  if (uid.type !== 'Action' && !uid.type.endsWith('::Action')) tokens.fail('vm-parse.not-an-action', at);
  return uid;
}

function parseCondition(tokens: TokenReader, position: Position): Condition {
  const at = tokens.peek();
  const kind = tokens.next().text as 'when' | 'unless';
  tokens.expect('{');
  const body = parseExpression(tokens);
  tokens.expect('}');
  if (!isWithinDepth(body, VM_LIMITS.expressionDepthMax)) tokens.fail('vm-parse.too-deep', at);
  return { kind, body, position };
}
