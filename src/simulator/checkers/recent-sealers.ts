import { toHex } from '../../base/bytes.ts';
import type { CheckerOf } from './checker.ts';

interface Place {
  readonly parent: string;
  readonly builder: string;
  /** Hash of the set that decided it. */
  readonly set: string;
}

/** clique: of any ⌊n/2⌋ + 1 consecutive blocks of a set, and the block below its first one, no two are of one builder. */
export const recentSealers: CheckerOf = ({ engine, hash, validators }, report) => {
  const places = new Map<string, Place>();
  const sizeAfter = new Map([[toHex(hash), validators.length]]);
  return {
    commit({ height, block, first, effect }) {
      if (engine !== 'clique' || !first) return;
      const { header, parent } = block;
      const place = { parent, builder: toHex(header.proposer), set: toHex(header.validatorsHash) };
      places.set(block.hash, place);
      sizeAfter.set(block.hash, effect.execution.nextValidators.length);
      let below = places.get(parent);
      for (let left = Math.floor((sizeAfter.get(parent) ?? 0) / 2); left > 0 && below !== undefined; left--) {
        if (below.builder === place.builder) report(`block ${height} is of a builder who had built lately`);
        below = below.set === place.set ? places.get(below.parent) : undefined;
      }
    },
  };
};
