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
  'vm-parse.template': { status: 400, meaning: 'A policy has slots such as ?principal where none may.' },
  'vm-parse.misplaced-slot': {
    status: 400,
    meaning:
      'A slot stands only in a scope, for its own variable: ?principal for the principal, ?resource for the resource.',
  },
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

  // Templates
  'vm-template.missing-value': { status: 400, meaning: 'A template is linked without a value for one of its slots.' },
  'vm-template.no-such-slot': {
    status: 400,
    meaning: 'A template is linked with a value for a slot that it does not have.',
  },

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

  // Schemas: reading them (with `line` and `column`, from 1).
  'vm-schema.too-large': { status: 413, meaning: 'The schema text is larger than its limit.' },
  'vm-schema.too-deep': { status: 400, meaning: 'A type nests deeper than the limit.' },
  'vm-schema.too-complex': { status: 413, meaning: 'The schema declares, or its types come to, more than the limit.' },
  'vm-schema.reserved-name': { status: 400, meaning: 'A declaration uses a name that Cedar keeps for itself.' },
  'vm-schema.duplicate-declaration': {
    status: 409,
    meaning: 'A name is declared twice in one namespace, or a namespace.',
  },
  'vm-schema.duplicate-clause': { status: 400, meaning: 'An appliesTo says principal, resource or context twice.' },
  'vm-schema.applies-to-nothing': { status: 400, meaning: 'An appliesTo names no principal type or no resource type.' },
  'vm-schema.shadows': { status: 409, meaning: 'A name of a namespace hides a name declared outside any.' },
  'vm-schema.unknown-type': { status: 400, meaning: 'No such type is declared.' },
  'vm-schema.unknown-action': { status: 400, meaning: 'No such action is declared.' },
  'vm-schema.type-cycle': { status: 400, meaning: 'A common type contains itself.' },
  'vm-schema.action-cycle': { status: 400, meaning: 'An action is in a group that is in it.' },
  'vm-schema.not-a-record': { status: 400, meaning: 'A context is of a type that is no record.' },
  // Requests and entities beside a schema (with `path`, of attribute names).
  'vm-conform.unknown-type': { status: 400, meaning: 'The schema declares no such entity type.' },
  'vm-conform.unknown-action': { status: 400, meaning: 'The schema declares no such action.' },
  'vm-conform.unknown-id': { status: 400, meaning: 'The entity type lists its ids, and this is none of them.' },
  'vm-conform.not-applicable': { status: 400, meaning: 'The action does not apply to such a principal or resource.' },
  'vm-conform.wrong-type': { status: 400, meaning: 'A value has another type than the schema says.' },
  'vm-conform.missing-attribute': { status: 400, meaning: 'An attribute that the schema requires is missing.' },
  'vm-conform.unknown-attribute': { status: 400, meaning: 'The schema has no such attribute.' },
  'vm-conform.unexpected-tags': { status: 400, meaning: 'Entities of this type have no tags.' },
  'vm-conform.wrong-parent': { status: 400, meaning: 'An entity of this type has no parent of that type.' },
  'vm-conform.action-differs': { status: 400, meaning: 'An action is not what the schema says of it.' },
  'vm-conform.cycle': { status: 400, meaning: 'An entity is its own ancestor.' },
  // A policy that does not fit its schema.
  'vm-validate.unknown-entity-type': {
    status: 400,
    meaning: 'A policy names an entity type that its schema does not declare.',
  },
  'vm-validate.unknown-action': { status: 400, meaning: 'A policy names an action that its schema does not declare.' },
  'vm-validate.unknown-id': { status: 400, meaning: 'The entity type lists its ids, and the policy names another.' },
  'vm-validate.unknown-function': { status: 400, meaning: 'A policy calls a function that does not exist.' },
  'vm-validate.no-applicable-action': {
    status: 400,
    meaning: 'No action of the schema applies to what the scope of the policy lets through.',
  },
  'vm-validate.wrong-type': { status: 400, meaning: 'An operator is given a type that it does not take.' },
  'vm-validate.incompatible-types': { status: 400, meaning: 'Values that must have one type have different ones.' },
  'vm-validate.unknown-attribute': { status: 400, meaning: 'The schema declares no such attribute.' },
  'vm-validate.optional-attribute': { status: 400, meaning: 'An optional attribute is read where it may be missing.' },
  'vm-validate.no-tags': { status: 400, meaning: 'A tag is read of an entity whose type has none.' },
  'vm-validate.optional-tag': { status: 400, meaning: 'A tag is read where it may be missing.' },
  'vm-validate.empty-set': { status: 400, meaning: 'Strict checking refuses an empty set: it has no type.' },
  'vm-validate.wrong-arguments': { status: 400, meaning: 'A function is called with the wrong number of arguments.' },
  'vm-validate.bad-extension-value': {
    status: 400,
    meaning: 'A literal is not the decimal, ip, datetime or duration that it is read as.',
  },
  'vm-validate.not-a-literal': { status: 400, meaning: 'Strict checking lets these functions read a literal only.' },
  'vm-validate.too-costly': { status: 413, meaning: 'Checking the policy takes more steps than the limit.' },
  // Warnings: a policy with these fits its schema.
  'vm-validate.impossible': { status: 400, meaning: 'The policy is false for every request that its schema allows.' },
  'vm-validate.text-direction': {
    status: 400,
    meaning: 'A text holds characters that change the order it is shown in.',
  },
  'vm-validate.mixed-scripts': { status: 400, meaning: 'A text mixes scripts whose letters look alike.' },
});
export type VmCode = keyof typeof VM_CODES;
export type EvalCode = Extract<VmCode, `vm-eval.${string}`>;
