import { LIMITS } from '../base/limits.ts';
import { API_LIMITS } from './limits.ts';
import type { JsonSchema } from './route.ts';

/** JSON Schema of what requests and answers hold, in the few words that the API needs. */

/** Bytes of a length in [min, max], in lower-case hexadecimal. */
export const hex = (min: number, max: number = min, description?: string): JsonSchema => ({
  type: 'string',
  minLength: 2 * min,
  maxLength: 2 * max,
  pattern: '^([0-9a-f]{2})*$',
  ...(description === undefined ? {} : { description }),
});
export const text = (maxLength: number, description?: string): JsonSchema => ({
  type: 'string',
  maxLength,
  ...(description === undefined ? {} : { description }),
});
export const uint = (maximum: number = Number.MAX_SAFE_INTEGER): JsonSchema => ({
  type: 'integer',
  minimum: 0,
  maximum,
});
export const bool: JsonSchema = { type: 'boolean' };
export const oneOf = (...choices: readonly string[]): JsonSchema => ({ type: 'string', enum: choices });
export const nullable = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
export const list = (items: JsonSchema, maxItems?: number, minItems = 0): JsonSchema => ({
  type: 'array',
  items,
  minItems,
  ...(maxItems === undefined ? {} : { maxItems }),
});
/** Exactly these fields; those in `optional` may be missing. */
export const struct = (
  properties: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema => ({
  type: 'object',
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
  additionalProperties: false,
});

export const address = hex(20, 20, 'An id: 20 bytes.');
export const hash = hex(32);
export const publicKey = hex(33, 33, 'A compressed secp256k1 point.');
export const signature = hex(65, 65, 'r ‖ s ‖ v.');
export const category = hex(16, 16, 'The opaque id of a category.');
export const cid = text(128, 'CIDv1 in base32.');

/** Parameters arrive as text and stay text: nothing is coerced. */
export const heightParameter: JsonSchema = { type: 'string', pattern: '^(0|[1-9][0-9]{0,14})$' };
const limitParameter: JsonSchema = {
  type: 'string',
  pattern: '^[1-9][0-9]{0,2}$',
  description: `Items of one page, at most ${API_LIMITS.pageItemsMax}.`,
};
export const pageQuery = {
  after: text(API_LIMITS.stateKeyCharactersMax, 'The `next` of the page before.'),
  limit: limitParameter,
};
/** A page tells no total: whoever may see a part learns nothing of the rest. */
export const pageOf = (item: JsonSchema): JsonSchema =>
  struct({ items: list(item, API_LIMITS.pageItemsMax), next: nullable(text(API_LIMITS.stateKeyCharactersMax)) });

export const receiptFields = {
  transactionId: hash,
  height: uint(),
  index: uint(),
  outcome: oneOf('applied', 'denied', 'failed'),
  code: nullable(text(64)),
  policies: list(text(128), LIMITS.policiesMax),
  /** Null where it is not told: a denial about somebody else. */
  gasUsed: nullable(uint()),
  events: list(struct({ name: text(64), to: address, about: hex(1, 64) })),
};

export const errorSchema = struct({
  error: struct(
    { code: text(64), message: text(200) },
    { detail: { type: 'object', additionalProperties: { type: ['string', 'number'] } } },
  ),
});
