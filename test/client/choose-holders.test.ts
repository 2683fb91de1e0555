import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.ts';
import { LIMITS } from '../../src/base/limits.ts';
import { chooseHolders } from '../../src/client/choose-holders.ts';
import type { Holder } from '../../src/crypto/grant-fragment.ts';

const device = { random: (bytes: number) => new Uint8Array(randomBytes(bytes)) };
const holdersOf = (count: number): Holder[] =>
  Array.from(
    { length: count },
    (_, i) => ({ hospital: new Uint8Array(20).fill(i), dutyKey: new Uint8Array(33) }) as Holder,
  );
const ids = (holders: readonly Holder[]): string[] => holders.map(({ hospital }) => toHex(hospital));

it('names every hospital as holder, up to as many as a grant may name', () => {
  expect(chooseHolders(device, holdersOf(LIMITS.holdersMax))).toEqual(holdersOf(LIMITS.holdersMax));
});

it('draws that many by lot where there are more, each once, and in time all of them', () => {
  const all = holdersOf(LIMITS.holdersMax + 8);
  const seen = new Set<string>();
  for (let n = 0; n < 40; n++) {
    const chosen = ids(chooseHolders(device, all));
    expect(new Set(chosen).size).toBe(LIMITS.holdersMax);
    for (const id of chosen) seen.add(id);
  }
  expect(seen).toEqual(new Set(ids(all)));
});
