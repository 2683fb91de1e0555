import { authorize } from '../../src/vm/evaluate/authorize.ts';
import { policySetOf } from '../../src/vm/evaluate/policy-set.ts';
import type { AuthorizationRequest, EntityReader, PolicySet } from '../../src/vm/index.ts';
import type { ParsedPolicy } from '../../src/vm/syntax/ast.ts';
import type { Expected } from './case.ts';

/** What one policy says to one question. */
export type Verdict = 'satisfied' | 'not' | 'errs';

export interface Question {
  readonly request: AuthorizationRequest;
  readonly entities: EntityReader;
}
const GAS = 1_000_000;

export const idOf = (policy: ParsedPolicy): string => policy.annotations.get('id') ?? '';

export function alone(policy: ParsedPolicy): PolicySet {
  const set = policySetOf([policy]);
  if (!set.ok) throw new Error(set.rejection.code);
  return set.value;
}

export function verdictOf(policy: PolicySet, { request, entities }: Question): Verdict {
  const { reasons, errors } = authorize(policy, request, entities, GAS);
  return errors.length > 0 ? 'errs' : reasons.length > 0 ? 'satisfied' : 'not';
}

/** One policy of the set, and what it says to each question of a case. */
export interface Said {
  readonly policy: ParsedPolicy;
  readonly verdicts: readonly Verdict[];
}

/**
 * Cedar's rule and the chain's, from what each policy says alone: a satisfied or erring forbid denies, else a satisfied permit permits.
 * A case's questions are put in order until one is permitted.
 */
export function answerOf(said: readonly Said[], questions: number): Expected {
  const erring = new Set<string>();
  for (let question = 0; ; question++) {
    const which = (effect: ParsedPolicy['effect'], verdict: Verdict): string[] =>
      said
        .filter(({ policy, verdicts }) => policy.effect === effect && verdicts[question] === verdict)
        .map(({ policy }) => idOf(policy))
        .sort();
    const [permits, forbids] = [which('permit', 'satisfied'), which('forbid', 'satisfied')];
    const erringForbids = which('forbid', 'errs');
    for (const id of [...which('permit', 'errs'), ...erringForbids]) erring.add(id);
    const permitted = permits.length > 0 && forbids.length === 0 && erringForbids.length === 0;
    if (permitted || question === questions - 1)
      return { permitted, by: permitted ? permits : forbids, erring: [...erring].sort() };
  }
}
