import type { CheckerOf } from './checker.ts';

/** One block a height: whatever one honest node holds final, no other ever holds another block final there. */
export const agreement: CheckerOf = (_world, report) => {
  const decided = new Map<number, string>();
  return {
    commit({ height, block }) {
      const other = decided.get(height);
      if (other === undefined) decided.set(height, block.hash);
      else if (other !== block.hash) report(`two blocks are final at height ${height}: ${other} and ${block.hash}`);
    },
  };
};
