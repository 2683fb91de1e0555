import { assert } from '../base/assert.ts';
import type { Height } from '../base/brand.ts';
import type { SignedVote } from '../consensus/vote.ts';
import type { ReplicaEffect } from '../protocol/io.ts';
import { decodeStatus, encodeBlocksAnswer } from '../protocol/wire.ts';
import { StorageError } from '../storage/errors.ts';
import { asIs, type Behaviour, type Sent } from './byzantine/behaviour.ts';
import { TwinSplit } from './byzantine/twin.ts';
import type { HospitalNode, Seat } from './hospital-node.ts';
import type { HostInput, HostNetwork, SimulatedHost } from './host.ts';
import type { Simulation } from './simulation.ts';

type RequestBlocks = Extract<ReplicaEffect, { type: 'requestBlocks' }>;
type Message = Extract<HostInput, { type: 'message' }>;

/** What travels between processes: it needs a stream that stands, and a link that carries it. Traitors' words are altered as they leave. */
export class Wires {
  readonly #simulation: Simulation;
  readonly #splits = new Map<number, TwinSplit>();
  readonly #behaviours = new Map<number, Behaviour>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    const { nodes, plan } = simulation;
    for (const { node, behaviour, sides, sidesFromMs: fromMs = 0 } of plan.byzantine)
      if (behaviour === 'twin')
        this.#splits.set(node, new TwinSplit(plan.seed + node, nodes.length, sides ? { sides, fromMs } : null));
  }

  /** The network as one process of a node knows it. */
  of(node: HospitalNode, which: number, behaviour: Behaviour | null): HostNetwork {
    if (behaviour !== null) this.#behaviours.set(node.number, behaviour);
    const seat = node.seats[which] as Seat;
    const others = this.#simulation.nodes.filter((other) => other !== node);
    return {
      send: (to, input) => this.#message(node, which, this.#simulation.numberOf(to), input),
      broadcast: (input) => {
        for (const { number } of others) this.#message(node, which, number, input);
      },
      announce: (bytes) => {
        const status = decodeStatus(bytes);
        assert(status.ok, 'a replica announces a status');
        for (const { number } of others) this.#tellHeight(node, which, number, status.value.height);
      },
      requestBlocks: (effect) => this.#requestBlocks(node, seat, which, effect),
      requestStatus: (peer) => {
        const to = this.#simulation.numberOf(peer);
        this.#carry(node, which, to, ({ host, disk }, whichThere) => {
          const answering = this.#simulation.node(to);
          this.#serve(answering, host, () => {
            const votes = host?.replica.newestVotesOf(node.hospital.id) ?? [];
            this.#tellHeight(answering, whichThere, node.number, disk.height, votes);
          });
        });
      },
    };
  }

  #message(from: HospitalNode, which: number, to: number, input: HostInput): void {
    if (input.type !== 'message') return;
    for (const { bytes, delayMs } of this.#words(from, to, input)) {
      const send = () =>
        this.#carry(from, which, to, ({ host }) => host?.input(bytes === input.bytes ? input : { ...input, bytes }));
      if (delayMs === 0) send();
      else this.#simulation.scheduler.after(delayMs, send);
    }
  }

  #words({ number }: HospitalNode, to: number, { channel, bytes }: Message): readonly Sent[] {
    return this.#behaviours.get(number)?.outgoing?.(to, channel, bytes) ?? asIs(bytes);
  }

  #tellHeight(from: HospitalNode, which: number, to: number, height: Height, votes: readonly SignedVote[] = []): void {
    const claimed = this.#behaviours.get(from.number)?.claims?.(height) ?? height;
    const peer = from.hospital.id;
    this.#carry(from, which, to, ({ host }) => host?.input({ type: 'peerHeight', peer, height: claimed, votes }));
  }

  /** A lost request or answer is never heard of again: the replica's own time limit must see to it. An answer dies with its asker. */
  #requestBlocks(
    from: HospitalNode,
    seat: Seat,
    which: number,
    { peer, request, from: first, count }: RequestBlocks,
  ): void {
    const to = this.#simulation.numberOf(peer);
    const asker = seat.host;
    if (!this.#simulation.connections.has(from.number, to)) {
      asker?.input({ type: 'requestFailed', request });
      return;
    }
    this.#carry(from, which, to, ({ host, disk }) => {
      const answering = this.#simulation.node(to);
      this.#serve(answering, host, () => {
        const blocks = disk.blocks(first, count);
        const lie = this.#behaviours.get(to)?.answers;
        const bytes = lie === undefined ? encodeBlocksAnswer(blocks) : lie(blocks);
        if (bytes === null) return;
        this.#simulation.network.send(to, from.number, () => asker?.input({ type: 'blocksAnswered', request, bytes }));
      });
    });
  }

  /** Delivers to every process of `to` that runs and hears this one, if the stream between the two stood and stands. */
  #carry(from: HospitalNode, which: number, to: number, arrive: (seat: Seat, which: number) => void): void {
    const { connections, network } = this.#simulation;
    if (!connections.has(from.number, to) || !this.#hear(from.number, which, to)) return;
    network.send(from.number, to, () => {
      if (!connections.has(from.number, to)) return;
      this.#simulation.node(to).seats.forEach((seat, whichThere) => {
        const sameSide = which === whichThere || !this.#splits.has(from.number) || !this.#splits.has(to);
        if (seat.host !== null && sameSide && this.#hear(to, whichThere, from.number)) arrive(seat, whichThere);
      });
    });
  }

  #hear(number: number, which: number, peer: number): boolean {
    const split = this.#splits.get(number);
    return split === undefined || split.joins(which, peer, this.#simulation.sinceMs);
  }

  /** A disk that cannot be read ends the process that asked it. */
  #serve(node: HospitalNode, host: SimulatedHost | null, answer: () => void): void {
    host?.serve(() => {
      try {
        answer();
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        this.#simulation.operator.stopped(node, error.code);
      }
    });
  }
}
