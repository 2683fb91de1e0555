import type { Height } from '../base/brand.ts';
import { checkAdmission } from '../ledger/admission.ts';
import { buildBlock } from '../ledger/build-block.ts';
import type { LedgerEnv } from '../ledger/chain.ts';
import { judgeBlock } from '../ledger/judge-block.ts';
import { parametersOf } from '../ledger/parameters-of.ts';
import { decodeTransaction } from '../ledger/transaction.ts';
import type { Ledger } from './ledger.ts';
import { paceOf } from './pace.ts';

/** The real ledger, as a replica asks it. */
export const ledgerOf = (env: LedgerEnv): Ledger => ({
  chainId: env.chainId,
  primitives: env.primitives,
  pace: (tip) => paceOf(parametersOf(env, tip.view)),
  decode: (bytes) => decodeTransaction(env.primitives, env.chainId, bytes),
  admit: (tip, signed) => checkAdmission(env, tip.view, (tip.header.height + 1) as Height, signed),
  build: (tip, input) => buildBlock(env, tip, input),
  judge: (tip, bytes, known) => judgeBlock(env, tip, bytes, known),
});
