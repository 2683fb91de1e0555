import { type Audience, explain, type PolicyTrace, toldTo } from '../../../vm/index.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { type Output, usageError } from '../../output.ts';
import { type QuestionOptions, readQuestion } from './question.ts';

export interface ExplainOptions extends QuestionOptions {
  readonly for?: string;
}

const AUDIENCES: readonly Audience[] = ['patient', 'reviewer', 'requester'];

/** `carechain policy explain`: why a request is allowed (0) or denied (1), as one audience may know it. */
export async function policyExplain(options: ExplainOptions, output: Output): Promise<ExitCode> {
  const audience = AUDIENCES.find((one) => one === (options.for ?? 'reviewer'));
  if (audience === undefined) throw usageError(`${options.for} is none of ${AUDIENCES.join(', ')}`);
  const { policies, request, entities, gasLimit } = await readQuestion(options);
  const told = toldTo(audience, explain(policies, request, entities, gasLimit));
  output.result(told, [told.sentence, ...told.policies.map(traceText)].join('\n'));
  return told.allowed ? EXIT.holds : EXIT.violated;
}

function traceText({ policyId, effect, outcome, failed }: PolicyTrace): string {
  if (failed === null) return `  ${effect} ${policyId}: ${outcome}`;
  const values = failed.values.map(({ text, value, code }) => `${text} is ${value ?? code}`).join(', ');
  const met = values === '' ? '' : ` (${values})`;
  return `  ${effect} ${policyId}: ${outcome}, ${failed.part} ${failed.text} is ${failed.error?.code ?? failed.outcome}${met}`;
}
