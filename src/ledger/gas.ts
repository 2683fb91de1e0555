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
  /** Each further signature that a payload makes the ledger verify. */
  signature: 200,
  /** Looking for the policies of a record's patient, found or not. */
  patientSet: 20,
  /** Each byte of a policy that is deployed: read, validated, compiled. */
  policyByte: 50,
  /** Asking a changed constitution whether its own repeal would pass: at most `constitutionGasMax` of deciding. */
  constitution: 40_000,
} as const;

/** The cost that no transaction escapes. */
export const intrinsicGas = (signedBytes: number): number => LEDGER_GAS.transaction + LEDGER_GAS.byte * signedBytes;
