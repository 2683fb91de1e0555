import { ok, type Result, refuse } from '../../base/result.ts';
import type { ParsedPolicy } from '../../vm/syntax/ast.ts';
import { readPolicies } from '../../vm/syntax/parse.ts';
import type { LedgerCode } from '../codes.ts';

/** The policies of a text, as trees. The refusal says where: `reason` is the rule engine's own code. Templates are none. */
export function readPolicyTrees(text: string): Result<readonly ParsedPolicy[], LedgerCode> {
  const { policies, templates, problems } = readPolicies(text);
  const [problem] = problems;
  if (problem?.code === 'vm-parse.too-large') return refuse('policy.too-large');
  if (problem !== undefined)
    return refuse('policy.malformed', { reason: problem.code, line: problem.line, column: problem.column });
  const [template] = templates;
  if (template !== undefined) return refuse('policy.malformed', { reason: 'vm-parse.template', ...template.position });
  return ok(policies);
}
