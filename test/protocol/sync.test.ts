import { describe, expect, it } from 'vitest';
import type { Address, Height } from '../../src/base/brand.ts';
import { Sync, type SyncEffect } from '../../src/protocol/sync.ts';
import { encodeBlocksAnswer } from '../../src/protocol/wire.ts';
import { addressOfKey, heightOf } from './support.ts';

const CONFIG = { requestTimeoutMs: 1_000, peerPauseMs: 500, graceMs: 200 };
const [a, b, c] = ['a', 'b', 'c'].map(addressOfKey) as [Address, Address, Address];
const answerOf = (count: number) =>
  encodeBlocksAnswer(
    Array.from({ length: count }, (_, i) => ({ block: Uint8Array.of(1, i), certificate: Uint8Array.of(2) })),
  );

type Asked = Extract<SyncEffect, { type: 'requestBlocks' }>;
const asked = (effects: readonly SyncEffect[]): Asked | undefined =>
  effects.find((effect) => effect.type === 'requestBlocks');
const blamed = (effects: readonly SyncEffect[]) => effects.filter(({ type }) => type === 'blame');

function syncWith(...heights: readonly [Address, number][]): Sync {
  const sync = new Sync(CONFIG);
  for (const [peer, height] of heights) {
    sync.connected(peer);
    sync.reported(peer, heightOf(height));
  }
  return sync;
}

describe('catching up', () => {
  it('asks a peer that claims more for the next range, one request at a time', () => {
    const sync = syncWith([a, 100]);
    expect(asked(sync.plan(heightOf(10), 0))).toMatchObject({ peer: a, from: 11, count: 64 });
    expect(sync.plan(heightOf(10), 1)).toEqual([]);
  });

  it('asks nobody while no peer claims more, and waits a moment when it is one block', () => {
    expect(syncWith([a, 10]).plan(heightOf(10), 0)).toEqual([]);
    const sync = syncWith([a, 11]);
    expect(sync.plan(heightOf(10), 0)).toEqual([{ type: 'wake', delayMs: 200 }]);
    expect(asked(sync.plan(heightOf(10), 200))).toMatchObject({ from: 11, count: 1 });
  });

  it('hands out blocks in order, and none that consensus overtook', () => {
    const sync = syncWith([a, 20]);
    const request = asked(sync.plan(heightOf(10), 0)) as Asked;
    sync.answered(request.request, answerOf(3), 5);
    expect(sync.take(heightOf(10))?.height).toBe(11);
    expect(sync.take(heightOf(12))?.height).toBe(13);
    expect(sync.take(heightOf(13))).toBeUndefined();
  });

  it('turns to another peer when one does not answer, and blames it', () => {
    const sync = syncWith([a, 20], [b, 20]);
    expect(asked(sync.plan(heightOf(10), 0))?.peer).toBe(a);
    const effects = sync.plan(heightOf(10), 1_000);
    expect(blamed(effects)).toEqual([{ type: 'blame', peer: a, code: 'sync.timeout' }]);
    expect(asked(effects)?.peer).toBe(b);
  });

  it.each([
    ['bytes that are no list', Uint8Array.of(0xff), 'sync.malformed-answer'],
    ['more blocks than asked for', answerOf(11), 'sync.wrong-blocks'],
  ])('blames a peer for %s', (_, bytes, code) => {
    const sync = syncWith([a, 20]);
    const request = asked(sync.plan(heightOf(10), 0)) as Asked;
    expect(blamed(sync.answered(request.request, bytes, 5))).toEqual([{ type: 'blame', peer: a, code }]);
    expect(sync.hasPending()).toBe(false);
  });

  it('is not stalled by a peer that claims much and has nothing, however often', () => {
    const sync = syncWith([a, 1_000_000], [b, 20]);
    let tip = heightOf(10);
    let fromB = 0;
    for (let nowMs = 0; nowMs < 10_000 && tip < 20; nowMs += 100) {
      sync.reported(a, heightOf(1_000_000));
      const request = asked(sync.plan(tip, nowMs));
      if (request === undefined) continue;
      if (request.peer === b) fromB++;
      sync.answered(request.request, request.peer === a ? answerOf(0) : answerOf(2), nowMs);
      for (let block = sync.take(tip); block !== undefined; block = sync.take(tip)) tip = block.height;
    }
    expect([tip, fromB]).toEqual([20, 5]);
  });

  it('believes a claim no more once its peer had nothing to show for it, until the next', () => {
    const sync = syncWith([a, 20]);
    const request = asked(sync.plan(heightOf(10), 0)) as Asked;
    sync.answered(request.request, answerOf(0), 5);
    expect(sync.plan(heightOf(10), 60_000)).toEqual([]);
    sync.reported(a, heightOf(20));
    expect(asked(sync.plan(heightOf(10), 60_000))?.peer).toBe(a);
  });

  it('is not stalled by a peer that lowers its height, or leaves, while it is asked', () => {
    for (const leave of [true, false]) {
      const sync = syncWith([a, 20], [b, 20]);
      sync.plan(heightOf(10), 0);
      if (leave) sync.disconnected(a);
      else sync.reported(a, heightOf(0));
      expect(asked(sync.plan(heightOf(10), leave ? 1 : 1_000))?.peer).toBe(b);
    }
  });

  it('drops the rest of an answer when one block of it is rejected, and asks another', () => {
    const sync = syncWith([a, 20], [b, 20], [c, 9]);
    const request = asked(sync.plan(heightOf(10), 0)) as Asked;
    sync.answered(request.request, answerOf(5), 5);
    const block = sync.take(heightOf(10));
    expect(blamed(sync.reject((block as { peer: Address }).peer, 'sync.bad-certificate', 6)).length).toBe(1);
    expect(sync.take(heightOf(10))).toBeUndefined();
    expect(asked(sync.plan(heightOf(10), 6))?.peer).toBe(b);
  });

  it('ignores a late answer, and one to a request that it never made', () => {
    const sync = syncWith([a, 20]);
    const request = asked(sync.plan(heightOf(10), 0)) as Asked;
    sync.plan(heightOf(10), 1_000);
    expect(sync.answered(request.request, answerOf(3), 1_001)).toEqual([]);
    sync.failed(99, 1_002);
    expect(sync.take(heightOf(10) as Height)).toBeUndefined();
  });

  it('wakes up when the only peer has been paused long enough', () => {
    const sync = syncWith([a, 20]);
    sync.failed((asked(sync.plan(heightOf(10), 0)) as Asked).request, 10);
    expect(sync.plan(heightOf(10), 10)).toEqual([{ type: 'wake', delayMs: 500 }]);
    expect(asked(sync.plan(heightOf(10), 510))?.peer).toBe(a);
  });
});
