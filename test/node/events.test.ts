import { describe, expect, it } from 'vitest';
import type { NodeEvent } from '../../src/api/service.ts';
import { EventHub } from '../../src/node/events.ts';
import { NODE_LIMITS } from '../../src/node/limits.ts';
import { SILENT_LOGGER } from '../../src/node/logger.ts';
import { until } from '../support/until.ts';

const event = (height: number): NodeEvent => ({ height }) as NodeEvent;
type Heard = number | 'dropped';
const name = (heard: NodeEvent | undefined): Heard => (heard === undefined ? 'dropped' : heard.height);

describe('events', () => {
  it('reach every subscriber in order, and never inside the call that publishes', async () => {
    const hub = new EventHub(SILENT_LOGGER);
    const heard: Heard[][] = [[], []];
    for (const list of heard) hub.subscribe((each) => list.push(name(each)));
    for (let i = 0; i < 3; i++) hub.publish(event(i));
    expect(heard).toEqual([[], []]);
    await until(() => heard.every((list) => list.length === 3), { what: 'all heard' });
    expect(heard).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });

  it('stop where a subscriber ended, and it hears nothing more', async () => {
    const hub = new EventHub(SILENT_LOGGER);
    const heard: Heard[] = [];
    const end = hub.subscribe((each) => heard.push(name(each)));
    hub.publish(event(1));
    end();
    hub.publish(event(2));
    hub.close();
    await Promise.resolve();
    expect([heard, hub.size]).toEqual([[], 0]);
  });

  it('drop a subscriber that falls too far behind, tell it so, and delay nobody', async () => {
    const hub = new EventHub(SILENT_LOGGER);
    const [slow, quick]: [Heard[], Heard[]] = [[], []];
    hub.subscribe((each) => {
      slow.push(name(each));
      return each === undefined ? undefined : new Promise(() => {});
    });
    hub.subscribe((each) => quick.push(name(each)));
    const count = NODE_LIMITS.subscriberEventsMax + 3;
    for (let i = 0; i < count; i++) {
      hub.publish(event(i));
      await Promise.resolve();
      await Promise.resolve();
    }
    await until(() => quick.length === count, { what: 'the quick one heard all' });
    expect([slow, hub.size]).toEqual([[0, 'dropped'], 1]);
  });

  it('drop a subscriber that throws, and one too many', async () => {
    const hub = new EventHub(SILENT_LOGGER);
    hub.subscribe(() => {
      throw new Error('a fault of the listener');
    });
    hub.publish(event(1));
    await until(() => hub.size === 0, { what: 'it is dropped' });
    for (let i = 0; i < NODE_LIMITS.subscribersMax; i++) hub.subscribe(() => {});
    const heard: Heard[] = [];
    hub.subscribe((each) => heard.push(name(each)));
    expect([heard, hub.size]).toEqual([['dropped'], NODE_LIMITS.subscribersMax]);
  });

  it('tell every subscriber when the node stops', () => {
    const hub = new EventHub(SILENT_LOGGER);
    const heard: Heard[] = [];
    hub.subscribe((each) => heard.push(name(each)));
    hub.close();
    expect([heard, hub.size]).toEqual([['dropped'], 0]);
  });

  it('are not taken in any more once the node has stopped, also while they are told of it', () => {
    const hub = new EventHub(SILENT_LOGGER);
    let told = 0;
    const again = (): void => {
      told++;
      hub.subscribe(again);
    };
    hub.subscribe(again);
    hub.close();
    hub.subscribe(again);
    expect([told, hub.size]).toEqual([1, 0]);
  });
});
