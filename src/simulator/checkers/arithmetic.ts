import type { Hash } from '../../base/brand.ts';
import { concat, u64be, utf8 } from '../../base/bytes.ts';
import { type Canonical, encode } from '../../base/canonical.ts';
import type { Primitives } from '../../base/primitives.ts';
import type { ValidatorSet } from '../../base/validators.ts';
import type { Vote } from './checker.ts';

/** The checkers' own sums, written from the specification a second time. A mistake would have to be made twice. */

/** The least number of votes that is two thirds of n or more. */
export function quorumSize(n: number): number {
  let votes = 0;
  while (3 * votes < 2 * n) votes++;
  return votes;
}

/** qbft: who leads a round of a height. */
export const leaderIndex = (n: number, height: number, round: number): number => (height + round) % n;

const VOTE_TAG = utf8('carechain/vote/v1\0');

/** What a signature over a vote covers. */
export const digestOfVote = (primitives: Primitives, vote: Vote): Hash =>
  primitives.hash(concat(VOTE_TAG, encode({ ...vote } as unknown as Canonical)));

/** What a header's `validatorsHash` names. */
export const hashOfSet = (primitives: Primitives, set: ValidatorSet): Hash =>
  primitives.hash(encode(set.map(({ id, publicKey }) => ({ id, publicKey })) as unknown as Canonical));

/** Root of a list, from the leaves up (state-tree.md, L1 … L3): one hash at a time, where the ledger hashes in batches. */
export function rootOfList(primitives: Primitives, items: readonly Uint8Array[]): Hash {
  const top = (from: number, to: number): Hash => {
    if (to - from === 1) return primitives.hash(concat(Uint8Array.of(0), items[from] as Uint8Array));
    let left = 1;
    while (2 * left < to - from) left *= 2;
    return primitives.hash(concat(top(from, from + left), top(from + left, to)));
  };
  const root = items.length === 0 ? new Uint8Array(32) : top(0, items.length);
  return primitives.hash(concat(Uint8Array.of(2), u64be(items.length), root));
}
