import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Resident memory of a process, in bytes: now, and the most it ever was. */
export interface Resident {
  readonly nowBytes: number;
  readonly peakBytes: number;
}

const SAMPLE_MS = 100;

/** From Linux's own books, where a peak between two looks is not lost; elsewhere from `ps`, ten times a second. */
export class MemoryWatch {
  readonly #pids: readonly number[];
  readonly #peaks = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(pids: readonly number[]) {
    this.#pids = pids;
    this.#timer = setInterval(() => void this.read(), SAMPLE_MS);
  }

  async read(): Promise<readonly Resident[]> {
    return Promise.all(
      this.#pids.map(async (pid) => {
        const { nowBytes, peakBytes } = await residentOf(pid);
        const most = Math.max(peakBytes, this.#peaks.get(pid) ?? 0);
        this.#peaks.set(pid, most);
        return { nowBytes, peakBytes: most };
      }),
    );
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

async function residentOf(pid: number): Promise<Resident> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const bytes = (name: string): number => 1_024 * Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0);
    return { nowBytes: bytes('VmRSS'), peakBytes: bytes('VmHWM') };
  } catch {
    const answer = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '0' }));
    const nowBytes = 1_024 * Number(answer.stdout);
    return { nowBytes, peakBytes: nowBytes };
  }
}
