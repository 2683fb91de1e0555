import { LIMITS } from '../base/limits.ts';

/** Bounds of the rule engine on untrusted text. */
export const VM_LIMITS = {
  /** The text given to one `parsePolicies`, as UTF-8. */
  policyTextBytesMax: LIMITS.policyTextBytesMax,
  /** Policies in one text. */
  policiesMax: LIMITS.policiesMax,
  /** Nesting of an expression, as written (parentheses count) and as a tree. */
  expressionDepthMax: 64,
  /** One JSON text, in UTF-16 units. */
  jsonTextMax: 1_048_576,
  /** Nesting of JSON values. */
  jsonDepthMax: 32,
} as const;
