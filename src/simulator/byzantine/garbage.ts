import type { Random } from '../random.ts';
import type { MakeBehaviour, Sent } from './behaviour.ts';

/** Beside every word of its own, sends bytes that are none: random ones, and its own with some changed, cut off or put on. */
export const garbage: MakeBehaviour = ({ random }) => ({
  outgoing(_to, _channel, bytes) {
    const sent: Sent[] = random.chance(0.7) ? [{ bytes, delayMs: 0 }] : [];
    if (random.chance(0.5)) sent.push({ bytes: mutated(bytes, random), delayMs: random.integer(0, 300) });
    if (random.chance(0.2)) sent.push({ bytes: random.bytes(random.integer(0, 200)), delayMs: 0 });
    return sent;
  },
});

export function mutated(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  switch (random.integer(0, 2)) {
    case 0:
      return copy.subarray(0, random.integer(0, copy.length));
    case 1: {
      const longer = new Uint8Array(copy.length + random.integer(1, 64));
      longer.set(copy);
      return longer;
    }
    default:
      for (let i = random.integer(1, 4); i > 0 && copy.length > 0; i--) {
        const at = random.integer(0, copy.length - 1);
        copy[at] = (copy[at] as number) ^ (1 << random.integer(0, 7));
      }
      return copy;
  }
}
