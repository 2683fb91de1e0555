import type { EvalCode } from '../codes.ts';
import type { Value } from '../values/value.ts';

/** Why an evaluation gave no value. One object per code: failing allocates nothing. */
export class Failure {
  readonly code: EvalCode;
  constructor(code: EvalCode) {
    this.code = code;
  }
}

/** Errors are values here as elsewhere: an evaluation gives one or the other, and the first failure is passed up. */
export type Outcome = Value | Failure;

export const TYPE_ERROR = new Failure('vm-eval.type-error');
export const OVERFLOW = new Failure('vm-eval.overflow');
export const MISSING_ENTITY = new Failure('vm-eval.missing-entity');
export const MISSING_ATTRIBUTE = new Failure('vm-eval.missing-attribute');
export const MISSING_TAG = new Failure('vm-eval.missing-tag');
export const WRONG_ARGUMENTS = new Failure('vm-eval.wrong-arguments');
export const BAD_EXTENSION_VALUE = new Failure('vm-eval.bad-extension-value');
export const OUT_OF_GAS = new Failure('vm-eval.out-of-gas');
