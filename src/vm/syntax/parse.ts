import { utf8 } from '../../base/bytes.ts';
import { type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import { type PolicySet, policySetOf } from '../evaluate/policy-set.ts';
import { VM_LIMITS } from '../limits.ts';
import type { ParsedPolicy } from './ast.ts';
import { lex } from './lex.ts';
import { parsePolicy } from './parse-policy.ts';
import { positionOf } from './position.ts';
import { TokenReader } from './token-reader.ts';

/**
 * Reads Cedar policy text (language 4.5, without templates). A refusal carries `line` and `column`. A policy's id is its `@id`
 * annotation, else `policy` and its number in the text, from 0.
 */
export function parsePolicies(text: string): Result<PolicySet, VmCode> {
  const bytesMax = VM_LIMITS.policyTextBytesMax;
  if (text.length > bytesMax || utf8(text).length > bytesMax) return refuse('vm-parse.too-large', { bytesMax });
  const lexed = lex(text);
  if (!lexed.ok) return lexed;

  const tokens = new TokenReader(lexed.value);
  const parsed: ParsedPolicy[] = [];
  while (tokens.peek().kind !== 'end') {
    if (parsed.length === VM_LIMITS.policiesMax) tokens.fail('vm-parse.too-many-policies');
    else parsed.push(parsePolicy(tokens, text));
  }
  if (tokens.failure !== undefined) return refuse(tokens.failure.code, { ...positionOf(text, tokens.failure.offset) });
  return policySetOf(parsed);
}
