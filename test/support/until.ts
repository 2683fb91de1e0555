import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 5;

/**
 * Waits until `condition` gives a truthy value and returns it; throws, naming `what`, once `timeoutMs` have passed. Tests of
 * real processes and sockets wait on conditions with this, and never sleep for a guessed time.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000, what }: { readonly timeoutMs?: number; readonly what: string },
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
    if (performance.now() >= deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await pause(POLL_MS);
  }
}
