import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever its own clock tick is (proc(5), sysconf(_SC_CLK_TCK)). */
const TICKS_PER_SECOND = 100;

/** User and system time of a process with all its threads; null where the system does not tell. */
export function cpuSecondsOf(pid: number): number | null {
  try {
    return cpuSecondsIn(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null;
  }
}

/** Fields 14 and 15 of proc(5)'s `stat`. The name in parentheses may hold anything, so it is skipped from behind. */
export function cpuSecondsIn(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : null;
}
