import { readFileSync } from 'node:fs';
import { link, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { isMissing } from './durable-file.ts';
import { StorageError } from './errors.ts';

/** Locks of this very process: after a restart in a container, a dead process may have had our own pid. */
const heldHere = new Set<string>();

const ATTEMPTS_MAX = 3;
let drafts = 0;

/**
 * One process per data folder. The file names its holder's pid and, where the system tells, when that process
 * started; the lock of a dead holder is taken over. Two takers at one instant are kept apart by LevelDB's own lock,
 * which the kernel holds; this one gives the clear answer first. Returns the release.
 */
export async function lockFolder(path: string): Promise<() => Promise<void>> {
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (heldHere.has(path)) throw new StorageError('storage.locked', { pid: process.pid });
    if (await createWhole(path, mine)) {
      heldHere.add(path);
      return () => release(path, mine);
    }
    const holder = await readHolder(path);
    if (holder !== undefined && isAlive(holder)) throw new StorageError('storage.locked', { pid: holder.pid });
    await rm(path, { force: true });
  }
  throw new StorageError('storage.locked');
}

/** A link appears with its content: nobody ever reads half a lock. False where the lock exists. */
async function createWhole(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${process.pid}.${drafts++}`;
  await writeFile(draft, content);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(draft);
  }
}

async function release(path: string, mine: string): Promise<void> {
  heldHere.delete(path);
  const content = await readFile(path, 'utf8').catch(() => undefined);
  if (content === mine) await rm(path, { force: true });
}

interface Holder {
  readonly pid: number;
  readonly start: string;
}

/**
 * `undefined` for a lock that is gone or unreadable: no process of ours writes one in parts, a power cut may leave
 * one.
 */
async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const match = /^(\d{1,10}) (\S+)\n$/.exec(await readFile(path, 'utf8'));
    return match === null ? undefined : { pid: Number(match[1]), start: match[2] as string };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isAlive({ pid, start }: Holder): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: there is such a process, and it is another user's.
    if ((error as { code?: unknown }).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return start === UNKNOWN_START || now === UNKNOWN_START || now === start;
}

const UNKNOWN_START = '-';

/**
 * Start time in clock ticks since boot (proc(5), field 22 of `stat`): tells a process from a later one with its pid.
 */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? UNKNOWN_START;
  } catch {
    return UNKNOWN_START;
  }
}
