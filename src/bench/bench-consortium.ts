import type { Device } from '../client/device.ts';
import { Consortium } from '../consortium/consortium.ts';
import { makeConsortium } from '../consortium/genesis-maker.ts';
import { anyFreePorts } from '../consortium/ports.ts';
import type { BenchSettings } from './options.ts';
import { profilesFolder } from './profiles.ts';

/** Everything is signed before the clock starts, for whatever height it will be. */
const VALIDITY_HEIGHTS = 1_000_000;
/** A node under a profiler takes samples this often. */
const PROFILE_INTERVAL_MICROSECONDS = 500;

/** A consortium as shipped: the constitution, LevelDB with synced writes, four processes or more. What differs is named here. */
export async function benchConsortium(
  device: Device,
  folder: string,
  { engine, validators, blockIntervalMs }: Pick<BenchSettings, 'engine' | 'validators' | 'blockIntervalMs'>,
  { profileFolder, nodeOptions = [] }: { profileFolder?: string | undefined; nodeOptions?: readonly string[] } = {},
): Promise<Consortium> {
  await makeConsortium(device.primitives, folder, {
    name: 'Bench consortium',
    engine,
    hospitals: validators,
    peerPorts: await anyFreePorts(validators),
    apiPorts: Array.from({ length: validators }, () => 0),
    timestampMs: device.nowMs(),
    parameters: {
      blockIntervalMs,
      heartbeatMs: Math.max(1_000, blockIntervalMs),
      validityHeightsMax: VALIDITY_HEIGHTS,
    },
  });
  return Consortium.open(device.primitives, folder, {
    nodeArgs: () => ['--no-rate-limits'],
    execArgv: (number) => [...nodeOptions, ...(profileFolder === undefined ? [] : profilerOf(profileFolder, number))],
  });
}

/** Each thread of a process writes a profile of its own, at the end of the process. */
const profilerOf = (folder: string, number: number): readonly string[] => [
  '--cpu-prof',
  `--cpu-prof-dir=${profilesFolder(folder, number)}`,
  `--cpu-prof-interval=${PROFILE_INTERVAL_MICROSECONDS}`,
];
