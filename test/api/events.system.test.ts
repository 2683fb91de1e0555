import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Api, type ApiOptions, createApi } from '../../src/api/server.ts';
import { until } from '../support/until.ts';
import { idOf, idText, OPTIONS, signedHeaders } from './support.ts';
import type { TownService } from './town-service.ts';
import { buildWorld, signerOf, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await buildWorld();
});

const URL_OF_EVENTS = '/v1/events';

async function serve(limits: ApiOptions['limits'] = {}): Promise<Api> {
  const api = await createApi(world.service, { ...OPTIONS, limits });
  onTestFinished(() => api.close());
  return api;
}

interface Heard {
  readonly event: string;
  readonly id: number | null;
  readonly data: Record<string, never> & { height: number; events?: { name: string; to: string }[] };
}

/** Listens as `name`; what was heard grows in the background. */
async function listen(api: Api, name: string | null, lastEventId?: number) {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const headers = {
    ...signedHeaders(world.service, name, { url: URL_OF_EVENTS }),
    ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
  };
  const response = await fetch(api.address + URL_OF_EVENTS, { headers, signal: leaving.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const heard: Heard[] = [];
  const state = { text: '', ended: false };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      state.text += decoder.decode(chunk, { stream: true });
      heard.splice(0, heard.length, ...parse(state.text));
    }
  };
  void read()
    .catch(() => {})
    .finally(() => {
      state.ended = true;
    });
  return { heard, state, leave: () => leaving.abort() };
}

const parse = (text: string): Heard[] =>
  text
    .split('\n\n')
    .slice(0, -1)
    .flatMap((block) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      const data = field('data');
      if (data === undefined) return [];
      const id = field('id');
      return [{ event: field('event') ?? 'message', id: id === undefined ? null : Number(id), data: JSON.parse(data) }];
    });

const sealOne = (service: TownService): number => {
  service.seal(() => service.town.seal([]));
  return service.tip().header.height;
};
const heights = (heard: readonly Heard[]): number[] =>
  heard.filter(({ event }) => event === 'block').map(({ data }) => data.height);

describe('the event stream', () => {
  it('tells of the current block and then of each that is finalised', async () => {
    const { heard } = await listen(await serve(), null);
    const tip = world.service.tip().header.height;
    await until(() => heard.length === 1, { what: 'the current block' });
    sealOne(world.service);
    sealOne(world.service);
    await until(() => heard.length === 3, { what: 'two more' });
    expect(heights(heard)).toEqual([tip, tip + 1, tip + 2]);
    expect(heard.map(({ id }) => id)).toEqual([tip, tip + 1, tip + 2]);
  });

  it('tells who did not sign of heights alone', async () => {
    const { heard } = await listen(await serve(), null, 0);
    await until(() => heard.length === world.service.tip().header.height, { what: 'all blocks' });
    for (const { data } of heard) expect(Object.keys(data).sort()).toEqual(['blockHash', 'height', 'timestampMs']);
  });

  it('tells who signed what is addressed to them, live and replayed, and nothing else', async () => {
    const api = await serve();
    for (const name of ['patient', 'doctor']) {
      const { heard } = await listen(api, name, 0);
      await until(() => heard.length === world.service.tip().header.height, { what: 'all blocks' });
      const events = heard.flatMap(({ data }) => data.events ?? []);
      expect(events.map((event) => event.name)).toContain('RecordRead');
      expect(new Set(events.map(({ to }) => to))).toEqual(new Set([idText(idOf(name))]));
    }
    const { heard } = await listen(api, 'doctor');
    await until(() => heard.length === 1, { what: 'the current block' });
    world.service.seal(() => world.service.town.read('doctor', 'one'));
    await until(() => heard.length === 2, { what: 'the read' });
    expect(heard[1]?.data.events?.map(({ name }) => name)).toEqual(['RecordRead']);
  });

  it('gives a stranger and a suspended person no events', async () => {
    const api = await serve();
    const { heard } = await listen(api, signerOf('stranger'), 0);
    await until(() => heard.length > 5, { what: 'blocks' });
    expect(heard.flatMap(({ data }) => data.events ?? [])).toEqual([]);
    world.service.seal(() => world.service.town.act('hospital 1', 'suspend', { participant: idOf('other patient') }));
    const suspended = await listen(api, 'other patient', 0);
    await until(() => suspended.heard.length === world.service.tip().header.height, { what: 'all blocks' });
    expect(suspended.heard.flatMap(({ data }) => data.events ?? [])).toEqual([]);
  });

  it('goes on behind the last event that a client has heard', async () => {
    const tip = world.service.tip().header.height;
    const { heard } = await listen(await serve(), null, tip - 3);
    await until(() => heard.length === 3, { what: 'three blocks' });
    expect(heights(heard)).toEqual([tip - 2, tip - 1, tip]);
  });

  it('names the gap where a client is too far behind', async () => {
    const tip = world.service.tip().header.height;
    const { heard } = await listen(await serve({ replayBlocksMax: 2 }), null, 1);
    await until(() => heard.length === 3, { what: 'a gap and two blocks' });
    expect(heard[0]).toEqual({ event: 'gap', id: null, data: { from: 2, to: tip - 2 } });
    expect(heights(heard)).toEqual([tip - 1, tip]);
  });

  it('beats while nothing happens, and goes on after the node dropped its listeners', async () => {
    const { heard, state } = await listen(await serve({ heartbeatMs: 10 }), null);
    await until(() => state.text.includes(': still here'), { what: 'a heartbeat' });
    world.service.dropListeners();
    const height = sealOne(world.service);
    await until(() => heights(heard).includes(height), { what: 'the block after' });
  });

  it('frees its place when the client leaves, and ends when the server closes', async () => {
    const api = await serve({ listenersMax: 1 });
    const first = await listen(api, null);
    expect((await fetch(api.address + URL_OF_EVENTS)).status).toBe(503);
    first.leave();
    await until(
      async () => {
        const response = await fetch(api.address + URL_OF_EVENTS);
        await response.body?.cancel();
        return response.status === 200;
      },
      { what: 'the free place' },
    );
    const second = await until(() => listen(api, null).catch(() => null), { what: 'a place' });
    await api.close();
    await until(() => second.state.ended, { what: 'the end of the stream' });
    expect(world.service.openViews).toBe(0);
  });
});
