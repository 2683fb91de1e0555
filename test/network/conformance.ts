import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import type { NetworkCode } from '../../src/network/codes.ts';
import { NetworkError } from '../../src/network/errors.ts';
import { CHANNEL_LIMITS, NETWORK_LIMITS, REQUEST_LIMITS } from '../../src/network/limits.ts';
import { REQUEST_KINDS } from '../../src/network/protocols.ts';
import type { TapEvent } from '../../src/network/tap.ts';
import { until } from '../support/until.ts';
import {
  address,
  Cluster,
  chain,
  collect,
  connectedTo,
  type Harness,
  numbered,
  numberOf,
  type TestNode,
} from './harness.ts';

const HELLO = utf8('hello');
const TIMEOUT_MS = 5_000;

const meshed = (nodes: readonly TestNode[]): Promise<true> =>
  until(() => nodes.every((a) => nodes.every((b) => a === b || connectedTo(a, b))), { what: 'all pairs connected' });

const rejectsWith = (promise: Promise<unknown>, code: NetworkCode): Promise<void> =>
  expect(promise).rejects.toSatisfy((error) => error instanceof NetworkError && error.code === code, code);

const pair = async (cluster: Cluster): Promise<[TestNode, TestNode]> => {
  const nodes = await cluster.consortium(2);
  await meshed(nodes);
  return nodes as [TestNode, TestNode];
};

const digest = (chunks: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
};

/** What every implementation of `Network` holds to. */
export function describeNetwork(name: string, harness: Harness): void {
  describe(name, () => {
    const cluster = new Cluster(harness);
    afterEach(() => cluster.stop());
    messages(cluster);
    requests(cluster);
    membership(cluster);
  });
}

