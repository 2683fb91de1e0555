import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NETWORK_LIMITS } from '../../src/network/limits.ts';
import { pacedDeadline } from '../../src/network/paced-deadline.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('ends what carries nothing at its time, and what carries much a second later for each paceBytesPerSecond', () => {
  const expired: string[] = [];
  pacedDeadline(1_000, () => expired.push('idle'));
  const busy = pacedDeadline(1_000, () => expired.push('busy'));
  busy.passed(2.5 * NETWORK_LIMITS.paceBytesPerSecond);
  pacedDeadline(1_000, () => expired.push('stopped')).stop();
  vi.advanceTimersByTime(999);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(2);
  expect(expired).toEqual(['idle']);
  vi.advanceTimersByTime(2_400);
  expect(expired).toEqual(['idle']);
  vi.advanceTimersByTime(200);
  expect(expired).toEqual(['idle', 'busy']);
});
