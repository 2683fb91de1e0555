import { CRYPTO_LIMITS } from '../crypto/limits.ts';

/** Every bound that this folder enforces on input, with its unit last. A test names each of them. */
export const FHIR_LIMITS = {
  /** UTF-16 units of one file. UTF-8 has at least as many bytes, so this only refuses early: sealing counts bytes. */
  textMax: CRYPTO_LIMITS.recordAtOnceBytesMax,
  /** Nesting of objects and lists. R4's own resources stay below 20. */
  depthMax: 32,
  /** Resources in one Bundle. */
  entriesMax: 100_000,
} as const;
