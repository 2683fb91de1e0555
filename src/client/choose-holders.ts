import { compareBytes } from '../base/bytes.ts';
import { LIMITS } from '../base/limits.ts';
import type { Holder } from '../crypto/grant-fragment.ts';
import type { Device } from './device.ts';

const LOT_BYTES = 16;

/** All of them, up to as many as a grant may name. Of more, some by lot: so no few hospitals hold fragments of every grant. */
export function chooseHolders(device: Pick<Device, 'random'>, holders: readonly Holder[]): readonly Holder[] {
  if (holders.length <= LIMITS.holdersMax) return holders;
  const drawn = holders.map((holder) => ({ holder, lot: device.random(LOT_BYTES) }));
  const sorted = drawn.sort((a, b) => compareBytes(a.lot, b.lot));
  return sorted.slice(0, LIMITS.holdersMax).map(({ holder }) => holder);
}
