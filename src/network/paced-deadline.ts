import { NETWORK_LIMITS } from './limits.ts';

/** Ends an exchange that takes too long for what it has carried. */
export interface PacedDeadline {
  /** So many bytes more have passed: they earn their time. */
  passed(bytes: number): void;
  stop(): void;
}

/** Calls `expire` once the exchange has lasted `timeoutMs` and a second for each `paceBytesPerSecond` that have passed. */
export function pacedDeadline(timeoutMs: number, expire: () => void): PacedDeadline {
  const startedAtMs = performance.now();
  let earnedMs = 0;
  let timer = setTimeout(check, timeoutMs);

  /** One timer, looked at when it rings: a chunk does not set a new one. */
  function check(): void {
    const leftMs = startedAtMs + timeoutMs + earnedMs - performance.now();
    if (leftMs <= 0) expire();
    else timer = setTimeout(check, leftMs);
  }

  return {
    passed: (bytes) => {
      earnedMs += (bytes * 1_000) / NETWORK_LIMITS.paceBytesPerSecond;
    },
    stop: () => clearTimeout(timer),
  };
}
