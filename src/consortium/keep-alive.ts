import { setTimeout as pause } from 'node:timers/promises';
import type { Consortium } from './consortium.ts';
import { logPath } from './layout.ts';

/** Starts of one hospital in a row that may fail before it is given up. */
const RESTARTS_MAX = 6;
const BACK_OFF_BASE_MS = 1_000;
const BACK_OFF_CAP_MS = 30_000;
/** A node that has run this long is well again: its next failure is the first. */
const STABLE_MS = 60_000;

/** Starts a hospital again when its node ends by itself, with growing pauses, and says so. Returns a function that ends this. */
export function keepAlive(consortium: Consortium, say: (line: string) => void): () => void {
  const failures = new Map<number, { count: number; sinceMs: number }>();
  const ended = new AbortController();

  async function restart(number: number, how: string): Promise<void> {
    const { name } = consortium.hospital(number);
    const before = failures.get(number);
    const isFresh = before === undefined || performance.now() - before.sinceMs > STABLE_MS;
    const count = isFresh ? 1 : before.count + 1;
    failures.set(number, { count, sinceMs: performance.now() });
    const log = logPath(consortium.data, number);
    if (count > RESTARTS_MAX) return say(`${name} ended (${how}) again and is given up; its log: ${log}`);
    const waitMs = Math.min(BACK_OFF_CAP_MS, BACK_OFF_BASE_MS * 2 ** (count - 1));
    say(`${name} ended (${how}); it starts again in ${waitMs / 1_000} s; its log: ${log}`);
    await pause(waitMs, undefined, { signal: ended.signal });
    const ready = await consortium.start(number);
    say(`${name} is back: ${ready.api}, height ${ready.height}`);
  }

  const stopListening = consortium.onExit((number, { expected, code, signal }) => {
    if (expected || ended.signal.aborted) return;
    // A start that fails ends its process, which calls this listener again: here it is only not thrown.
    restart(number, signal ?? `exit code ${code}`).catch(() => {});
  });
  return () => {
    stopListening();
    ended.abort();
  };
}
