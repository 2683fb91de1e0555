import { CRYPTO_LIMITS } from '../crypto/limits.ts';

/** Every bound that this folder enforces on input, with its unit last. A test names each of them. */
export const FHIR_LIMITS = {
  /** UTF-16 units of one file. UTF-8 has at least as many bytes, so this only refuses early: sealing counts bytes. */
  textMax: CRYPTO_LIMITS.recordAtOnceBytesMax,
  /** Nesting of objects and lists. R4's own resources stay below 20. */
  depthMax: 32,
  /** Resources in one Bundle. */
  entriesMax: 100_000,
  /** Items of one list in a Consent: actors, purposes, labels, provisions. */
  consentItemsMax: 64,
  /** Search tokens of one resource, or of all resources of one Bundle. */
  keywordsMax: 1_024,
  /** UTF-16 units of one search token; a longer one is left out, since half a code is another code. */
  keywordUnitsMax: 256,
  /** Objects and lists that the search for keywords looks at. */
  keywordNodesMax: 200_000,
  /** Resources on one page of a search. */
  pageEntriesMax: 100,
  /** Resources that a page may look at before it is full: beyond it the question is refused, never answered by a part. */
  pageScanMax: 10_000,
  /** Sensitivity codes of one record. */
  sensitivitiesMax: 16,
  /** UTF-16 units of one word in the encrypted part of a record or category. */
  sensitiveWordMax: 200,
  /** Bytes of the encrypted part before it is padded and sealed. */
  sensitiveBytesMax: 8_192,
  /** Distinct values along one side of a research table. */
  researchValuesMax: 64,
  /** Rows that one research table is counted from. */
  researchRowsMax: 1_000_000,
  /** UTF-16 units of the address of an external reference. */
  externalUrlMax: 2_048,
} as const;
