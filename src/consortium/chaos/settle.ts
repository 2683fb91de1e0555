import type { Consortium } from '../consortium.ts';
import { fetchStatus, type NodeStatus } from '../status.ts';
import { waitFor } from '../wait.ts';

/** Blocks after everybody is back, so that evidence of what happened before has a block to stand in. */
const QUIET_BLOCKS = 3;

/** Until every hospital serves, is in step and may sign, some blocks after the newest of now. Answers what they say. */
export async function untilInStep(consortium: Consortium, timeoutMs: number): Promise<readonly NodeStatus[]> {
  const started = await statusOfAll(consortium, timeoutMs);
  const target = Math.max(...started.map(({ height }) => height)) + QUIET_BLOCKS;
  return waitFor(
    async () => {
      const all = await statusOfAll(consortium, timeoutMs);
      return all.every(({ height, ready }) => ready && height >= target) ? all : undefined;
    },
    { timeoutMs, code: 'consortium-chain.stalled', what: `height ${target} at every hospital` },
  );
}

const statusOfAll = (consortium: Consortium, timeoutMs: number): Promise<readonly NodeStatus[]> =>
  Promise.all(
    consortium.hospitals.map(({ number }) =>
      waitFor(() => fetchStatus(consortium.api(number)), {
        timeoutMs,
        code: 'consortium-member.not-ready',
        what: `the status of hospital ${number}`,
      }),
    ),
  );
