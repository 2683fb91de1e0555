import type { VmCode } from '../codes.ts';
import { VM_LIMITS } from '../limits.ts';
import type { RequestEnvironment } from '../schema/environments.ts';

export type ValidationCode = Extract<VmCode, `vm-validate.${string}`>;

/** Why a policy does not fit its schema. */
export interface ValidationProblem {
  readonly code: ValidationCode;
  /** Where: UTF-16 units from the start of the policy set's text. */
  readonly at: number;
  /** One plain sentence. */
  readonly message: string;
  /** What could stand there instead: the declared name nearest to the one written, or another operator. */
  readonly suggestion?: string;
  /** The first kind of request it was found for; absent where requests do not matter. */
  readonly request?: Pick<RequestEnvironment, 'principal' | 'action' | 'resource'>;
}

/** What a problem says, beside its code and its place. */
export type Finding = Pick<ValidationProblem, 'message' | 'suggestion'>;

/** What was found in one policy: each place once for each code, however many kinds of request it fails for. */
export class Problems {
  readonly #found = new Map<string, ValidationProblem>();

  /** `describe` is asked only where the problem is new: looking for a suggestion has its cost. */
  add(code: ValidationCode, at: number, describe: () => Finding, request?: ValidationProblem['request']): void {
    const key = `${at} ${code}`;
    if (this.#found.has(key) || this.#found.size === VM_LIMITS.validationProblemsMax) return;
    this.#found.set(key, { code, at, ...describe(), ...(request && { request }) });
  }

  /** In the order of the text. */
  list(): readonly ValidationProblem[] {
    return [...this.#found.values()].sort((a, b) => a.at - b.at);
  }
}
