import { VM_LIMITS } from '../limits.ts';
import { type Condition, isWithinDepth, type ParsedTemplate } from './ast.ts';
import { parseExpression } from './parse-expression.ts';
import { parseScope } from './parse-scope.ts';
import type { Position } from './position.ts';
import type { TokenReader } from './token-reader.ts';

/** The text of a policy set, and a way to find places in it. */
export interface Source {
  readonly text: string;
  readonly positionOf: (offset: number) => Position;
}

/**
 * Policy ::= {Annotation} ('permit' | 'forbid') Scope {('when' | 'unless') '{' Expr '}'} ';'
 *
 * A part that fails is left for the next landmark, so that the parts after it are read too. One of these steps takes each landmark:
 * reading goes on, whatever the text.
 */
export function parsePolicy(tokens: TokenReader, source: Source): ParsedTemplate {
  const at = tokens.peek().offset;
  const annotations = parseAnnotations(tokens);
  const effect = parseEffect(tokens);
  const scope = parseScope(tokens);
  const { conditions, end } = parseConditions(tokens, source);
  const text = source.text.slice(at, end);
  return { effect, annotations, scope, conditions, text, at, position: source.positionOf(at) };
}

/** Annotation ::= '@' word ['(' STR ')']; without a value it means the empty text. */
function parseAnnotations(tokens: TokenReader): ReadonlyMap<string, string> {
  const annotations = new Map<string, string>();
  while (tokens.take('@')) {
    const token = tokens.peek();
    const key = tokens.anyWord();
    if (annotations.has(key)) tokens.note('vm-parse.duplicate-annotation', token);
    let value = '';
    if (tokens.take('(')) {
      value = tokens.string();
      tokens.expect(')');
    }
    annotations.set(key, value);
    tokens.mend();
  }
  return annotations;
}

function parseEffect(tokens: TokenReader): 'permit' | 'forbid' {
  if (tokens.take('forbid')) return 'forbid';
  if (tokens.take('permit')) return 'permit';
  const [token, after] = [tokens.peek(), tokens.peek(1)];
  tokens.unexpected(['permit', 'forbid']);
  if (token.kind === 'word' && after.text === '(') tokens.readOnAfter(token);
  return 'permit';
}

/** The conditions, and where the policy ends. */
function parseConditions(tokens: TokenReader, source: Source): { conditions: readonly Condition[]; end: number } {
  const conditions: Condition[] = [];
  for (;;) {
    const wasBroken = tokens.mend();
    const { end } = tokens.peek();
    if (tokens.is('when') || tokens.is('unless')) conditions.push(parseCondition(tokens, source));
    else if (tokens.take(';')) return { conditions, end };
    else {
      const isOver = tokens.isLandmark() || tokens.peek().kind === 'end';
      // Where something was skipped, the semicolon may have been part of it.
      if (!wasBroken || !isOver) tokens.unexpected([';', 'when', 'unless']);
      if (!isOver) continue;
      tokens.mend();
      return { conditions, end };
    }
  }
}

function parseCondition(tokens: TokenReader, source: Source): Condition {
  const token = tokens.next();
  const at = token.offset;
  tokens.expect('{');
  const body = parseExpression(tokens);
  tokens.expect('}');
  if (!isWithinDepth(body, VM_LIMITS.expressionDepthMax)) tokens.note('vm-parse.too-deep', token);
  return { kind: token.text as 'when' | 'unless', body, at, position: source.positionOf(at) };
}
