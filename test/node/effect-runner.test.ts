import { describe, expect, it, vi } from 'vitest';
import type { Hash, Signature } from '../../src/base/brand.ts';
import { type EffectPorts, EffectRunner } from '../../src/node/effect-runner.ts';
import type { ReplicaEffect, ReplicaInput } from '../../src/protocol/io.ts';
import type { Replica } from '../../src/protocol/replica.ts';

type Answer = (input: ReplicaInput) => readonly ReplicaEffect[];

/** A replica that answers inputs as it is told, and the ports that write down what was run. */
function harness(answer: Answer, ports: Partial<EffectPorts> = {}) {
  const done: string[] = [];
  const note =
    (name: string) =>
    (...args: readonly unknown[]): void => {
      done.push([name, ...args.filter((arg) => typeof arg === 'string')].join(' '));
    };
  const replica = { step: answer } as unknown as Replica;
  const all: EffectPorts = {
    network: { send: note('send'), broadcast: note('broadcast'), announce: note('announce') },
    persist: async () => note('persist')(),
    sign: () => {
      done.push('sign');
      return new Uint8Array(65) as Signature;
    },
    commit: async () => {
      done.push('commit');
      return {} as never;
    },
    committed: note('committed'),
    requestBlocks: () => Promise.reject(new Error('gone')),
    requestStatus: async () => ({ height: 7 as never, votes: [] }),
    blame: note('blame'),
    submitted: note('submitted'),
    rejected: note('rejected'),
    signingRefused: note('signingRefused'),
    halt: note('halt'),
    failed: (error) => done.push(`failed ${(error as Error).message}`),
    ...ports,
  };
  return { runner: new EffectRunner(replica, all, () => 1_000), done };
}

const broadcast = (channel: 'consensus' | 'transactions'): ReplicaEffect => ({
  type: 'broadcast',
  channel,
  bytes: new Uint8Array(1),
});
const persist: ReplicaEffect = { type: 'persistSigningState', bytes: new Uint8Array(1) };
const sign = { type: 'sign', payload: {} } as ReplicaEffect;
const commit = { type: 'commit', height: 1 } as ReplicaEffect;

describe('the effect runner', () => {
  it('lets nothing pass a write that is not durable yet, not even effects of later inputs', async () => {
    let durable = (): void => {};
    const { runner, done } = harness(
      (input) => (input.type === 'started' ? [persist, sign] : [broadcast('consensus')]),
      {
        persist: () => new Promise((resolve) => (durable = resolve)),
      },
    );
    runner.input({ type: 'started' });
    runner.input({ type: 'timer', id: 'a' });
    expect(done).toEqual([]);
    durable();
    await vi.waitFor(() => expect(done).toEqual(['sign', 'broadcast consensus', 'broadcast consensus']));
  });

  it('feeds the signature and the committed view back, and reports the block once the replica stands on it', async () => {
    const inputs: string[] = [];
    const { runner, done } = harness((input) => {
      inputs.push(input.type);
      return input.type === 'started' ? [sign, commit, broadcast('transactions')] : [];
    });
    runner.input({ type: 'started' });
    await vi.waitFor(() => expect(done).toEqual(['sign', 'commit', 'committed', 'broadcast transactions']));
    expect(inputs).toEqual(['started', 'signed', 'committed']);
  });

  it('runs again after it was idle, whether its last effects waited or not', async () => {
    const { runner, done } = harness((input) => {
      if (input.type !== 'timer') return [];
      return input.id === 'write' ? [persist] : [sign, broadcast('consensus')];
    });
    const quick = ['sign', 'broadcast consensus'];
    runner.input({ type: 'timer', id: 'quick' });
    runner.input({ type: 'timer', id: 'quick' });
    expect(done).toEqual([...quick, ...quick]);
    runner.input({ type: 'timer', id: 'write' });
    await vi.waitFor(() => expect(done.at(-1)).toBe('persist'));
    runner.input({ type: 'timer', id: 'quick' });
    await vi.waitFor(() => expect(done).toEqual([...quick, ...quick, 'persist', ...quick]));
  });

  it('runs nothing behind a failed write and takes no more input', async () => {
    const { runner, done } = harness(() => [commit, broadcast('consensus')], {
      commit: () => Promise.reject(new Error('disk')),
    });
    runner.input({ type: 'started' });
    await vi.waitFor(() => expect(done).toEqual(['failed disk']));
    runner.input({ type: 'started' });
    expect(done).toEqual(['failed disk']);
  });

  it('reports a replica that throws', () => {
    const { runner, done } = harness(() => {
      throw new Error('invariant');
    });
    runner.input({ type: 'started' });
    expect(done).toEqual(['failed invariant']);
  });

  it('replaces a timer by a later one of the same name, and ends all when it stops', async () => {
    vi.useFakeTimers();
    try {
      const fired: string[] = [];
      const { runner } = harness((input) => {
        if (input.type === 'timer') fired.push(input.id);
        const timers = [
          { type: 'setTimer', id: 'a', delayMs: 10 },
          { type: 'setTimer', id: 'a', delayMs: 30 },
          { type: 'setTimer', id: 'b', delayMs: 20 },
        ] as const;
        return input.type === 'started' ? timers : [];
      });
      runner.input({ type: 'started' });
      vi.advanceTimersByTime(25);
      expect(fired).toEqual(['b']);
      vi.advanceTimersByTime(10);
      expect(fired).toEqual(['b', 'a']);
      runner.input({ type: 'started' });
      await runner.stop();
      vi.advanceTimersByTime(100);
      expect(fired).toEqual(['b', 'a']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('answers requests with what came back, and with their failure', async () => {
    const inputs: ReplicaInput[] = [];
    const peer = new Uint8Array(20) as never;
    const { runner } = harness((input) => {
      inputs.push(input);
      if (input.type !== 'started') return [];
      return [
        { type: 'requestBlocks', peer, request: 3, from: 1 as never, count: 1 },
        { type: 'requestStatus', peer },
      ];
    });
    runner.input({ type: 'started' });
    await vi.waitFor(() => expect(inputs).toHaveLength(3));
    expect(inputs).toContainEqual({ type: 'peerHeight', peer, height: 7, votes: [], nowMs: 1_000 });
    expect(inputs).toContainEqual({ type: 'requestFailed', request: 3, nowMs: 1_000 });
  });

  it('is overloaded when the disk is far behind', () => {
    const many = Array.from({ length: 70_000 }, () => broadcast('consensus'));
    const { runner } = harness(() => [persist, ...many], { persist: () => new Promise(() => {}) });
    expect(runner.overloaded).toBe(false);
    runner.input({ type: 'started' });
    expect(runner.overloaded).toBe(true);
  });

  it('passes the rest on', () => {
    const id = new Uint8Array(32) as Hash;
    const { runner, done } = harness((input) =>
      input.type === 'started'
        ? [
            { type: 'blame', peer: new Uint8Array(20) as never, code: 'peer.x' },
            { type: 'submitted', ticket: 1, results: [] },
            { type: 'reject', transactionId: id, code: 'transaction.expired' },
            { type: 'signingRefused', code: 'signing-record.lost' },
            { type: 'halt', code: 'replica.diverged', detail: 'block.state-root' },
          ]
        : [],
    );
    runner.input({ type: 'started' });
    expect(done).toEqual([
      'blame peer.x',
      'submitted',
      'rejected transaction.expired',
      'signingRefused signing-record.lost',
      'halt replica.diverged block.state-root',
    ]);
  });
});
