import { ok, type Result, refuse } from '../../../../base/result.ts';
import { policySetOf } from '../../../../vm/evaluate/policy-set.ts';
import type { PolicySet, VmCode } from '../../../../vm/index.ts';
import type { ParsedPolicy, ParsedTemplate } from '../../../../vm/syntax/ast.ts';
import { readPolicies } from '../../../../vm/syntax/parse.ts';

/** Policies as the official corpus counts them: `policy0`, `policy1`, … in file order, templates too, whatever `@id` says. */
export interface NumberedPolicies {
  readonly set: PolicySet;
  /** Templates among them, by their ids: they decide nothing, but are validated. */
  readonly parsed: ReadonlyMap<string, ParsedPolicy | ParsedTemplate>;
}

export function numberedPolicies(text: string): Result<NumberedPolicies, VmCode> {
  const { policies, templates, problems } = readPolicies(text);
  const [problem] = problems;
  if (problem !== undefined) return refuse(problem.code, { line: problem.line, column: problem.column });
  const inOrder = [...policies, ...templates].sort((a, b) => a.at - b.at);
  const ids = new Map(inOrder.map((policy, i) => [policy, `policy${i}`]));
  const named = policies.map((policy) => ({
    ...policy,
    annotations: new Map([...policy.annotations, ['id', ids.get(policy) as string]]),
  }));
  const set = policySetOf(named);
  return set.ok ? ok({ set: set.value, parsed: new Map([...ids].map(([policy, id]) => [id, policy])) }) : set;
}
