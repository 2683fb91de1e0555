import { ledgerOf } from '../protocol/chain-ledger.ts';
import { createReplica } from '../protocol/replica.ts';
import type { Behaviour } from './byzantine/behaviour.ts';
import { BEHAVIOUR_OF } from './byzantine/index.ts';
import type { HospitalNode, Seat } from './hospital-node.ts';
import { SimulatedHost } from './host.ts';
import type { Happening } from './observation.ts';
import type { Simulation } from './simulation.ts';

/** A process of this node: the shipped replica on its seat's disk. A traitor's is made of the same parts, altered. */
export function launch(simulation: Simulation, node: HospitalNode, which: number): SimulatedHost {
  const { town, scheduler, operator, wires } = simulation;
  const { primitives, config } = town;
  const { hospital, secretKey, honest, diskLost } = node;
  const { disk } = node.seats[which] as Seat;
  const behaviour = behaviourOf(simulation, node);
  const shipped = ledgerOf(town.newEnv());
  const ledger = behaviour?.ledger?.(shipped) ?? shipped;
  const engine = behaviour?.engine?.(simulation.engine) ?? simulation.engine;
  const validatorKey = primitives.publicKeyOf(secretKey);
  const observe = (happening: Happening) => simulation.happened(node, happening);
  observe({ type: 'started', publicKey: validatorKey, honest, height: disk.height, diskLost });
  return new SimulatedHost({
    id: hospital.id,
    secretKey,
    primitives,
    disk,
    scheduler,
    network: wires.of(node, which, behaviour),
    clock: () => node.clockAt(scheduler.nowMs),
    observe,
    writing: (type, writeMs) => operator.writing(node, type, writeMs),
    stopped: (code) => operator.stopped(node, code),
    replica: ({ tip, headersBelow, tipProof, signingRecord, signingSequenceAtTip }) =>
      createReplica({
        ledger,
        engine,
        config,
        self: hospital.id,
        validatorKey,
        tip,
        headersBelow,
        tipProof,
        signingRecord,
        signingSequenceAtTip,
        observe: ({ input, effects, rules }) => observe({ type: 'engine', input, effects, rules }),
      }),
  });
}

function behaviourOf(simulation: Simulation, node: HospitalNode): Behaviour | null {
  if (node.behaviour === null) return null;
  const { primitives, chainId, tip, hospitals } = simulation.town;
  return BEHAVIOUR_OF[node.behaviour]({
    node: node.number,
    id: node.hospital.id,
    secretKey: node.secretKey,
    peers: hospitals.map((_, i) => i).filter((i) => i !== node.number),
    primitives,
    chainId,
    engine: simulation.engine,
    genesisSet: tip.validators,
    random: simulation.stream('behaviour', node.number),
    nowMs: () => simulation.scheduler.nowMs,
  });
}
