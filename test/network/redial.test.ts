import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BackOff } from '../../src/network/back-off.ts';
import { BACK_OFF } from '../../src/network/limits.ts';
import { Redialer } from '../../src/network/redial.ts';

describe('back-off', () => {
  it('doubles to the cap, within the upper half of each step, and starts again after a reset', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (drawn) => {
        const backOff = new BackOff({ baseMs: 100, capMs: 1_000 }, () => drawn);
        const steps = [100, 200, 400, 800, 1_000, 1_000, 1_000];
        for (const stepMs of steps) {
          const delayMs = backOff.nextMs();
          expect(delayMs >= stepMs / 2 && delayMs <= stepMs).toBe(true);
        }
        backOff.reset();
        expect(backOff.nextMs()).toBeLessThanOrEqual(100);
      }),
    );
  });
});

describe('the redialer', () => {
  const connected = new Set<string>();
  const dialled: string[] = [];
  const failures: string[] = [];
  let answer: (peerId: string) => Promise<void>;
  const redialer = (self: string): Redialer =>
    new Redialer(self, {
      isConnected: (peerId) => connected.has(peerId),
      dial: (peerId) => {
        dialled.push(peerId);
        return answer(peerId);
      },
      failed: (peerId) => failures.push(peerId),
    });

  beforeEach(() => {
    vi.useFakeTimers();
    connected.clear();
    dialled.length = 0;
    failures.length = 0;
    answer = () => Promise.reject(new Error('refused'));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('dials at once with the lower peer id, and lets the other begin with the higher', async () => {
    const lower = redialer('a');
    const higher = redialer('z');
    lower.add('m', ['/x']);
    higher.add('n', ['/x']);
    await vi.advanceTimersByTimeAsync(100);
    expect(dialled).toEqual(['m']);
    await vi.advanceTimersByTimeAsync(250);
    expect(dialled).toContain('n');
    lower.stop();
    higher.stop();
  });

  it('keeps dialling a peer that does not answer, ever more rarely, and never stops', async () => {
    const node = redialer('a');
    node.add('m', ['/x']);
    await vi.advanceTimersByTimeAsync(60_000);
    const inFirstMinute = dialled.length;
    expect(inFirstMinute).toBeGreaterThan(8);
    expect(inFirstMinute).toBeLessThan(20);
    await vi.advanceTimersByTimeAsync(60_000);
    const inSecond = dialled.length - inFirstMinute;
    expect(inSecond).toBeGreaterThanOrEqual(60_000 / BACK_OFF.redial.capMs);
    expect(inSecond).toBeLessThanOrEqual(60_000 / (BACK_OFF.redial.capMs / 2));
    expect(failures).toHaveLength(dialled.length);
    node.stop();
  });

  it('does not dial a peer that is connected, has no address, is being dialled, or was removed', async () => {
    const node = redialer('a');
    connected.add('m');
    answer = () => new Promise(() => {});
    node.add('m', ['/x']);
    node.add('n', []);
    node.add('slow', ['/x']);
    node.add('gone', ['/x']);
    node.remove('gone');
    await vi.advanceTimersByTimeAsync(120_000);
    expect(dialled).toEqual(['slow']);
    node.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('dials soon after a connection that lived ends, and backs off from one that did not', async () => {
    const node = redialer('a');
    answer = async (peerId) => {
      connected.add(peerId);
      node.connected(peerId);
    };
    const drop = (): void => {
      connected.delete('m');
      node.disconnected('m');
    };
    node.add('m', ['/x']);
    await vi.advanceTimersByTimeAsync(100);
    await vi.advanceTimersByTimeAsync(BACK_OFF.stableAfterMs + 1);
    drop();
    await vi.advanceTimersByTimeAsync(BACK_OFF.redial.baseMs);
    expect(dialled).toHaveLength(2);

    answer = async (peerId) => {
      connected.add(peerId);
      node.connected(peerId);
      drop();
    };
    drop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(dialled.length - 2).toBeGreaterThan(5);
    expect(dialled.length - 2).toBeLessThan(20);
    node.stop();
  });

  it('uses the newest addresses of a peer', async () => {
    const seen: (readonly string[])[] = [];
    const node = new Redialer('a', {
      isConnected: () => false,
      dial: async (_, addresses) => {
        seen.push(addresses);
      },
      failed: () => {},
    });
    node.add('m', ['/old']);
    node.add('m', ['/new']);
    await vi.advanceTimersByTimeAsync(100);
    expect(seen).toEqual([['/new']]);
    node.stop();
  });
});
