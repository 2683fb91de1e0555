import type { CheckerOf } from './checker.ts';

interface Chain {
  /** The newest final height; the next commit is one higher. */
  height: number;
  /** Every block that was ever final here, by height: not even a wiped disk may end with another one. */
  readonly blocks: Map<number, string>;
}

/** What a node committed stays: it commits every height once, in order, and begins again where it stopped. */
export const finality: CheckerOf = (_world, report) => {
  const chains = new Map<number, Chain>();
  const chainOf = (node: number): Chain => {
    const chain = chains.get(node) ?? { height: 0, blocks: new Map() };
    chains.set(node, chain);
    return chain;
  };
  return {
    started({ node, height, diskLost }) {
      const chain = chainOf(node);
      if (height < chain.height && diskLost !== true)
        report(`node ${node} had committed height ${chain.height} and begins again at ${height}`);
      chain.height = height;
    },
    commit({ node, height, block }) {
      const chain = chainOf(node);
      if (height !== chain.height + 1) report(`node ${node} commits height ${height} after ${chain.height}`);
      const before = chain.blocks.get(height);
      if (before !== undefined && before !== block.hash)
        report(`node ${node} held ${before} final at height ${height}, and now ${block.hash}`);
      chain.blocks.set(height, block.hash);
      chain.height = height;
    },
  };
};
