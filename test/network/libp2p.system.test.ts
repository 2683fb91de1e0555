import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { createLibp2pNetwork } from '../../src/network/libp2p-network.ts';
import { REQUEST_LIMITS } from '../../src/network/limits.ts';
import { until } from '../support/until.ts';
import { describeNetwork } from './conformance.ts';
import { Cluster, collect, connectedTo, type Harness, type TestNode } from './harness.ts';

const LOOPBACK = ['/ip4/127.0.0.1/tcp/0'];

const harness: Harness = {
  create: (options, key, listen = LOOPBACK) =>
    createLibp2pNetwork({ ...options, privateKeySeed: new Uint8Array(32).fill(key), listen }),
};

describeNetwork('the network on libp2p', harness);

describe('a node on libp2p', () => {
  const cluster = new Cluster(harness);
  afterEach(() => cluster.stop());

  it('reports the real port it listens on, and nothing once stopped', async () => {
    const { network } = await cluster.start(1);
    expect(network.listenAddresses()).toEqual([expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/[1-9]\d+$/)]);
    await network.stop();
    expect(network.listenAddresses()).toEqual([]);
  });

  it('fails to start, with a code, where another listens', async () => {
    const { network } = await cluster.start(1);
    await expect(cluster.start(2, {}, network.listenAddresses())).rejects.toMatchObject({
      code: 'network.start-failed',
    });
  });

  it('is told when its own requests are more than a peer answers at once', async () => {
    const [a, b] = (await cluster.consortium(2)) as [TestNode, TestNode];
    await until(() => connectedTo(a, b) && connectedTo(b, a), { what: 'connected' });
    const release = new AbortController();
    const released = once(release.signal, 'abort');
    b.heard.answer = async function* () {
      await released;
      yield Uint8Array.of(1);
    };
    const ask = (): Promise<Uint8Array[]> => collect(a.network.request(b.self, 'blocks', Uint8Array.of(0), 5_000));
    const { inboundMax } = REQUEST_LIMITS.blocks;
    const served = Array.from({ length: inboundMax }, ask);
    await until(() => b.network.metrics().requestsReceived === inboundMax, { what: 'all answers under way' });
    await expect(ask()).rejects.toMatchObject({ code: 'network-request.busy' });
    release.abort();
    expect(await Promise.all(served)).toEqual(Array.from({ length: inboundMax }, () => [Uint8Array.of(1)]));
    expect(await ask()).toEqual([Uint8Array.of(1)]);
  });

  it('holds no timer and no socket after it stopped, and lets its process end', async () => {
    const script = fileURLToPath(new URL('start-stop.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [out, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect(exitCode).toBe(0);
    const report = JSON.parse(out) as { readonly held: readonly string[]; readonly stopMs: readonly number[] };
    expect(report.held).toEqual([]);
    expect(report.stopMs.every((ms) => ms < 2_000)).toBe(true);
  });
});
