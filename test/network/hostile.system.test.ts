import type { Stream } from '@libp2p/interface';
import { CODE_P2P } from '@multiformats/multiaddr';
import { afterEach, describe, expect, it } from 'vitest';
import type { Address } from '../../src/base/brand.ts';
import { concat, utf8 } from '../../src/base/bytes.ts';
import { encodeAnnouncement } from '../../src/network/announcement.ts';
import { decodeAnswerFrame, encodeChunk, encodeEnd } from '../../src/network/answer.ts';
import type { NetworkCode } from '../../src/network/codes.ts';
import { NetworkError } from '../../src/network/errors.ts';
import { FrameReader } from '../../src/network/frame-reader.ts';
import { frame } from '../../src/network/framing.ts';
import { createLibp2pNetwork } from '../../src/network/libp2p-network.ts';
import { createNode, type Node } from '../../src/network/libp2p-node.ts';
import { CHANNEL_LIMITS, NETWORK_LIMITS, REQUEST_LIMITS } from '../../src/network/limits.ts';
import type { Peer, RequestKind } from '../../src/network/network.ts';
import { peerKeyOf } from '../../src/network/peer-key.ts';
import { CHANNELS, protocolsOf } from '../../src/network/protocols.ts';
import { until } from '../support/until.ts';
import { address, Cluster, collect, connectedTo, HOME, numbered, numberOf, type TestNode } from './harness.ts';

/**
 * An admitted member that does not keep the rules: a bare libp2p node with the peer key of hospital 9, which opens what streams it likes
 * and answers what it likes.
 */
const ATTACKER = 9;
const LISTEN = ['/ip4/127.0.0.1/tcp/0'];
const KIB_64 = 65_536;
const TIMEOUT_MS = 5_000;
const REQUEST = frame(Uint8Array.of(0, ...utf8('hello')));
const NEVER = new AbortController().signal;
const protocols = protocolsOf(HOME);
const seed = (key: number): Uint8Array => new Uint8Array(32).fill(key);

const cluster = new Cluster({
  create: (options, key, listen = LISTEN) => createLibp2pNetwork({ ...options, privateKeySeed: seed(key), listen }),
});
let attacker: Node | undefined;

afterEach(async () => {
  await cluster.stop();
  await attacker?.stop();
  attacker = undefined;
});

/** A victim and an honest member, and the attacker connected to the victim. `channels` takes the victim's kept streams. */
async function attacked(
  handle: (node: Node) => Promise<void> = async () => {},
  channels: (stream: Stream) => void = () => {},
): Promise<{ victim: TestNode; honest: TestNode; attacker: Node }> {
  const [victim, honest] = (await cluster.consortium(2)) as [TestNode, TestNode];
  const node = await createNode(peerKeyOf(seed(ATTACKER)), LISTEN, protocols, {});
  attacker = node;
  for (const channel of CHANNELS) await node.handle(protocols.of(channel), channels);
  await handle(node);
  await node.start();
  const addresses = node.getMultiaddrs().map((at) => at.decapsulateCode(CODE_P2P).toString());
  const peer: Peer = { hospital: address(ATTACKER), peerId: node.peerId.toString(), addresses };
  victim.network.setPeers([honest.peer(), peer]);
  await until(() => victim.network.connected().length === 2, { what: 'attacker and honest member connected' });
  return { victim, honest, attacker: node };
}

const open = async (node: Node, name: RequestKind | 'consensus' | 'transactions'): Promise<Stream> => {
  const connection = node.getConnections()[0];
  if (connection === undefined) throw new Error('the attacker is not connected');
  return connection.newStream(protocols.of(name));
};

/** The honest member still reaches the victim, by message and by request. */
async function stillServes(victim: TestNode, honest: TestNode): Promise<void> {
  const before = victim.heard.messages.length;
  victim.heard.answer = async function* () {
    yield utf8('alive');
  };
  honest.network.send(victim.self, 'consensus', utf8('vote'));
  await until(() => victim.heard.messages.length > before, { what: 'the honest vote' });
  expect(await collect(honest.network.request(victim.self, 'status', utf8(''), TIMEOUT_MS))).toEqual([utf8('alive')]);
}

const rejectsWith = (promise: Promise<unknown>, code: NetworkCode): Promise<void> =>
  expect(promise).rejects.toSatisfy((error) => error instanceof NetworkError && error.code === code, code);

