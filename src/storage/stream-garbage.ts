import { STORAGE_LIMITS } from './limits.ts';

type Collect = (options: { readonly type: 'minor' | 'major'; readonly execution: 'sync' }) => void;

/** There only where the process was started with `--expose-gc` (src/consortium/program.ts). */
const collect = (globalThis as { readonly gc?: Collect }).gc;

let bytesSinceMinor = 0;
let minorsSinceMajor = 0;

/**
 * Told of bytes that have been streamed through this process. Buffers lie outside V8's heap, and V8 looks for dead ones when
 * that heap fills: a stream of gigabytes hardly touches it, and leaves a hundred megabytes of dead buffers behind. So they are
 * looked for every few megabytes. It costs some ten milliseconds for a hundred megabytes.
 */
export function streamed(bytes: number): void {
  bytesSinceMinor += bytes;
  if (collect === undefined || bytesSinceMinor < STORAGE_LIMITS.streamGarbageBytes) return;
  bytesSinceMinor = 0;
  minorsSinceMajor = (minorsSinceMajor + 1) % STORAGE_LIMITS.streamMinorsPerMajor;
  collect({ type: minorsSinceMajor === 0 ? 'major' : 'minor', execution: 'sync' });
}
