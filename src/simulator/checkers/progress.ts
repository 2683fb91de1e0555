import type { CheckerOf } from './checker.ts';

/** Blocks that must become final once faults have ended: more than one leader's turn. */
const HEIGHTS_AFTER_QUIET_MIN = 1;

/** Once there are no new faults, the chain goes on. How far it must come, and until when, is the world's to say: it stops the run. */
export const progress: CheckerOf = (_world, report) => {
  let quietAt: number | null = null;
  let newest = 0;
  return {
    observe({ type }) {
      if (type === 'quiet') quietAt ??= newest;
    },
    commit({ height }) {
      newest = Math.max(newest, height);
    },
    finish() {
      if (quietAt !== null && newest < quietAt + HEIGHTS_AFTER_QUIET_MIN)
        report(`no block became final since the faults ended, at height ${quietAt}`);
    },
  };
};
