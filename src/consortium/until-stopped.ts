import process from 'node:process';

/**
 * Resolves, once, when somebody asks this process to end: by a signal, by Ctrl-C, or by closing the terminal. The last two reach a
 * supervised process too, and there they are the supervisor's to answer.
 */
export function untilStopped({ supervised }: { readonly supervised: boolean }): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    for (const signal of ['SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (!supervised) resolve(signal);
      });
  });
}
