import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { Rejoin } from '../../src/protocol/rejoin.ts';
import { membersOf, validatorsOf } from '../simulator/cluster-support.ts';
import { heightOf } from './support.ts';

const set = validatorsOf(membersOf(4));
const [self, ...others] = set.map(({ id }) => id) as [Address, Address, Address, Address];
const heard = (...heights: readonly number[]): Rejoin => {
  const rejoin = new Rejoin();
  heights.forEach((height, i) => {
    rejoin.reported(others[i] as Address, heightOf(height));
  });
  return rejoin;
};
const mayVote = (rejoin: Rejoin, tip: number) => rejoin.check(set, self, heightOf(tip));

describe('a validator that starts', () => {
  it('votes nothing before as many have reported as make a quorum with it', () => {
    expect(mayVote(heard(), 0)).toBe(false);
    expect(mayVote(heard(0), 0)).toBe(false);
    expect(mayVote(heard(0, 0), 0)).toBe(true);
  });

  it('votes at once where it is alone', () => {
    expect(new Rejoin().check(set.slice(0, 1), self, heightOf(0))).toBe(true);
  });

  it('first reaches what the others had, whatever one liar claims', () => {
    const rejoin = heard(90, 12, 1_000_000);
    expect(mayVote(rejoin, 89)).toBe(false);
    expect(mayVote(rejoin, 90)).toBe(true);
    expect(mayVote(heard(90, 1_000_000), 89)).toBe(false);
    expect(mayVote(heard(90, 1_000_000), 90)).toBe(true);
  });

  it('is not held back by what they finish later, and stays free to vote', () => {
    const rejoin = heard(5, 5);
    expect(mayVote(rejoin, 4)).toBe(false);
    rejoin.reported(others[0] as Address, heightOf(50));
    rejoin.reported(others[1] as Address, heightOf(50));
    expect(mayVote(rejoin, 5)).toBe(true);
    expect(mayVote(rejoin, 0)).toBe(true);
  });

  it('hears only members of the set, and asks those that it has not heard', () => {
    const rejoin = heard(7);
    rejoin.reported(new Uint8Array(20) as Address, heightOf(7));
    expect(mayVote(rejoin, 7)).toBe(false);
    expect(rejoin.missing(set, self)).toEqual(others.slice(1));
    rejoin.reported(others[1] as Address, heightOf(7));
    expect(rejoin.missing(set, self)).toEqual([]);
  });
});
