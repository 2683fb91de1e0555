import type { Address, Hash } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import type { NetworkOptions } from '../../src/network/context.ts';
import type { NetworkMetrics } from '../../src/network/metrics.ts';
import type { Channel, Network, NetworkHandlers, Peer, RequestKind } from '../../src/network/network.ts';

export interface TestNetwork extends Network {
  readonly peerId: string;
  metrics(): NetworkMetrics;
}

/** An implementation under test. `key` names a peer key: the same key is the same peer, wherever it listens. */
export interface Harness {
  create(options: NetworkOptions, key: number, listen?: readonly string[]): TestNetwork;
}

export const address = (n: number): Address => new Uint8Array(20).fill(n) as Address;
export const chain = (n: number): Hash => new Uint8Array(32).fill(n) as Hash;
export const HOME = chain(7);

type Answer = (from: Address, kind: RequestKind, body: Uint8Array) => AsyncIterable<Uint8Array>;

/** A node's handlers that write down what they hear. */
export class Recorder implements NetworkHandlers {
  readonly messages: { readonly from: string; readonly channel: Channel; readonly bytes: Uint8Array }[] = [];
  readonly announcements: { readonly from: string; readonly bytes: Uint8Array }[] = [];
  readonly events: string[] = [];
  answer: Answer = async function* () {};

  message(from: Address, channel: Channel, bytes: Uint8Array): void {
    this.messages.push({ from: toHex(from), channel, bytes });
  }
  request(from: Address, kind: RequestKind, body: Uint8Array): AsyncIterable<Uint8Array> {
    return this.answer(from, kind, body);
  }
  announcement(from: Address, bytes: Uint8Array): void {
    this.announcements.push({ from: toHex(from), bytes });
  }
  peerConnected(peer: Address): void {
    this.events.push(`+${toHex(peer)}`);
  }
  peerDisconnected(peer: Address): void {
    this.events.push(`-${toHex(peer)}`);
  }
  on(channel: Channel): readonly Uint8Array[] {
    return this.messages.filter((message) => message.channel === channel).map(({ bytes }) => bytes);
  }
}

export interface TestNode {
  readonly self: Address;
  readonly network: TestNetwork;
  readonly heard: Recorder;
  /** As this node's on-chain record would name it. */
  peer(): Peer;
}

/** Starts nodes and stops them after the test, whatever happened. */
export class Cluster {
  readonly #harness: Harness;
  readonly #nodes: TestNode[] = [];

  constructor(harness: Harness) {
    this.#harness = harness;
  }

  async start(n: number, options: Partial<NetworkOptions> = {}, listen?: readonly string[]): Promise<TestNode> {
    const self = address(n);
    const network = this.#harness.create({ self, chainId: HOME, ...options }, n, listen);
    const heard = new Recorder();
    const node: TestNode = {
      self,
      network,
      heard,
      peer: () => ({ hospital: self, peerId: network.peerId, addresses: network.listenAddresses() }),
    };
    this.#nodes.push(node);
    await network.start(heard);
    return node;
  }

  /** A consortium in which everybody knows everybody. */
  async consortium(count: number, options: Partial<NetworkOptions> = {}): Promise<TestNode[]> {
    const nodes: TestNode[] = [];
    for (let n = 1; n <= count; n++) nodes.push(await this.start(n, options));
    const peers = nodes.map((node) => node.peer());
    for (const node of nodes) node.network.setPeers(peers);
    return nodes;
  }

  async stop(): Promise<void> {
    for (const { network } of this.#nodes.splice(0)) await network.stop();
  }
}

export const connectedTo = (node: TestNode, other: TestNode): boolean =>
  node.network.connected().some((peer) => toHex(peer) === toHex(other.self));

export async function collect(answer: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return chunks;
}

/** Four bytes that say which message this is. */
export const numbered = (i: number): Uint8Array => Uint8Array.of(i >>> 24, i >>> 16, i >>> 8, i);
export const numberOf = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
