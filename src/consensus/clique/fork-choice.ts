import type { ValidatorSet } from '../../base/validators.ts';
import { indexOf } from './rules.ts';

/** What the fork choice looks at. */
export interface Candidate {
  /** Lower-case hexadecimal id: sorts as its bytes do. */
  readonly key: string;
  readonly height: number;
  /** Total difficulty of the chain up to and with it. */
  readonly round: number;
  /** Hexadecimal id of the sealer. */
  readonly sealer: string;
}

/**
 * EIP-3436's total order (CLIQUE-6): below 0 where `a` is the better head. First seen decides nothing, so all who see the same blocks
 * choose the same head. Zero only for a block and itself.
 */
export function compareHeads(set: ValidatorSet, a: Candidate, b: Candidate): number {
  if (a.round !== b.round) return b.round - a.round;
  if (a.height !== b.height) return a.height - b.height;
  const [ofA, ofB] = [sinceInTurn(set, a), sinceInTurn(set, b)];
  if (ofA !== ofB) return ofA - ofB;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** (height − index) mod n: the blocks since its sealer's last turn. Who was in turn last has longest to wait for the next. */
export function sinceInTurn(set: ValidatorSet, { height, sealer }: Candidate): number {
  const n = set.length;
  return (((height - indexOf(set, sealer)) % n) + n) % n;
}
