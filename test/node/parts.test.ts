import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Address, Hash, Height } from '../../src/base/brand.ts';
import { toHex } from '../../src/base/bytes.ts';
import { genesisBlock } from '../../src/ledger/genesis-block.ts';
import { StateOverlay } from '../../src/ledger/state/overlay.ts';
import { hospitals as hospitalRows } from '../../src/ledger/state/tables.ts';
import { zeroCounters } from '../../src/network/metrics.ts';
import { BlameBook } from '../../src/node/blame-book.ts';
import { NODE_CODES } from '../../src/node/codes.ts';
import { gather } from '../../src/node/gather.ts';
import { openGenesis } from '../../src/node/identity.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { createLogger, type LogFields } from '../../src/node/logger.ts';
import { renderMetrics } from '../../src/node/metrics.ts';
import { PeerGate } from '../../src/node/peer-gate.ts';
import { PeerRoll } from '../../src/node/peer-roll.ts';
import { peersOf, touchesPeers } from '../../src/node/peers.ts';
import { ReadinessWatch } from '../../src/node/readiness.ts';
import { makeConsortium, primitives, seeded } from '../support/consortium.ts';

const address = (n: number): Address => new Uint8Array(20).fill(n) as Address;

describe('codes', () => {
  it('are each used somewhere in the folder', async () => {
    const folder = new URL('../../src/node/', import.meta.url);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && name !== 'codes.ts');
    const text = (await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')))).join('\n');
    for (const code of Object.keys(NODE_CODES)) expect(text.includes(`'${code}'`), code).toBe(true);
  });
});

describe('the log', () => {
  const logged = (event: string, fields: LogFields, level: 'debug' | 'warn' = 'debug') => {
    const lines: string[] = [];
    const logger = createLogger({ level, write: (line) => lines.push(line), clock: () => 0 });
    logger.info(event, fields);
    return lines;
  };

  it('is one JSON object a line, below the level nothing', () => {
    expect(logged('started', { height: 3, ok: true, none: null })).toEqual([
      '{"time":"1970-01-01T00:00:00.000Z","level":"info","event":"started","height":3,"ok":true,"none":null}',
    ]);
    expect(logged('started', {}, 'warn')).toEqual([]);
  });

  it('shows ids, and no bytes that could be a key or a piece of a record', () => {
    const line = logged('x', { peer: address(171), key: seeded('key', 32), share: seeded('share', 64) })[0] as string;
    expect(line).toContain(`"peer":"${'ab'.repeat(20)}"`);
    expect(line).toContain('"key":"[32 bytes]"');
    expect(line).not.toContain(toHex(seeded('share', 64)).slice(0, 8));
  });

  it('redacts what is named like a secret, and cuts long text and line breaks', () => {
    const line = logged('x', { apiToken: 'abc', peerSeed: 'def', text: `a\n${'b'.repeat(500)}` })[0] as string;
    expect(line).not.toMatch(/abc|def|\n/);
    expect(line.length).toBeLessThan(400);
  });
});

describe('readiness', () => {
  it('is refused before the start, without peers, while catching up, and after the stop', () => {
    const watch = new ReadinessWatch();
    const at = (height: number, connected = 3) => watch.at(height as Height, connected, 3).code;
    expect(at(9)).toBe('node.not-started');
    watch.open();
    expect(at(9)).toBeNull();
    expect(at(9, 0)).toBe('node.no-peers');
    expect(watch.at(9 as Height, 0, 0)).toEqual({ ready: true, code: null });
    watch.reported(address(1), 50 as Height);
    expect(at(9)).toBeNull();
    watch.reported(address(2), 30 as Height);
    expect(at(9)).toBe('node.catching-up');
    expect(at(28)).toBeNull();
    watch.disconnected(address(2));
    expect(at(9)).toBeNull();
    watch.refuseSigning('signing-record.lost');
    expect(watch.at(9 as Height, 3, 3)).toEqual({ ready: true, code: 'signing-record.lost' });
    watch.close('node.stopped');
    expect(at(9)).toBe('node.stopped');
  });
});

