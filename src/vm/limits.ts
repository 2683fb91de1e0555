import { LIMITS } from '../base/limits.ts';

/** Bounds of the rule engine on untrusted text. */
export const VM_LIMITS = {
  /** The text given to one `parsePolicies`, as UTF-8. */
  policyTextBytesMax: LIMITS.policyTextBytesMax,
  /** Policies in one text. */
  policiesMax: LIMITS.policiesMax,
  /** Problems that reading one text reports. */
  problemsMax: 50,
  /** Nesting of an expression, as written (parentheses count) and as a tree. */
  expressionDepthMax: 64,
  /** One JSON text, in UTF-16 units. */
  jsonTextMax: 1_048_576,
  /** Nesting of JSON values. */
  jsonDepthMax: 32,
  /** Plans that the index of a policy set keeps: one for each action and pair of types that was asked. */
  indexPlansMax: 1_024,
  /** The text of one schema, as UTF-8. */
  schemaTextBytesMax: 131_072,
  /** Entity types, actions and common types of one schema. */
  schemaDeclarationsMax: 2_048,
  /** Nesting of a type, as written and with every name replaced by what it means. */
  schemaTypeDepthMax: 32,
  /** Types within types, over a whole schema, with every name replaced by what it means. */
  schemaTypeNodesMax: 100_000,
  /** Combinations of principal type, action and resource type that a schema allows. */
  schemaEnvironmentsMax: 100_000,
  /** Problems of one schema that are told. */
  schemaProblemsMax: 20,
  /** Steps that checking one policy against its schema may take: nodes visited and types compared, over all kinds of request. */
  validationStepsMax: 2_000_000,
  /** Problems of one policy that are told. */
  validationProblemsMax: 50,
} as const;
