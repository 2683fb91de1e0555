import { fetchHeader, fetchStatus } from '../status.ts';
import { waitFor } from '../wait.ts';
import { forEachRecord } from './for-each-record.ts';
import { expectSameBytes, grantToDoctorB } from './share.ts';
import { HOSPITAL_A, HOSPITALS, type Story, VICTIM } from './story.ts';

/** Blocks without the dead hospital before anything else is tried. */
const BLOCKS_ALONE = 3;
const PROGRESS_TIMEOUT_MS = 30_000;
const CATCH_UP_TIMEOUT_MS = 30_000;

/** One of four hospitals dies without a word. What was granted while all four took their fragments opens with three of them. */
export async function thresholdRead(story: Story): Promise<void> {
  const { consortium } = story;
  const { height } = await fetchStatus(consortium.api(HOSPITAL_A));
  await consortium.kill(VICTIM);
  story.killedAtHeight = height;
  story.tell(`${consortium.hospital(VICTIM).name} is killed (SIGKILL) at height ${height}.`);
  await forEachRecord(story, 'threshold-read', async (record) => {
    const read = await expectSameBytes(story, record, story.doctorB);
    return { ok: read.ok, facts: { holders: HOSPITALS, down: 1, ...read.facts } };
  });
  story.tell('The doctor reads under the grant that all four hold fragments of: three shares open the record.');
}

/** The chain goes on, grants are given, records are read. */
export async function survivesKill(story: Story): Promise<void> {
  const before = story.killedAtHeight ?? 0;
  const after = await waitForHeight(story, before + BLOCKS_ALONE);
  story.tell(`The other three go on without it: height ${after}.`);
  await forEachRecord(story, 'survives-kill', async (record) => {
    const { holders } = await grantToDoctorB(story, record, null);
    const read = await expectSameBytes(story, record, story.doctorB);
    return { ok: read.ok, facts: { killedAtHeight: before, reachedHeight: after, holders, ...read.facts } };
  });
  story.tell(
    'Meanwhile the patient has granted anew, and the doctor has read the same bytes: three hospitals are enough.',
  );
}

/** It starts again from its own disk, fetches what it missed, and has the same state. */
export async function catchesUp(story: Story): Promise<void> {
  const { consortium } = story;
  const { height: target } = await fetchStatus(consortium.api(HOSPITAL_A));
  const { height: startedFrom } = await consortium.start(VICTIM);
  await waitFor(async () => ((await fetchStatus(consortium.api(VICTIM))).height >= target ? true : undefined), {
    timeoutMs: CATCH_UP_TIMEOUT_MS,
    code: 'consortium-chain.stalled',
    what: `height ${target}`,
  });
  const headers = await Promise.all(
    consortium.hospitals.map(({ number }) => waitForHeader(consortium.api(number), target)),
  );
  const roots = [...new Set(headers.map(({ stateRoot }) => stateRoot))];
  const hashes = new Set(headers.map(({ hash }) => hash));
  const ok = startedFrom < target && roots.length === 1 && hashes.size === 1;
  story.tell(
    `It is back: from height ${startedFrom} it has caught up to ${target}, with the same state root as the others.`,
  );
  story.checks.add('caught-up', ok, { startedFrom, height: target, stateRoots: roots, hospitals: headers.length });
}

/** Another hospital may be a block behind. */
const waitForHeader = (api: string, height: number) =>
  waitFor(() => fetchHeader(api, height), {
    timeoutMs: CATCH_UP_TIMEOUT_MS,
    code: 'consortium-chain.stalled',
    what: `block ${height} at ${api}`,
  });

const waitForHeight = (story: Story, height: number): Promise<number> =>
  waitFor(
    async () => {
      const status = await fetchStatus(story.consortium.api(HOSPITAL_A));
      return status.height >= height ? status.height : undefined;
    },
    { timeoutMs: PROGRESS_TIMEOUT_MS, code: 'consortium-chain.stalled', what: `height ${height}` },
  );