describe('a member that sends what it must not', () => {
  it('has its stream cut for a frame above the limit, at the header', async () => {
    const { victim, honest, attacker } = await attacked();
    const stream = await open(attacker, 'transactions');
    stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    await until(() => stream.status === 'reset', { what: 'the stream is reset' });
    expect(victim.network.metrics().streamsRefused).toBe(1);
    expect(victim.heard.messages).toEqual([]);
    await stillServes(victim, honest);
  });

  it('has its stream cut for an empty frame', async () => {
    const { victim, attacker } = await attacked();
    const stream = await open(attacker, 'consensus');
    stream.send(new Uint8Array(4));
    await until(() => stream.status === 'reset', { what: 'the stream is reset' });
    expect(victim.network.metrics().streamsRefused).toBe(1);
  });

  it('loses the older of two streams of a channel', async () => {
    const { victim, attacker } = await attacked();
    const older = await open(attacker, 'consensus');
    older.send(frame(numbered(1)));
    await until(() => victim.heard.messages.length === 1, { what: 'the first message' });
    const newer = await open(attacker, 'consensus');
    newer.send(frame(numbered(2)));
    await until(() => older.status === 'reset', { what: 'the older stream is reset' });
    await until(() => victim.heard.messages.length === 2, { what: 'the second message' });
    expect(victim.heard.on('consensus').map(numberOf)).toEqual([1, 2]);
  });

  it('has a request above the limit of its kind cut', async () => {
    const { victim, honest, attacker } = await attacked();
    const stream = await open(attacker, 'blob');
    stream.send(frame(new Uint8Array(REQUEST_LIMITS.blob.requestBytesMax + 2)));
    await until(() => stream.status === 'reset', { what: 'the stream is reset' });
    expect(victim.network.metrics()).toMatchObject({ streamsRefused: 1, handlerErrors: 0 });
    await stillServes(victim, honest);
  });

  it('is not heard with an announcement that is short, or names a stranger', async () => {
    const { victim, attacker } = await attacked();
    const { gossip } = attacker.services;
    gossip.subscribe(protocols.topic);
    await until(() => gossip.getSubscribers(protocols.topic).length > 0, { what: 'the victim listens' });
    await gossip.publish(protocols.topic, utf8('short'));
    await gossip.publish(protocols.topic, encodeAnnouncement(address(77), 1, utf8('height 9')));
    await gossip.publish(protocols.topic, encodeAnnouncement(victim.self, 1, utf8('height 9')));
    await until(() => victim.network.metrics().announcementsRefused === 3, { what: 'three refusals' });
    expect(victim.heard.announcements).toEqual([]);
    await gossip.publish(protocols.topic, encodeAnnouncement(address(ATTACKER) as Address, 2, utf8('height 1')));
    await until(() => victim.heard.announcements.length === 1, { what: 'the honest announcement' });
  });
});

describe('a member that asks too much', () => {
  it('is told that the node is busy beyond its share, and others are served', async () => {
    const { victim, honest, attacker } = await attacked();
    victim.heard.answer = () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) });
    const { inboundMax } = REQUEST_LIMITS.blocks;
    for (let i = 0; i < inboundMax; i++) (await open(attacker, 'blocks')).send(REQUEST);
    await until(() => victim.network.metrics().requestsReceived === inboundMax, { what: 'its share is used' });
    const extra = await open(attacker, 'blocks');
    extra.send(REQUEST);
    const said = await new FrameReader(extra, KIB_64).next(NEVER);
    expect(said && decodeAnswerFrame(said)).toEqual({ type: 'refusal', code: 'network-request.busy' });
    expect(victim.network.metrics().requestsBusy).toBe(1);
    await stillServes(victim, honest);
  });

  it('gets no more streams than the limit of a connection', async () => {
    const { victim, honest, attacker } = await attacked();
    const opened: Stream[] = [];
    for (let i = 0; i < 2 * NETWORK_LIMITS.streamsMax; i++)
      await open(attacker, 'blob').then(
        (stream) => opened.push(stream),
        () => {},
      );
    await until(() => opened.filter(({ status }) => status === 'open').length <= NETWORK_LIMITS.streamsMax, {
      what: 'the rest are reset',
    });
    await stillServes(victim, honest);
  });

  it('still gets its answer when it closes its end at once', async () => {
    const { victim, attacker } = await attacked();
    victim.heard.answer = async function* () {
      yield utf8('answer');
    };
    const stream = await open(attacker, 'status');
    const reader = new FrameReader(stream, KIB_64);
    stream.send(REQUEST);
    await stream.close();
    expect(await reader.next(NEVER)).toEqual(encodeChunk(utf8('answer')));
    expect(await reader.next(NEVER)).toEqual(encodeEnd());
    await until(() => stream.status === 'closed', { what: 'both ends closed' });
  });

  it('and does not read, holds the answer back: the node does not buffer it', async () => {
    const { victim, honest, attacker } = await attacked();
    let yielded = 0;
    victim.heard.answer = async function* () {
      for (;;) {
        yielded++;
        yield new Uint8Array(KIB_64);
      }
    };
    const stream = await open(attacker, 'blob');
    stream.pause();
    stream.send(REQUEST);
    await until(() => yielded > 2, { what: 'the answer began' });
    const filler = victim.heard.answer;
    for (let i = 0; i < 15; i++) await stillServes(victim, honest);
    expect(victim.heard.answer).not.toBe(filler);
    expect(yielded * KIB_64).toBeLessThan(2 * NETWORK_LIMITS.streamWindowBytesMax);
  });

  it('and does not read its messages, loses the oldest of them: the queue is bounded', async () => {
    const { victim, honest } = await attacked(undefined, (stream) => stream.pause());
    const big = new Uint8Array(CHANNEL_LIMITS.transactions.messageBytesMax);
    const held = Math.floor(CHANNEL_LIMITS.transactions.queueBytesMax / big.length);
    for (let i = 0; i < 2 * held; i++) victim.network.send(address(ATTACKER), 'transactions', big);
    expect(victim.network.metrics().messagesDropped).toBeGreaterThanOrEqual(held - 1);
    await stillServes(victim, honest);
    const stoppingAtMs = performance.now();
    await victim.network.stop();
    expect(performance.now() - stoppingAtMs).toBeLessThan(2_000);
  });
});

