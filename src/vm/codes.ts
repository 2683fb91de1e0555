import { defineCodes } from '../base/result.ts';

/** Refusals of policy text and of Cedar JSON (with `line` and `column`, from 1), and the ways an evaluation can fail. */
export const VM_CODES = defineCodes({
  'vm-lex.unexpected-character': { status: 400, meaning: 'A character that no Cedar token begins with.' },
  'vm-lex.unterminated-string': { status: 400, meaning: 'A string literal has no closing quote.' },
  'vm-lex.not-unicode': { status: 400, meaning: 'The text holds a surrogate that is not part of a pair.' },

  'vm-parse.too-large': { status: 413, meaning: 'The policy text is larger than its limit.' },
  'vm-parse.too-deep': { status: 400, meaning: 'An expression nests deeper than the limit.' },
  'vm-parse.too-many-policies': { status: 413, meaning: 'The text holds more policies than the limit.' },
  'vm-parse.unexpected-token': { status: 400, meaning: 'The grammar has no such token here.' },
  'vm-parse.bad-escape': { status: 400, meaning: 'A string literal holds an escape that Cedar does not have.' },
  'vm-parse.number-out-of-range': { status: 400, meaning: 'An integer literal is outside the 64-bit signed range.' },
  'vm-parse.reserved-word': { status: 400, meaning: 'A reserved word stands where a name is expected.' },
  'vm-parse.template': { status: 400, meaning: 'Template slots such as ?principal are not supported.' },
  'vm-parse.unsupported-operator': { status: 400, meaning: 'Cedar has no division and no remainder.' },
  'vm-parse.chained-relation': { status: 400, meaning: 'Relations do not chain: use parentheses or &&.' },
  'vm-parse.too-many-signs': { status: 400, meaning: 'More than four ! or - in a row.' },
  'vm-parse.unknown-name': { status: 400, meaning: 'A name is neither a variable, an entity nor a function call.' },
  'vm-parse.unknown-function': { status: 400, meaning: 'No function has this name.' },
  'vm-parse.unknown-method': { status: 400, meaning: 'No method has this name.' },
  'vm-parse.wrong-arguments': { status: 400, meaning: 'A method is called with the wrong number of arguments.' },
  'vm-parse.duplicate-annotation': { status: 400, meaning: 'A policy carries the same annotation twice.' },
  'vm-parse.duplicate-key': { status: 400, meaning: 'A record literal names the same attribute twice.' },
  'vm-parse.not-an-action': { status: 400, meaning: 'The scope compares the action with an entity of another type.' },

  'vm-policy.duplicate-id': { status: 409, meaning: 'Two policies have the same id.' },

  'vm-eval.type-error': { status: 403, meaning: 'An operator met a value of a type it does not take.' },
  'vm-eval.overflow': { status: 403, meaning: 'A result is outside the 64-bit signed range.' },
  'vm-eval.missing-entity': { status: 403, meaning: 'An attribute or tag of an entity that does not exist.' },
  'vm-eval.missing-attribute': { status: 403, meaning: 'The entity or record has no such attribute.' },
  'vm-eval.missing-tag': { status: 403, meaning: 'The entity has no such tag.' },
  'vm-eval.wrong-arguments': { status: 403, meaning: 'An extension function got the wrong number of arguments.' },
  'vm-eval.bad-extension-value': {
    status: 403,
    meaning: 'A text is not the decimal, ip, datetime or duration it was read as.',
  },
  'vm-eval.out-of-gas': { status: 403, meaning: 'Deciding the request cost more than its gas limit.' },

  'vm-json.malformed': { status: 400, meaning: 'The text is not JSON, or not well-formed Unicode.' },
  'vm-json.too-large': { status: 413, meaning: 'The JSON text is larger than its limit.' },
  'vm-json.too-deep': { status: 400, meaning: 'The JSON nests deeper than the limit.' },
  'vm-json.duplicate-key': { status: 400, meaning: 'An object names the same key twice.' },
  'vm-json.forbidden-key': { status: 400, meaning: 'An object has a key named __proto__.' },
  'vm-json.not-an-integer': { status: 400, meaning: 'A number is not an integer of the 64-bit signed range.' },
  'vm-json.wrong-shape': { status: 400, meaning: 'The JSON is not what Cedar writes for this kind of value.' },
  'vm-json.bad-extension-value': { status: 400, meaning: 'An __extn escape holds no valid extension value.' },
  'vm-json.duplicate-entity': { status: 409, meaning: 'Two entities have the same type and id.' },
});
export type VmCode = keyof typeof VM_CODES;
export type EvalCode = Extract<VmCode, `vm-eval.${string}`>;
