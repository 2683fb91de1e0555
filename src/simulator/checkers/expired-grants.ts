import { toHex } from '../../base/bytes.ts';
import type { CheckerOf, Commit } from './checker.ts';
import { GrantReplay } from './grant-replay.ts';

/**
 * A grant opens nothing later than a bounded time past its expiry. In the chain's own time the bound is zero: a replay of the receipts
 * finds a live grant for every use. In true time it is what a block's clock may lag: an honest node saw every block no later than
 * `behindMaxMs` (and its own clock's error) after the block's time.
 */
export const expiredGrants: CheckerOf = ({ primitives, engine, hash, clocks }, report) => {
  const replay = new GrantReplay(primitives);
  const lagMaxMs = clocks.behindMaxMs + clocks.skewMaxMs;
  /** When an honest node first had the block to judge, or signed for it. */
  const seenAtMs = new Map<string, number>();
  let tip = toHex(hash);

  const see = (blockHash: Uint8Array, atMs: number) => {
    const key = toHex(blockHash);
    if (!seenAtMs.has(key)) seenAtMs.set(key, atMs);
  };

  const checkAge = ({ height, block }: Commit): void => {
    const seen = seenAtMs.get(block.hash);
    // clique takes any sealed block of its best chain, however late it comes: its blocks have no fresh moment.
    if (engine === 'clique' || seen === undefined) return;
    const lagMs = seen - block.header.timestampMs;
    if (lagMs > lagMaxMs)
      report(`block ${height} was first seen ${lagMs} ms after its time: grants in it outlive expiry`);
  };

  return {
    engine({ atMs, effects }) {
      for (const effect of effects) if (effect.type === 'judge') see(effect.blockHash, atMs);
    },
    sign({ atMs, vote }) {
      if (vote.type === 'proposal') see(vote.blockHash, atMs);
    },
    commit(commit) {
      const { block, height, first, effect } = commit;
      // Of several branches only the first to be final is replayed; that there is another is for `agreement` to say.
      if (!first || block.parent !== tip) return;
      tip = block.hash;
      checkAge(commit);
      block.read.forEach((transaction, i) => {
        if (transaction === null || effect.execution.receipts[i]?.outcome !== 'applied') return;
        const problem = replay.apply(transaction, block.header.timestampMs);
        if (problem !== null) report(`block ${height}, ${transaction.kind} ${transaction.id}: ${problem}`);
      });
    },
  };
};
