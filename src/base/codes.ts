import { defineCodes } from './result.ts';

/** Refusals of bytes that are not a canonical value, or not of the expected shape. */
export const BASE_CODES = defineCodes({
  'encoding.empty': { status: 400, meaning: 'There are no bytes.' },
  'encoding.too-large': { status: 413, meaning: 'The message is larger than its limit.' },
  'encoding.too-deep': { status: 400, meaning: 'The message nests deeper than the limit.' },
  'encoding.too-many-items': { status: 400, meaning: 'The message holds more values than the limit.' },
  'encoding.truncated': { status: 400, meaning: 'The message ends in the middle of a value.' },
  'encoding.malformed': { status: 400, meaning: 'The bytes are not DAG-CBOR.' },
  'encoding.not-canonical': {
    status: 400,
    meaning: 'The bytes decode, but are not the one canonical encoding of their value.',
  },
  'shape.unknown-field': { status: 400, meaning: 'A field is present that the format does not have.' },
  'shape.missing-field': { status: 400, meaning: 'A field of the format is missing.' },
  'shape.wrong-type': { status: 400, meaning: 'A field has another type than the format says.' },
  'shape.out-of-range': { status: 400, meaning: 'A field is outside its bounds.' },
});
export type BaseCode = keyof typeof BASE_CODES;