function messages(cluster: Cluster): void {
  it('keeps the order of messages on each channel', async () => {
    const [a, b] = await pair(cluster);
    for (let i = 0; i < 200; i++) {
      a.network.send(b.self, 'consensus', numbered(i));
      a.network.send(b.self, 'transactions', numbered(1_000 + i));
    }
    await until(() => b.heard.messages.length === 400, { what: '400 messages' });
    expect(b.heard.on('consensus').map(numberOf)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(b.heard.on('transactions').map(numberOf)).toEqual(Array.from({ length: 200 }, (_, i) => 1_000 + i));
    expect(new Set(b.heard.messages.map(({ from }) => from))).toEqual(new Set([toHex(a.self)]));
  });

  it('carries the largest message whole, and throws on one byte more', async () => {
    const [a, b] = await pair(cluster);
    const largest = new Uint8Array(CHANNEL_LIMITS.consensus.messageBytesMax).fill(9);
    a.network.send(b.self, 'consensus', largest);
    await until(() => b.heard.messages.length === 1, { what: 'the message' });
    expect(b.heard.messages[0]?.bytes.length).toBe(largest.length);
    expect(digest(b.heard.on('consensus'))).toBe(digest([largest]));
    expect(() => a.network.broadcast('consensus', new Uint8Array(largest.length + 1))).toThrow(
      expect.objectContaining({ code: 'network-message.too-large' }),
    );
  });

  it('broadcasts to every peer and not to itself', async () => {
    const nodes = await cluster.consortium(3);
    await meshed(nodes);
    const [a, b, c] = nodes as [TestNode, TestNode, TestNode];
    a.network.broadcast('consensus', HELLO);
    await until(() => b.heard.messages.length + c.heard.messages.length === 2, { what: 'both heard' });
    expect(b.heard.on('consensus')).toEqual([HELLO]);
    expect(c.heard.on('consensus')).toEqual([HELLO]);
    expect(a.heard.messages).toEqual([]);
  });

  it('brings an announcement of each to both others, with its origin', async () => {
    const nodes = await cluster.consortium(3);
    await meshed(nodes);
    // Gossip needs a moment after the connection to learn who listens; an announcement is a hint, so nodes repeat it.
    await until(
      () => {
        for (const node of nodes) node.network.announce(HELLO);
        return nodes.every(({ heard }) => new Set(heard.announcements.map(({ from }) => from)).size === 2);
      },
      { what: 'announcements of both others' },
    );
    for (const { self, heard } of nodes) {
      expect(heard.announcements.every(({ from }) => from !== toHex(self))).toBe(true);
      expect(heard.announcements[0]?.bytes).toEqual(HELLO);
    }
    expect(() => nodes[0]?.network.announce(new Uint8Array(NETWORK_LIMITS.announcementBytesMax + 1))).toThrow(
      expect.objectContaining({ code: 'network-message.too-large' }),
    );
  });

  it('drops the oldest messages of a full queue and counts them', async () => {
    const { queueMessagesMax } = CHANNEL_LIMITS.consensus;
    const away = await cluster.start(2);
    const record = away.peer();
    await away.network.stop();
    const a = await cluster.start(1);
    a.network.setPeers([record]);
    for (let i = 0; i < queueMessagesMax + 10; i++) a.network.send(away.self, 'consensus', numbered(i));
    expect(a.network.metrics().messagesDropped).toBe(10);

    const back = await cluster.start(2, {}, record.addresses);
    back.network.setPeers([a.peer()]);
    await until(() => back.heard.messages.length === queueMessagesMax, { what: 'the newest messages' });
    expect(back.heard.on('consensus').map(numberOf)).toEqual(
      Array.from({ length: queueMessagesMax }, (_, i) => i + 10),
    );
  });

  it('goes on when a handler throws', async () => {
    const [a, b] = await pair(cluster);
    const hear = b.heard.message.bind(b.heard);
    b.heard.message = (from, channel, bytes) => {
      hear(from, channel, bytes);
      throw new Error('a fault of the node');
    };
    a.network.send(b.self, 'consensus', numbered(1));
    a.network.send(b.self, 'consensus', numbered(2));
    await until(() => b.heard.messages.length === 2, { what: 'both messages' });
    expect(b.network.metrics().handlerErrors).toBe(2);
    expect(connectedTo(b, a)).toBe(true);
  });

  it('shows the tap every application byte on both sides', async () => {
    const taps: TapEvent[][] = [[], []];
    const a = await cluster.start(1, { tap: (event) => taps[0]?.push(event) });
    const b = await cluster.start(2, { tap: (event) => taps[1]?.push(event) });
    a.network.setPeers([b.peer()]);
    b.network.setPeers([a.peer()]);
    await meshed([a, b]);
    b.heard.answer = async function* () {
      yield utf8('answer');
    };
    a.network.send(b.self, 'transactions', utf8('message'));
    await collect(a.network.request(b.self, 'blob', utf8('request'), TIMEOUT_MS));
    await until(
      () => {
        a.network.announce(utf8('announcement'));
        return b.heard.announcements.length > 0 && b.heard.messages.length > 0;
      },
      { what: 'message and announcement' },
    );
    const seen = (events: readonly TapEvent[] | undefined): Set<string> =>
      new Set(events?.map(({ direction, bytes }) => `${direction} ${new TextDecoder().decode(bytes)}`));
    expect(seen(taps[0])).toEqual(new Set(['out message', 'out request', 'in answer', 'out announcement']));
    expect(seen(taps[1])).toEqual(new Set(['in message', 'in request', 'out answer', 'in announcement']));
  });
}

function requests(cluster: Cluster): void {
  it('streams five megabytes in chunks, intact and with their bounds', async () => {
    const [a, b] = await pair(cluster);
    const chunks = Array.from({ length: 80 }, (_, i) => new Uint8Array(65_536).fill(i));
    b.heard.answer = async function* (from, kind, body) {
      expect([toHex(from), kind, body]).toEqual([toHex(a.self), 'blob', HELLO]);
      yield* chunks;
    };
    const received = await collect(a.network.request(b.self, 'blob', HELLO, TIMEOUT_MS));
    expect(received.map(({ length }) => length)).toEqual(chunks.map(({ length }) => length));
    expect(digest(received)).toBe(digest(chunks));
  });

  it('answers with nothing, with empty chunks, and an empty request', async () => {
    const [a, b] = await pair(cluster);
    expect(await collect(a.network.request(b.self, 'status', new Uint8Array(0), TIMEOUT_MS))).toEqual([]);
    b.heard.answer = async function* (_from, _kind, body) {
      yield body;
      yield HELLO;
    };
    expect(await collect(a.network.request(b.self, 'status', new Uint8Array(0), TIMEOUT_MS))).toEqual([
      new Uint8Array(0),
      HELLO,
    ]);
  });

  it.each(REQUEST_KINDS)('carries the largest %s request, and the largest answer of one chunk', async (kind) => {
    const [a, b] = await pair(cluster);
    const { requestBytesMax, chunkBytesMax, answerBytesMax } = REQUEST_LIMITS[kind];
    // An answer counts one byte more for each of its chunks.
    const largest = Math.min(chunkBytesMax, answerBytesMax - 1);
    b.heard.answer = async function* (_from, asked, body) {
      expect([asked, body.length]).toEqual([kind, requestBytesMax]);
      yield new Uint8Array(largest).fill(3);
    };
    const body = new Uint8Array(requestBytesMax).fill(5);
    const answer = await collect(a.network.request(b.self, kind, body, TIMEOUT_MS));
    expect(answer.map(({ length }) => length)).toEqual([largest]);
  });

  it('refuses an answer over the limit of its kind', async () => {
    const [a, b] = await pair(cluster);
    const { chunkBytesMax } = REQUEST_LIMITS.status;
    b.heard.answer = async function* () {
      yield new Uint8Array(chunkBytesMax - 1);
      yield HELLO;
    };
    await rejectsWith(
      collect(a.network.request(b.self, 'status', HELLO, TIMEOUT_MS)),
      'network-request.answer-too-large',
    );
    b.heard.answer = async function* () {
      yield new Uint8Array(chunkBytesMax + 1);
    };
    await rejectsWith(
      collect(a.network.request(b.self, 'status', HELLO, TIMEOUT_MS)),
      'network-request.answer-too-large',
    );
  });

  it('refuses to send a request over the limit of its kind', async () => {
    const [a, b] = await pair(cluster);
    const body = new Uint8Array(REQUEST_LIMITS.blob.requestBytesMax + 1);
    await rejectsWith(collect(a.network.request(b.self, 'blob', body, TIMEOUT_MS)), 'network-request.too-large');
  });

  it('gives up on a silent peer after the timeout', async () => {
    const [a, b] = await pair(cluster);
    b.heard.answer = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) });
    await rejectsWith(collect(a.network.request(b.self, 'blocks', HELLO, 50)), 'network-request.timeout');
  });

  it('reports the failure of the answering handler by its code alone', async () => {
    const [a, b] = await pair(cluster);
    b.heard.answer = async function* () {
      yield HELLO;
      throw new Error('a private detail');
    };
    const answer = collect(a.network.request(b.self, 'blob', HELLO, TIMEOUT_MS));
    await rejectsWith(answer, 'network-request.failed');
    await answer.catch((error: Error) => expect(error.message).not.toContain('private'));
    expect(b.network.metrics().handlerErrors).toBe(1);
  });

  it('lets a requester stop in the middle, and tells the handler', async () => {
    const [a, b] = await pair(cluster);
    let released = false;
    b.heard.answer = async function* () {
      try {
        for (;;) yield new Uint8Array(65_536);
      } finally {
        released = true;
      }
    };
    for await (const _ of a.network.request(b.self, 'blob', HELLO, TIMEOUT_MS)) break;
    // The simulated network asks for the next chunk only when the requester does.
    await until(() => released, { what: 'the handler is released' });
  });

  it('ends its requests when it stops, and refuses new ones', async () => {
    const [a, b] = await pair(cluster);
    b.heard.answer = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) });
    const waiting = collect(a.network.request(b.self, 'blocks', HELLO, TIMEOUT_MS));
    const stopped = rejectsWith(waiting, 'network.stopped');
    await until(() => b.network.metrics().requestsReceived === 1, { what: 'the request arrived' });
    await a.network.stop();
    await stopped;
    await rejectsWith(collect(a.network.request(b.self, 'blocks', HELLO, TIMEOUT_MS)), 'network.stopped');
  });
}

