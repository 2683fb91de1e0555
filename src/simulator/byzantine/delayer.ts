import type { MakeBehaviour } from './behaviour.ts';

/** Up to four rounds, from the second on. */
const LATE_MAX_MS = 8_000;

/** Says the right things too late: just before a round ends, or well after it. */
export const delayer: MakeBehaviour = ({ random }) => ({
  outgoing: (_to, _channel, bytes) => [{ bytes, delayMs: random.chance(0.3) ? 0 : random.integer(500, LATE_MAX_MS) }],
});
