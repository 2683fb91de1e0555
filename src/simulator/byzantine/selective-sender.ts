import { asIs, type MakeBehaviour, NOTHING } from './behaviour.ts';

/** How long it favours the same peers. */
const FAVOUR_MS = 4_000;

/** Speaks to some peers and not to others; whom it favours changes. */
export const selectiveSender: MakeBehaviour = ({ peers, random, nowMs }) => {
  let favoured = new Set<number>();
  let untilMs = Number.NEGATIVE_INFINITY;
  return {
    outgoing(to, _channel, bytes) {
      if (nowMs() >= untilMs) {
        favoured = new Set(peers.filter(() => random.chance(0.5)));
        untilMs = nowMs() + FAVOUR_MS;
      }
      return favoured.has(to) ? asIs(bytes) : NOTHING;
    },
  };
};