function membership(cluster: Cluster): void {
  it('refuses a stranger who dials in', async () => {
    const [a, b] = await pair(cluster);
    const stranger = await cluster.start(9);
    stranger.network.setPeers([a.peer()]);
    await until(() => a.network.metrics().connectionsRefused > 0, { what: 'the stranger is refused' });
    expect(stranger.network.connected()).toEqual([]);
    expect(a.network.connected()).toEqual([b.self]);
    await rejectsWith(
      collect(stranger.network.request(a.self, 'status', HELLO, TIMEOUT_MS)),
      'network-request.not-connected',
    );
  });

  it('neither sends to a stranger nor asks one', async () => {
    const [a] = await pair(cluster);
    a.network.send(address(9), 'consensus', HELLO);
    expect(a.network.metrics().messagesDropped).toBe(1);
    await rejectsWith(
      collect(a.network.request(address(9), 'status', HELLO, TIMEOUT_MS)),
      'network-request.unknown-peer',
    );
  });

  it('is refused where it is a stranger itself', async () => {
    const closed = await cluster.start(2);
    const a = await cluster.start(1);
    a.network.setPeers([closed.peer()]);
    await until(() => closed.network.metrics().connectionsRefused > 0, { what: 'the refusal' });
    expect(a.network.connected()).toEqual([]);
    expect(closed.network.connected()).toEqual([]);
    expect(closed.heard.events).toEqual([]);
  });

  it('drops a peer that was removed, and takes nothing more from it', async () => {
    const nodes = await cluster.consortium(3);
    await meshed(nodes);
    const [a, b, c] = nodes as [TestNode, TestNode, TestNode];
    a.network.setPeers([c.peer()]);
    expect(a.network.connected()).toEqual([c.self]);
    await until(() => !connectedTo(b, a), { what: 'b sees the end of it' });
    await until(() => a.heard.events.includes(`-${toHex(b.self)}`), { what: 'a told its node' });
    b.network.send(a.self, 'consensus', HELLO);
    c.network.send(a.self, 'consensus', numbered(1));
    await until(() => a.heard.messages.length > 0, { what: 'the message of c' });
    expect(a.heard.on('consensus')).toEqual([numbered(1)]);
  });

  it('admits a peer that was added later', async () => {
    const [a, b] = await pair(cluster);
    const late = await cluster.start(3);
    late.network.setPeers([a.peer()]);
    a.network.setPeers([b.peer(), late.peer()]);
    await meshed([a, late]);
    expect(connectedTo(a, b)).toBe(true);
  });

  it('connects again when the other side restarts on the same address', async () => {
    const [a, b] = await pair(cluster);
    const record = b.peer();
    await b.network.stop();
    await until(() => !connectedTo(a, b), { what: 'a sees b leave' });
    const again = await cluster.start(2, {}, record.addresses);
    again.network.setPeers([a.peer()]);
    await meshed([a, again]);
    a.network.send(again.self, 'consensus', HELLO);
    again.network.send(a.self, 'consensus', HELLO);
    await until(() => a.heard.messages.length + again.heard.messages.length === 2, { what: 'messages both ways' });
    const b2 = toHex(again.self);
    expect(a.heard.events).toEqual([`+${b2}`, `-${b2}`, `+${b2}`]);
  });

  it('cannot talk to a node of another chain, though each lists the other', async () => {
    const a = await cluster.start(1);
    const foreign = await cluster.start(2, { chainId: chain(8) });
    a.network.setPeers([foreign.peer()]);
    foreign.network.setPeers([a.peer()]);
    a.network.broadcast('consensus', HELLO);
    foreign.network.broadcast('consensus', HELLO);
    await until(() => a.network.metrics().streamsForeign > 0 && foreign.network.metrics().streamsForeign > 0, {
      what: 'both found the other foreign',
    });
    expect([a.network.connected(), foreign.network.connected()]).toEqual([[], []]);
    await rejectsWith(
      collect(a.network.request(foreign.self, 'status', HELLO, TIMEOUT_MS)),
      'network-request.not-connected',
    );
    expect([a.heard.messages, foreign.heard.messages]).toEqual([[], []]);
  });

  it('serves a bootstrap peer sync and nothing else, until it forgets it', async () => {
    const member = await cluster.start(2);
    const a = await cluster.start(1, { bootstrapPeers: [member.peer()] });
    member.network.setPeers([a.peer()]);
    await meshed([a, member]);
    member.heard.answer = async function* () {
      yield HELLO;
    };
    expect(await collect(a.network.request(member.self, 'blocks', HELLO, TIMEOUT_MS))).toEqual([HELLO]);
    await rejectsWith(collect(a.network.request(member.self, 'blob', HELLO, TIMEOUT_MS)), 'network-request.refused');
    await rejectsWith(collect(member.network.request(a.self, 'blob', HELLO, TIMEOUT_MS)), 'network-request.refused');
    a.network.broadcast('consensus', numbered(0));
    member.network.broadcast('consensus', numbered(1));
    a.network.setPeers([member.peer()]);
    member.network.broadcast('consensus', numbered(2));
    await until(() => a.heard.messages.length > 0, { what: 'a message after admission' });
    expect(a.heard.on('consensus').map(numberOf).at(-1)).toBe(2);
    expect(member.heard.messages).toEqual([]);
  });
}
