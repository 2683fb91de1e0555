/** What the command line answers with. 64 and 70 are sysexits.h's EX_USAGE and EX_SOFTWARE. */
export const EXIT = { holds: 0, violated: 1, unknown: 2, usage: 64, internal: 70 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
