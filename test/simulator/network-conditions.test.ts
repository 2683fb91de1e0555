import { describe, expect, it } from 'vitest';
import { type Disturbance, type NetworkConditions, SimulatedNetwork } from '../../src/simulator/network.ts';
import { Random } from '../../src/simulator/random.ts';
import { Scheduler } from '../../src/simulator/scheduler.ts';

const GOOD: NetworkConditions = { delayMinMs: 1, delayMaxMs: 20, loss: 0, ordered: true };
const everyone: Disturbance['touches'] = () => true;

/** Sends numbered messages from one node to another, one a millisecond, and answers the numbers in order of arrival. */
function sent(network: SimulatedNetwork, scheduler: Scheduler, count: number, from = 0, to = 1): readonly number[] {
  const arrived: number[] = [];
  for (let i = 0; i < count; i++)
    scheduler.after(i, () => {
      network.send(from, to, () => arrived.push(i));
    });
  while (scheduler.step(Number.POSITIVE_INFINITY));
  return arrived;
}

function networkWith(...disturbances: readonly Disturbance[]) {
  const scheduler = new Scheduler(0);
  const network = new SimulatedNetwork(scheduler, new Random(11), GOOD);
  for (const disturbance of disturbances) network.disturb(disturbance);
  return { scheduler, network };
}

const inOrder = (numbers: readonly number[]): boolean =>
  numbers.every((n, i) => i === 0 || (numbers[i - 1] as number) <= n);

describe('the network on a good day', () => {
  it('keeps the order of each stream, whatever the delays', () => {
    const { scheduler, network } = networkWith();
    const arrived = sent(network, scheduler, 300);
    expect([arrived.length, inOrder(arrived)]).toEqual([300, true]);
    expect(network.counts.overtaken).toBe(0);
  });
});

describe('a disturbance', () => {
  it('loses about the share that it says, of the links that it touches', () => {
    const { scheduler, network } = networkWith({ touches: (from, to) => from === 0 && to === 1, loss: 0.3 });
    expect(sent(network, scheduler, 2_000).length / 2_000).toBeCloseTo(0.7, 1);
    expect(sent(network, scheduler, 200, 1, 0).length).toBe(200);
    expect(network.counts.lost).toBeGreaterThan(500);
  });

  it('delivers about the share that it says twice', () => {
    const { scheduler, network } = networkWith({ touches: everyone, duplication: 0.5 });
    expect(sent(network, scheduler, 2_000).length / 2_000).toBeCloseTo(1.5, 1);
    expect(network.counts.duplicated).toBeGreaterThan(800);
  });

  it('delays up to its limit', () => {
    const { scheduler, network } = networkWith({ touches: everyone, delayMaxMs: 10_000, reordering: true });
    const delays: number[] = [];
    for (let i = 0; i < 300; i++) network.send(0, 1, () => delays.push(scheduler.nowMs));
    while (scheduler.step(Number.POSITIVE_INFINITY));
    expect(Math.max(...delays)).toBeGreaterThan(9_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(10_000);
  });

  it('lets messages of one stream overtake each other where it reorders', () => {
    const { scheduler, network } = networkWith({ touches: everyone, reordering: true });
    const arrived = sent(network, scheduler, 300);
    expect([arrived.length, inOrder(arrived)]).toEqual([300, false]);
    expect(network.counts.overtaken).toBeGreaterThan(50);
  });

  it('cuts one way and leaves the other', () => {
    const { scheduler, network } = networkWith({ touches: (from, to) => from === 0 && to === 1, cut: true });
    expect(sent(network, scheduler, 20, 0, 1).length).toBe(0);
    expect(sent(network, scheduler, 20, 1, 0).length).toBe(20);
    expect([network.reaches(0, 1), network.reaches(1, 0)]).toEqual([false, true]);
  });

  it('adds up with others, and leaves nothing behind when it has settled', () => {
    const cut: Disturbance = { touches: everyone, cut: true };
    const { scheduler, network } = networkWith({ touches: everyone, loss: 0.1 }, cut);
    expect(sent(network, scheduler, 50).length).toBe(0);
    network.settle(cut);
    const some = sent(network, scheduler, 500).length;
    expect(some).toBeGreaterThan(400);
    expect(some).toBeLessThan(500);
  });
});
