import type { Links, NETWORK_KINDS } from './fault.ts';
import type { Disturbance } from './network.ts';
import type { Simulation } from './simulation.ts';
import type { End, StrikesOf } from './strikes.ts';

type Touches = Disturbance['touches'];

export const networkStrikes: StrikesOf<(typeof NETWORK_KINDS)[number]> = {
  loss: (simulation, { links, share }) => disturb(simulation, { touches: along(links), loss: share }),
  duplication: (simulation, { links, share }) => disturb(simulation, { touches: along(links), duplication: share }),
  delay: (simulation, { links, delayMaxMs }) => disturb(simulation, { touches: along(links), delayMaxMs }),
  reordering: (simulation, { links }) => disturb(simulation, { touches: along(links), reordering: true }),
  partition: (simulation, { group }) => disturb(simulation, { touches: across(group), cut: true }),
  'one-way': (simulation, { from, to }) => disturb(simulation, { touches: along({ from, to }), cut: true }),

  flapping(simulation, { group, periodMs }) {
    let mend: End | null = null;
    let over = false;
    const turn = () => {
      if (over) return;
      if (mend === null) mend = disturb(simulation, { touches: across(group), cut: true });
      else {
        mend();
        mend = null;
      }
      simulation.scheduler.after(periodMs, turn);
    };
    turn();
    return () => {
      over = true;
      mend?.();
    };
  },

  disconnect({ connections }, { nodes: [a, b] }) {
    connections.keepApart(a, b);
    return () => connections.letJoin(a, b);
  },
};

function disturb({ network }: Simulation, disturbance: Disturbance): End {
  network.disturb(disturbance);
  return () => network.settle(disturbance);
}

const along =
  ({ from, to }: Links): Touches =>
  (a, b) =>
    (from === null || from.includes(a)) && (to === null || to.includes(b));

const across =
  (group: readonly number[]): Touches =>
  (a, b) =>
    group.includes(a) !== group.includes(b);
