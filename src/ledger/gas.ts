/**
 * What a transaction costs beside its policies, in the engine's unit (the evaluation of one expression node). The numbers
 * follow measured ratios: verifying a signature is worth some 200 nodes, a synced write of a row some 50.
 */
export const LEDGER_GAS = {
  /** Signature, nonce, receipt. */
  transaction: 500,
  /** Each byte of the signed transaction. */
  byte: 1,
  /** Each row that an applied transaction writes. */
  write: 100,
  /** Each full kibibyte of what such a row then holds. */
  writeKib: 200,
  /** Each further signature that a payload makes the ledger verify. */
  signature: 200,
  /** Each answer of a `respond`: the read looked up, its hash held against those of the others. */
  answer: 50,
  /** Judging a share that is claimed to be wrong: some ten multiplications on the curve. */
  shareProof: 2_000,
  /** Looking for the policies of a record's patient, found or not. */
  patientSet: 20,
  /** Each started kibibyte of the row that they stand in: read and compiled, as if for the first time. Rounded, for readers see it. */
  patientSetKib: 1_000,
  /** Each character of a policy that is deployed: read, compiled, and checked in at most 100 steps (T-43). */
  policyByte: 75,
  /** Asking a changed constitution whether its own repeal would pass: at most `constitutionGasMax` of deciding. */
  constitution: 40_000,
} as const;

/** The cost that no transaction escapes. */
export const intrinsicGas = (signedBytes: number): number => LEDGER_GAS.transaction + LEDGER_GAS.byte * signedBytes;
