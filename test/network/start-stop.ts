/** A process of its own: two nodes connect, talk and stop. It prints what still holds the event loop, and must end by itself. */
import { createLibp2pNetwork } from '../../src/network/libp2p-network.ts';
import { until } from '../support/until.ts';
import { Cluster, collect, connectedTo } from './harness.ts';

const HOLDS_A_PROCESS = ['TCPSocketWrap', 'TCPServerWrap', 'TCPWrap', 'ConnectWrap', 'Timeout', 'Immediate'];

const cluster = new Cluster({
  create: (options, key) =>
    createLibp2pNetwork({
      ...options,
      privateKeySeed: new Uint8Array(32).fill(key),
      listen: ['/ip4/127.0.0.1/tcp/0'],
    }),
});
const nodes = await cluster.consortium(2);
const [a, b] = nodes;
if (a === undefined || b === undefined) throw new Error('two nodes');
await until(() => connectedTo(a, b) && connectedTo(b, a), { what: 'connected' });
b.network.announce(Uint8Array.of(1));
b.network.broadcast('consensus', Uint8Array.of(1));
await collect(a.network.request(b.self, 'status', Uint8Array.of(1), 5_000));
await until(() => a.heard.messages.length === 1, { what: 'the message' });

const stopMs: number[] = [];
for (const { network } of nodes) {
  const startMs = performance.now();
  await network.stop();
  stopMs.push(Math.round(performance.now() - startMs));
}
const held = (): string[] => process.getActiveResourcesInfo().filter((name) => HOLDS_A_PROCESS.includes(name));
// Closed sockets are let go on a later turn of the loop; a forgotten timer of a second or a socket is still there after this.
await until(() => held().length === 0, { timeoutMs: 500, what: 'handles let go' }).catch(() => {});
process.stdout.write(JSON.stringify({ held: held(), stopMs }));
