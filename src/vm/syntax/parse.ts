import { utf8 } from '../../base/bytes.ts';
import { type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import { type PolicySet, policySetOf } from '../evaluate/policy-set.ts';
import { VM_LIMITS } from '../limits.ts';
import type { ParsedPolicy, ParsedTemplate } from './ast.ts';
import { type Flaw, lex } from './lex.ts';
import { parsePolicy, type Source } from './parse-policy.ts';
import { type Position, positionsIn } from './position.ts';
import { TokenReader } from './token-reader.ts';

/** One thing wrong with a text. `suggestion` is half a sentence for people: what to write instead. */
export interface SyntaxProblem extends Flaw, Position {
  /** Offset in the text, in UTF-16 units. */
  readonly at: number;
}

/** What a text holds, in its order. A policy with a problem is in neither list. */
export interface PolicyText {
  readonly policies: readonly ParsedPolicy[];
  readonly templates: readonly ParsedTemplate[];
  /** By their place in the text; at most `VM_LIMITS.problemsMax`. */
  readonly problems: readonly SyntaxProblem[];
}

/**
 * Reads Cedar policy text (language 4.5) without templates. A refusal is the first problem, with `line` and `column`. A policy's id is
 * its `@id` annotation, else `policy` and its number in the text, from 0.
 */
export function parsePolicies(text: string): Result<PolicySet, VmCode> {
  if (isTooLarge(text)) return refuse('vm-parse.too-large', { bytesMax: VM_LIMITS.policyTextBytesMax });
  const { policies, templates, problems } = readPolicies(text);
  const [problem] = problems;
  if (problem !== undefined) return refuse(problem.code, { line: problem.line, column: problem.column });
  const [template] = templates;
  if (template !== undefined) return refuse('vm-parse.template', { ...template.position });
  return policySetOf(policies);
}

/** Reads policies and templates, and reports every problem that it finds. */
export function readPolicies(text: string): PolicyText {
  if (isTooLarge(text))
    return { policies: [], templates: [], problems: [{ code: 'vm-parse.too-large', at: 0, line: 1, column: 1 }] };
  const source: Source = { text, positionOf: positionsIn(text) };
  const tokens = new TokenReader(lex(text));
  const { policies, templates } = readStatements(tokens, source);
  const problems = [...tokens.problems]
    .sort((a, b) => a.at - b.at)
    .map((problem) => ({ ...problem, ...source.positionOf(problem.at) }));
  return { policies, templates, problems };
}

function isTooLarge(text: string): boolean {
  const bytesMax = VM_LIMITS.policyTextBytesMax;
  return text.length > bytesMax || utf8(text).length > bytesMax;
}

function readStatements(tokens: TokenReader, source: Source): Omit<PolicyText, 'problems'> {
  const policies: ParsedPolicy[] = [];
  const templates: ParsedTemplate[] = [];
  while (tokens.peek().kind !== 'end' && !tokens.isFull) {
    if (policies.length + templates.length === VM_LIMITS.policiesMax) {
      tokens.fail('vm-parse.too-many-policies');
      break;
    }
    const flaws = tokens.flaws;
    const statement = parsePolicy(tokens, source);
    if (tokens.flaws > flaws) continue;
    if (isPolicy(statement)) policies.push(statement);
    else templates.push(statement);
  }
  return { policies, templates };
}

const isPolicy = (statement: ParsedTemplate): statement is ParsedPolicy =>
  statement.scope.principal.kind !== 'slot' && statement.scope.resource.kind !== 'slot';
