import { fetchStatus } from '../status.ts';
import { waitFor } from '../wait.ts';
import { HOSPITAL_A, type Story } from './story.ts';

/** A consortium shows its first block this soon. */
const FIRST_BLOCK_TIMEOUT_MS = 10_000;

/** The hospitals agree on a first block. */
export async function firstBlock(story: Story): Promise<void> {
  const startMs = performance.now();
  const { height, blockHash } = await waitFor(
    async () => {
      const status = await fetchStatus(story.consortium.api(HOSPITAL_A));
      return status.height > 0 ? status : undefined;
    },
    { timeoutMs: FIRST_BLOCK_TIMEOUT_MS, code: 'consortium-chain.stalled', what: 'the first block' },
  );
  const seconds = Math.round((performance.now() - startMs) / 10) / 100;
  story.tell(`The hospitals have agreed on block ${height}, ${seconds} s after the last of them was ready.`);
  story.checks.add('first-block', true, { height, blockHash, seconds });
}
