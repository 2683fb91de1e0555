import type { Height } from '../base/brand.ts';
import { buildBlock, checkAdmission, decodeSignedTransaction, judgeBlock, type LedgerEnv } from '../ledger/chain.ts';
import type { Ledger } from './ledger.ts';

/** The real ledger, as a replica asks it. */
export const ledgerOf = (env: LedgerEnv): Ledger => ({
  chainId: env.chainId,
  primitives: env.primitives,
  decode: (bytes) => decodeSignedTransaction(env, bytes),
  admit: (tip, signed) => checkAdmission(env, tip.view, (tip.header.height + 1) as Height, signed),
  build: (tip, input) => buildBlock(env, tip, input),
  judge: (tip, bytes) => judgeBlock(env, tip, bytes),
});
