import type { ValidationCode } from '../../../src/vm/validate/problems.ts';

/** The official engine's messages, each with the code that we give to what it says. */
const MESSAGES: readonly (readonly [RegExp, ValidationCode])[] = [
  [/unrecognized entity type/, 'vm-validate.unknown-entity-type'],
  [/unrecognized action/, 'vm-validate.unknown-action'],
  [/is of an enumerated entity type/, 'vm-validate.unknown-id'],
  [/unable to find an applicable action/, 'vm-validate.no-applicable-action'],
  [/unexpected type/, 'vm-validate.wrong-type'],
  [/are not compatible/, 'vm-validate.incompatible-types'],
  [/attribute `.*` .*not found/, 'vm-validate.unknown-attribute'],
  [/unable to guarantee safety of access to optional attribute/, 'vm-validate.optional-attribute'],
  [/unable to guarantee safety of access to tag/, 'vm-validate.optional-tag'],
  [/did not have any tags|no tags|not allowed to have tags/, 'vm-validate.no-tags'],
  [/empty set literals are forbidden/, 'vm-validate.empty-set'],
  [/wrong number of arguments/, 'vm-validate.wrong-arguments'],
  [/error during extension function argument validation/, 'vm-validate.bad-extension-value'],
  [/extension constructors may not be called with non-literal/, 'vm-validate.not-a-literal'],
  [/policy is impossible/, 'vm-validate.impossible'],
];

export function codeOfMessage(message: string): ValidationCode {
  const found = MESSAGES.find(([pattern]) => pattern.test(message));
  if (found === undefined) throw new Error(`a message of the official engine that we know no code for: ${message}`);
  return found[1];
}

export const codesOf = (messages: readonly string[] = []): readonly ValidationCode[] =>
  [...new Set(messages.map(codeOfMessage))].sort();