describe('a member that answers what it must not', () => {
  const answering =
    (frames: readonly Uint8Array[], ending: (stream: Stream) => unknown = () => {}) =>
    async (node: Node): Promise<void> => {
      await node.handle(protocols.of('status'), async (stream) => {
        for (const bytes of frames) stream.send(bytes);
        await ending(stream);
      });
    };
  const ask = (victim: TestNode): Promise<Uint8Array[]> =>
    collect(victim.network.request(address(ATTACKER), 'status', utf8('?'), TIMEOUT_MS));
  const { chunkBytesMax } = REQUEST_LIMITS.status;

  const cases: readonly (readonly [string, ReturnType<typeof answering>, NetworkCode])[] = [
    ['an unknown frame', answering([frame(Uint8Array.of(9))]), 'network-request.answer-malformed'],
    ['an empty frame', answering([new Uint8Array(4)]), 'network-request.answer-malformed'],
    ['a frame above the chunk limit', answering([Uint8Array.of(255, 0, 0, 0)]), 'network-request.answer-too-large'],
    [
      'chunks above the answer limit',
      answering([frame(encodeChunk(new Uint8Array(chunkBytesMax - 1))), frame(encodeChunk(utf8('more')))]),
      'network-request.answer-too-large',
    ],
    [
      'a flood of empty chunks',
      answering([concat(...Array.from({ length: chunkBytesMax + 1 }, () => frame(encodeChunk(new Uint8Array(0)))))]),
      'network-request.answer-too-large',
    ],
    [
      'half an answer, then closes in good order',
      answering([frame(encodeChunk(utf8('half')))], (stream) => stream.close()),
      'network-request.broken',
    ],
    [
      'half an answer, then resets',
      answering([frame(encodeChunk(utf8('half')))], (stream) => stream.abort(new Error('gone'))),
      'network-request.broken',
    ],
  ];
  for (const [what, handle, code] of cases)
    it(`${what}: refused as ${code}`, async () => {
      const { victim, honest } = await attacked(handle);
      await rejectsWith(ask(victim), code);
      await stillServes(victim, honest);
    });
});

describe('a member of another version', () => {
  it('that lacks a kind of request is reported as such', async () => {
    const { victim } = await attacked();
    const answer = collect(victim.network.request(address(ATTACKER), 'fragment', utf8('?'), TIMEOUT_MS));
    await rejectsWith(answer, 'network-request.unsupported');
  });
});

describe('a slow reader of an answer', () => {
  it('holds its peer back, and still gets all of it', async () => {
    const [a, b] = (await cluster.consortium(2)) as [TestNode, TestNode];
    await until(() => connectedTo(a, b) && connectedTo(b, a), { what: 'connected' });
    const chunks = 512;
    let yielded = 0;
    b.heard.answer = async function* (_from, kind) {
      for (let i = 0; kind === 'blob' && i < chunks; i++) {
        yielded++;
        yield new Uint8Array(KIB_64).fill(i);
      }
    };
    let received = 0;
    for await (const chunk of a.network.request(b.self, 'blob', utf8('?'), 30_000)) {
      expect([chunk.length, chunk[0], chunk[KIB_64 - 1]]).toEqual([KIB_64, received & 255, received & 255]);
      received++;
      if (received > 3) continue;
      // Time passes on the same connection, in exchanges and not on a clock.
      for (let i = 0; i < 12; i++) await collect(a.network.request(b.self, 'status', utf8('?'), TIMEOUT_MS));
      expect((yielded - received) * KIB_64).toBeLessThan(3 * NETWORK_LIMITS.streamWindowBytesMax);
    }
    expect([received, yielded]).toEqual([chunks, chunks]);
  });
});
