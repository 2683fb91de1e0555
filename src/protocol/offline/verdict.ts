import type { Height } from '../../base/brand.ts';
import type { Rejection } from '../../base/result.ts';

/** What an offline check answers: exit codes 0, 1 and 2. */
export type Verdict = Holds | Finding;

export interface Holds {
  readonly verdict: 'holds';
}

/** `violated`: a rule of the chain is broken here. `unknown`: this software, or this file, cannot tell. */
export interface Finding {
  readonly verdict: 'violated' | 'unknown';
  /** Null where the bytes belong to no height. */
  readonly height: Height | null;
  /** The path of what is wrong: `header.stateRoot`, `transactions[3]`, `statements[0].rows[2]`. */
  readonly field: string;
  readonly code: string;
}

export const HOLDS: Holds = { verdict: 'holds' };

export const violated = (height: Height | null, field: string, code: string): Finding => ({
  verdict: 'violated',
  height,
  field,
  code,
});

export const unknown = (height: Height | null, field: string, code: string): Finding => ({
  verdict: 'unknown',
  height,
  field,
  code,
});

/** The path that a shape's refusal names, below `field`. */
export function fieldBelow(field: string, { detail }: Rejection): string {
  const path = detail?.path;
  if (typeof path !== 'string' || path === '') return field;
  return field === '' ? path : `${field}.${path}`;
}
