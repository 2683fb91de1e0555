import process from 'node:process';

/** Time an orderly stop may take once the supervisor is gone; then the member is ended as it stands. */
const STOP_MS = 5_000;

/**
 * Called first thing by a process that a `ProcessTree` may have started: ends it when the supervisor's channel closes, which
 * the kernel does however the supervisor dies. Ending takes the SIGTERM road, so there is one orderly stop and not two.
 * Does nothing in a process that a person started.
 */
export function exitWithParent({ stopMs = STOP_MS }: { readonly stopMs?: number } = {}): void {
  // `connected` is undefined without a channel, and false when the supervisor died before this line was reached.
  if (process.connected === undefined) return;
  // Ctrl-C reaches every process of the terminal; in which order they end is the supervisor's to say.
  process.on('SIGINT', () => {});
  const end = (): void => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), stopMs).unref();
    process.kill(process.pid, 'SIGTERM');
  };
  if (process.connected) process.once('disconnect', end);
  else end();
}