describe('peers', () => {
  const consortium = makeConsortium(4, { addresses: [['/ip4/127.0.0.1/tcp/1'], [], [], []] });
  const { view } = genesisBlock(openGenesis(primitives, consortium.genesisText)).execution;
  const [self, second, third] = consortium.hospitals.map(({ id }) => id) as [Address, Address, Address];

  it('are the active hospitals of the chain but this one, at their own addresses or those of the configuration', () => {
    const state = new StateOverlay(view);
    const row = hospitalRows.get(state, toHex(third));
    if (row === undefined) throw new Error('the third hospital stands in the genesis');
    hospitalRows.set(state, { ...row, status: 'suspended' }, toHex(third));
    const peers = peersOf(state, second, [{ hospital: toHex(self), addresses: ['/ip4/10.0.0.1/tcp/2'] }]);
    expect(peers.map(({ hospital }) => toHex(hospital)).sort()).toEqual(
      consortium.hospitals
        .filter(({ number }) => number === 1 || number === 4)
        .map(({ id }) => toHex(id))
        .sort(),
    );
    expect(peers.find(({ hospital }) => toHex(hospital) === toHex(self))?.addresses).toEqual(['/ip4/10.0.0.1/tcp/2']);
  });

  it('under vote read along: they are served blocks, and nobody counts on them before they are voted in', () => {
    const state = new StateOverlay(view);
    const row = hospitalRows.get(state, toHex(third));
    if (row === undefined) throw new Error('the third hospital stands in the genesis');
    const peersWhile = (status: 'pending' | 'active') => {
      hospitalRows.set(state, { ...row, status }, toHex(third));
      return peersOf(state, self);
    };
    const isThird = ({ hospital }: { hospital: Address }) => toHex(hospital) === toHex(third);
    expect(peersWhile('pending').find(isThird)?.syncOnly).toBe(true);
    expect(peersWhile('active').find(isThird)).not.toHaveProperty('syncOnly');

    const roll = new PeerRoll({ connected: () => [second, third] });
    expect(roll.set(peersWhile('pending'))).toEqual([]);
    expect([roll.others, roll.connected(), roll.takesPart(third)]).toEqual([2, [second], false]);
    expect(roll.set(peersWhile('active'))).toEqual([third]);
    expect([roll.others, roll.connected(), roll.takesPart(third)]).toEqual([3, [second, third], true]);
    expect(roll.set(peersWhile('active'))).toEqual([]);
  });

  it('may change with a block that writes a hospital, and with no other', () => {
    expect(touchesPeers(new Map([['hospital/00', null]]))).toBe(true);
    expect(touchesPeers(new Map([['hospitals/all', new Uint8Array(1)]]))).toBe(true);
    expect(touchesPeers(new Map([['record/00', null]]))).toBe(false);
  });

  it('are dropped for a while after too many faults, and are back afterwards', () => {
    let nowMs = 0;
    const book = new BlameBook(() => nowMs);
    const blame = (times: number) => Array.from({ length: times }, () => book.blame(self)).filter(Boolean).length;
    expect(blame(NODE_LIMITS.blamesMax - 1)).toBe(0);
    nowMs += NODE_LIMITS.blameWindowMs + 1;
    expect(blame(NODE_LIMITS.blamesMax - 1)).toBe(0);
    expect(book.isPaused(self)).toBe(false);
    expect(blame(1)).toBe(1);
    expect([book.isPaused(self), book.isPaused(second)]).toEqual([true, false]);
    nowMs += NODE_LIMITS.peerPauseMs;
    expect(book.isPaused(self)).toBe(false);
  });
});

describe('answers of several hospitals', () => {
  it('are enough once as many as wanted came, or none is outstanding', async () => {
    const never = new Promise<number>(() => {});
    expect(await gather([Promise.resolve(1), Promise.resolve(undefined), Promise.resolve(2), never], 2)).toEqual([
      1, 2,
    ]);
    expect(await gather([Promise.resolve(undefined), Promise.resolve(1)], 5)).toEqual([1]);
    expect(await gather([], 5)).toEqual([]);
    expect(await gather([never], 0)).toEqual([]);
  });

  it('are asked for in turn, at most so many at once from each', async () => {
    const gate = new PeerGate();
    const finish: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const task = (peer: Address) =>
      gate.run(peer, async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => finish.push(resolve));
        running--;
      });
    const tasks = Array.from({ length: 5 }, () => task(address(1)));
    expect(running).toBe(NODE_LIMITS.requestsPerPeer);
    tasks.push(task(address(2)));
    expect(running).toBe(NODE_LIMITS.requestsPerPeer + 1);
    for (let i = 0; i < 6; i++) {
      finish[i]?.();
      await tasks[Math.min(i, 1)];
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(tasks);
    expect(most).toBe(NODE_LIMITS.requestsPerPeer + 1);
  });

  it('are refused where too many wait', async () => {
    const gate = new PeerGate();
    const never = () => new Promise<void>(() => {});
    for (let i = 0; i < NODE_LIMITS.requestsPerPeer + NODE_LIMITS.requestsWaitingMax; i++)
      void gate.run(address(1), never);
    await expect(gate.run(address(1), never)).rejects.toMatchObject({ code: 'duty.busy' });
  });
});

describe('metrics', () => {
  it('are families of Prometheus text, each named once', () => {
    const text = renderMetrics({
      blames: 1,
      afterCommitWaiting: 2,
      recordsMissing: 3,
      subscribers: 4,
      rejected: 5,
      signs: true,
      network: { ...zeroCounters(), connectedPeers: 3 },
    });
    const names = [...text.matchAll(/^# TYPE (\S+) (?:gauge|counter)$/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(text).toContain('\ncarechain_node_signs 1\n');
    expect(text).toContain('\ncarechain_network_messages_dropped_total 0\n');
    expect(text.split('\n').filter((line) => line !== '' && !/^(?:# |[a-z_]+ \d+$)/.test(line))).toEqual([]);
  });
});

describe('the genesis file', () => {
  it('is refused with its reason where it is none', () => {
    expect(() => openGenesis(primitives, '{}')).toThrow(expect.objectContaining({ code: 'node-file.malformed' }));
  });

  it('names the same chain each time', () => {
    const { genesisText, chainId } = makeConsortium(2);
    expect(openGenesis(primitives, genesisText).chainId).toEqual(chainId as Hash);
  });
});
