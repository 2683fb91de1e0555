import { setTimeout as pause } from 'node:timers/promises';
import { CONSORTIUM_CODES, type ConsortiumCode } from './codes.ts';
import { CommandError } from './output.ts';

const POLL_MS = 50;

/** Asks until the answer is one; a question that throws has no answer yet. Throws `code` when the time is over. */
export async function waitFor<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  { timeoutMs, code, what }: { readonly timeoutMs: number; readonly code: ConsortiumCode; readonly what: string },
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline)
      throw new CommandError(code, `${CONSORTIUM_CODES[code].meaning} Waited ${timeoutMs} ms for ${what}.`, { cause });
    await pause(POLL_MS);
  }
}
