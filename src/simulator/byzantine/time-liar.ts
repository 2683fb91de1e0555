import type { TimestampMs } from '../../base/brand.ts';
import type { MakeBehaviour } from './behaviour.ts';

/** From a little to far outside of what a judge's clock allows, either way. */
const LIES_MS = [-60_000, -9_000, -2_000, -500, 300, 600, 5_000, 60_000] as const;

/** A proposer whose blocks carry a time that is not its clock's: to make grants last longer, or end sooner. */
export const timeLiar: MakeBehaviour = ({ random }) => ({
  ledger: (ledger) => ({
    ...ledger,
    build: (tip, input) => {
      const lied = input.timestampMs + random.pick(LIES_MS);
      const timestampMs = Math.max(lied, tip.header.timestampMs + random.pick([0, 1, 1])) as TimestampMs;
      return ledger.build(tip, { ...input, timestampMs });
    },
  }),
});
