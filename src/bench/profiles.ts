import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CpuProfile,
  joinSummaries,
  type ProfileSummary,
  type ProfileWindow,
  summariseProfile,
} from './profile-summary.ts';

/** Where the threads of one hospital's process leave their profiles. */
export const profilesFolder = (folder: string, number: number): string => join(folder, `hospital-${number}`);

/** `CPU.<date>.<time>.<process>.<thread>.<n>.cpuprofile`: thread 0 runs the node; others load modules from source. */
const MAIN_THREAD = /^CPU\.\d+\.\d+\.\d+\.0\.\d+\.cpuprofile$/;

/** Makes the folder, without what an interrupted run left in it. */
export async function clearProfiles(folder: string, hospitals: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let number = 1; number <= hospitals; number++)
    await rm(profilesFolder(folder, number), { recursive: true, force: true });
}

/** Keeps each hospital's profile as `hospital-<n>.cpuprofile`, and says where the CPU of all of them went within the window. */
export async function collectProfiles(
  folder: string,
  hospitals: number,
  window: ProfileWindow,
): Promise<ProfileSummary> {
  const summaries: ProfileSummary[] = [];
  for (let number = 1; number <= hospitals; number++) {
    const own = profilesFolder(folder, number);
    const name = (await readdir(own)).find((file) => MAIN_THREAD.test(file));
    if (name === undefined) throw new Error(`hospital ${number} left no profile`);
    const kept = `${own}.cpuprofile`;
    await rename(join(own, name), kept);
    await rm(own, { recursive: true });
    summaries.push(summariseProfile(JSON.parse(await readFile(kept, 'utf8')) as CpuProfile, window));
  }
  return joinSummaries(summaries);
}
