import { ok, type Result, refuse } from '../../../base/result.ts';
import type { EntityUid } from '../../../vm/index.ts';
import type { Expression } from '../../../vm/syntax/ast.ts';
import { readPolicies } from '../../../vm/syntax/parse.ts';
import { problemText } from './problem-text.ts';

const BEFORE = 'permit (principal, action, resource) when {\n';

/** One expression, read as the condition of a policy; what is wrong with it is told with a caret under its place. */
export function readExpression(text: string): { readonly expression: Expression } | { readonly problem: string } {
  const { policies, templates, problems } = readPolicies(`${BEFORE}${text}\n};`);
  const [problem] = problems;
  if (problem !== undefined) {
    // A problem behind the expression stands, for whoever wrote it, at its end.
    const lines = text.split('\n');
    const line = Math.min(problem.line - 1, lines.length);
    const column = line < problem.line - 1 ? (lines.at(-1) as string).length + 1 : problem.column;
    return { problem: problemText('expression', text, { ...problem, line, column }) };
  }
  const [policy, another] = [...policies, ...templates];
  const body = policy?.conditions[0]?.body;
  if (another !== undefined || body === undefined || policy?.conditions.length !== 1)
    return { problem: 'expression: not one expression' };
  return { expression: body };
}

/** `Type::"id"`. */
export function readUid(text: string): Result<EntityUid, 'vm-json.wrong-shape'> {
  const read = readExpression(text);
  const value = 'expression' in read && read.expression.kind === 'literal' ? read.expression.value : undefined;
  return typeof value === 'object' && value.kind === 'entity' ? ok(value) : refuse('vm-json.wrong-shape');
}
