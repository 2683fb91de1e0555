import type { Height, TimestampMs } from '../base/brand.ts';
import type { LedgerEnv } from './chain.ts';
import { sweepEvaluations } from './evaluation/sweep.ts';
import { expirePending } from './families/governance/admit-hospital.ts';
import { handOver } from './hand-over.ts';
import { forgetExpired } from './offences.ts';
import { activatePolicies } from './policy/activate.ts';
import type { LedgerEvent } from './receipt.ts';
import type { StateWriter } from './state/table.ts';

/** What a height brings with it, whatever its transactions: after them and the evidence, in this order (B-23). Bounded work. */
export function endBlock(
  env: LedgerEnv,
  state: StateWriter,
  height: Height,
  timestampMs: TimestampMs,
): readonly LedgerEvent[] {
  expirePending({ primitives: env.primitives, height }, state);
  handOver(env, state, height);
  activatePolicies(state, height);
  forgetExpired(env, state, height);
  return sweepEvaluations(state, timestampMs);
}
