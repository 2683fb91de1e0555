import { asIs, type MakeBehaviour, type Sent } from './behaviour.ts';
import { Contradiction } from './resign.ts';

/** In this share of its words both halves hear both: evidence for everyone. */
const OPEN_SHARE = 0.15;
const HONEST_SHARE = 0.3;

/** Signs two proposals or two votes in one place, and sends each to a half. */
export const equivocator: MakeBehaviour = (traitor) => {
  const { random, peers } = traitor;
  const contradiction = new Contradiction(traitor);
  const half = new Set(random.shuffle(peers).slice(0, Math.ceil(peers.length / 2)));
  /** One choice for each message, the same for every peer that gets it. */
  const choices = new WeakMap<Uint8Array, { readonly other: Uint8Array | null; readonly open: boolean }>();
  const choose = (bytes: Uint8Array) => {
    const known = choices.get(bytes);
    if (known !== undefined) return known;
    const other = random.chance(HONEST_SHARE) ? null : contradiction.of(bytes);
    const choice = { other, open: random.chance(OPEN_SHARE) };
    choices.set(bytes, choice);
    return choice;
  };
  return {
    outgoing(to, channel, bytes): readonly Sent[] {
      if (channel !== 'consensus') return asIs(bytes);
      const { other, open } = choose(bytes);
      if (other === null) return asIs(bytes);
      if (open) return [...asIs(bytes), ...asIs(other)];
      return asIs(half.has(to) ? other : bytes);
    },
  };
};
