import { authorize, type Decision, VM_CODES, type VmCode } from '../../../vm/index.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { type QuestionOptions, readQuestion } from './question.ts';

/** `carechain policy eval`: 0 where the request is allowed, 1 where it is denied. */
export async function policyEval(options: QuestionOptions, output: Output): Promise<ExitCode> {
  const { policies, request, entities, gasLimit } = await readQuestion(options);
  const decision = authorize(policies, request, entities, gasLimit);
  const { allowed, ...rest } = decision;
  output.result({ decision: allowed ? 'allow' : 'deny', ...rest }, decisionText(decision));
  return allowed ? EXIT.holds : EXIT.violated;
}

export function decisionText({ allowed, reasons, errors, gasUsed, outOfGas }: Decision): string {
  const lines = [`${allowed ? 'allow' : 'deny'}${outOfGas ? ', out of gas' : ''}`];
  if (reasons.length > 0) lines.push(`reasons  ${reasons.join(', ')}`);
  for (const { policyId, code } of errors)
    lines.push(`error    ${policyId}: ${code}: ${VM_CODES[code as VmCode].meaning}`);
  return [...lines, `gas      ${gasUsed}`].join('\n');
}
