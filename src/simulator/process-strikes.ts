import type { PROCESS_KINDS } from './fault.ts';
import type { StrikesOf } from './strikes.ts';

export const processStrikes: StrikesOf<(typeof PROCESS_KINDS)[number] | 'late-start'> = {
  crash(simulation, { node: number }) {
    const node = simulation.node(number);
    simulation.operator.hold(node);
    return () => simulation.operator.release(node);
  },

  'restart-storm'(simulation, { nodes, periodMs }) {
    const { operator, scheduler, counts } = simulation;
    let over = false;
    const again = () => {
      if (over) return;
      for (const number of nodes) {
        const node = simulation.node(number);
        if (!node.runs) continue;
        counts.add('storm-restart', number);
        operator.hold(node);
        scheduler.after(Math.floor(periodMs / 3), () => operator.release(node));
      }
      scheduler.after(periodMs, again);
    };
    again();
    return () => {
      over = true;
    };
  },

  'power-cut'({ operator }, fault) {
    operator.arm(fault);
    return () => operator.callOff(fault);
  },

  'late-start'(simulation, { node: number, from }) {
    const node = simulation.node(number);
    const { operator } = simulation;
    operator.hold(node);
    return () => {
      operator.replaceChain(node, from);
      operator.newSigningFile(node);
      operator.release(node);
    };
  },

  pause(simulation, { node: number }) {
    const node = simulation.node(number);
    node.pauses++;
    for (const { host } of node.seats) host?.pause();
    return () => {
      node.pauses--;
      if (node.pauses === 0) for (const { host } of node.seats) host?.resume();
    };
  },

  'clock-jump'(simulation, { node: number, byMs }) {
    const node = simulation.node(number);
    node.jumpMs += byMs;
    return () => {
      node.jumpMs -= byMs;
    };
  },
};
