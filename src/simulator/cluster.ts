import { assert } from '../base/assert.ts';
import type { Address, Hash, Height, SecretKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import type { Result } from '../base/result.ts';
import type { Engine } from '../consensus/engine.ts';
import type { ReplicaConfig, ReplicaEffect } from '../protocol/io.ts';
import type { Ledger } from '../protocol/ledger.ts';
import { initialSigningRecord } from '../protocol/recovery.ts';
import { createReplica } from '../protocol/replica.ts';
import { decodeStatus, encodeBlocksAnswer } from '../protocol/wire.ts';
import { Checkers } from './checkers.ts';
import { type GenesisState, SimulatedDisk } from './disk.ts';
import { type HostInput, type HostNetwork, SimulatedHost } from './host.ts';
import { type NetworkConditions, SimulatedNetwork } from './network.ts';
import type { Happening, Observer } from './observation.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';

export interface Member {
  readonly id: Address;
  readonly secretKey: SecretKey;
}

export interface ClusterOptions<State, Message> {
  readonly seed: number;
  readonly engine: Engine<State, Message>;
  readonly config: ReplicaConfig;
  /** Nodes in the order of their numbers. Who is no validator of the genesis follows. */
  readonly members: readonly Member[];
  readonly genesis: GenesisState;
  /** A ledger of its own for each node: nothing but messages connects them. */
  readonly ledger: (node: number) => Ledger;
  readonly conditions: NetworkConditions;
  readonly diskMs: number;
  readonly skewMs?: (node: number) => number;
  readonly watchers?: readonly Observer[];
}

interface Node {
  readonly member: Member;
  readonly ledger: Ledger;
  readonly disk: SimulatedDisk;
  host: SimulatedHost | null;
}

/** A whole consortium on a virtual clock. The same options and calls give the same run, to the byte. */
export class Cluster<State, Message> {
  readonly #options: ClusterOptions<State, Message>;
  readonly #nodes: readonly Node[];
  readonly #numbers = new Map<string, number>();
  readonly scheduler: Scheduler;
  readonly network: SimulatedNetwork;
  readonly checkers = new Checkers();
  #tickets = 0;

  constructor(options: ClusterOptions<State, Message>) {
    this.#options = options;
    this.scheduler = new Scheduler(options.genesis.header.timestampMs);
    this.network = new SimulatedNetwork(this.scheduler, new Random(options.seed), options.conditions);
    this.#nodes = options.members.map((member, i) => {
      this.#numbers.set(toHex(member.id), i);
      const disk = new SimulatedDisk(options.genesis, options.diskMs);
      const ledger = options.ledger(i);
      const validatorKey = ledger.primitives.publicKeyOf(member.secretKey);
      const signer = { chainId: ledger.chainId, engine: options.engine.name, validator: member.id, validatorKey };
      disk.signingRecord = initialSigningRecord(signer);
      return { member, ledger, disk, host: null };
    });
  }

  start(nodes: readonly number[] = this.#nodes.map((_, i) => i)): void {
    for (const node of nodes) this.restart(node);
  }

  crash(node: number): void {
    const { host } = this.#node(node);
    assert(host !== null, 'only a running node crashes');
    host.crash();
    this.#node(node).host = null;
    this.#others(node).forEach((other) => {
      this.#node(other).host?.input({ type: 'peerDisconnected', peer: this.#node(node).member.id });
    });
  }

  /** Starts a node from its disk. */
  restart(number: number): void {
    const node = this.#node(number);
    assert(node.host === null, 'a node runs once');
    const host = this.#hostOf(number, node);
    node.host = host;
    host.input({ type: 'started' });
    for (const other of this.#others(number)) {
      const peer = this.#node(other);
      if (peer.host === null) continue;
      host.input({ type: 'peerConnected', peer: peer.member.id });
      peer.host.input({ type: 'peerConnected', peer: node.member.id });
    }
  }

  /** Cuts the network into groups; `heal` joins it again. Connections stay: what is sent into a cut is lost. */
  partition(...groups: readonly (readonly number[])[]): void {
    this.network.partition(groups);
  }

  heal(): void {
    this.network.heal();
  }

  /** Hands transactions to one node's door. The answers stand in `answers` once its queue has run. */
  submit(node: number, transactions: readonly Uint8Array[]): number {
    const ticket = ++this.#tickets;
    this.host(node).input({ type: 'submit', ticket, transactions });
    return ticket;
  }

  answers(node: number, ticket: number): readonly Result<Hash>[] | undefined {
    return this.host(node).answers(ticket);
  }

  host(node: number): SimulatedHost {
    const { host } = this.#node(node);
    assert(host !== null, 'the node runs');
    return host;
  }

  disk(node: number): SimulatedDisk {
    return this.#node(node).disk;
  }

  height(node: number): Height {
    return this.disk(node).height;
  }

  run(durationMs: number): void {
    this.runUntil(() => false, durationMs);
  }

  /** Runs until `reached` holds. False where it does not within `limitMs` of virtual time. */
  runUntil(reached: () => boolean, limitMs: number): boolean {
    const endMs = this.scheduler.nowMs + limitMs;
    while (!reached()) {
      if (this.scheduler.step(endMs)) continue;
      this.scheduler.rest(endMs);
      return reached();
    }
    return true;
  }

  /** Every running node has reached `height`. */
  allAt(height: number): boolean {
    return this.#nodes.every(({ host, disk }) => host === null || disk.height >= height);
  }

  #hostOf(index: number, { member, ledger, disk }: Node): SimulatedHost {
    const { engine, config, skewMs, genesis } = this.#options;
    const { primitives } = ledger;
    const isValidator = genesis.validators.some(({ id }) => equal(id, member.id));
    const observe = (happening: Happening) => this.#observe(index, happening);
    const validatorKey = isValidator ? primitives.publicKeyOf(member.secretKey) : null;
    observe({ type: 'started', publicKey: validatorKey, honest: true, height: disk.height });
    return new SimulatedHost({
      ...member,
      primitives,
      disk,
      scheduler: this.scheduler,
      network: this.#networkOf(index),
      clock: () => this.scheduler.nowMs + (skewMs?.(index) ?? 0),
      observe,
      replica: ({ tip, headersBelow, tipProof, signingRecord, signingSequenceAtTip }) =>
        createReplica({
          ledger,
          engine,
          config,
          self: isValidator ? member.id : null,
          validatorKey,
          tip,
          headersBelow,
          tipProof,
          signingRecord,
          signingSequenceAtTip,
          observe: (step) => observe({ type: 'engine', ...step }),
        }),
    });
  }

  #observe(node: number, happening: Happening): void {
    if (happening.type === 'effect') this.checkers.effect(node, happening.effect);
    for (const watcher of this.#options.watchers ?? []) watcher({ atMs: this.scheduler.nowMs, node, ...happening });
  }

  #networkOf(from: number): HostNetwork {
    return {
      send: (to, input) => this.#deliver(from, this.#numberOf(to), input),
      broadcast: (input) => {
        for (const to of this.#others(from)) this.#deliver(from, to, input);
      },
      announce: (bytes) => {
        const status = decodeStatus(bytes);
        assert(status.ok, 'a replica announces a status');
        const peer = this.#node(from).member.id;
        for (const to of this.#others(from))
          this.#deliver(from, to, { type: 'peerHeight', peer, height: status.value.height });
      },
      requestBlocks: (effect) => this.#requestBlocks(from, effect),
      requestStatus: (peer) => {
        const to = this.#numberOf(peer);
        this.network.send(from, to, () => {
          const { host } = this.#node(to);
          if (host === null) return;
          const votes = host.replica.newestVotesOf(this.#node(from).member.id);
          this.#deliver(to, from, { type: 'peerHeight', peer, height: this.height(to), votes });
        });
      },
    };
  }

  /** A lost request or answer is never heard of again: the replica's own time limit must see to it. An answer dies with its asker. */
  #requestBlocks(from: number, effect: Extract<ReplicaEffect, { type: 'requestBlocks' }>): void {
    const { request, count } = effect;
    const asker = this.#node(from).host;
    const to = this.#numberOf(effect.peer);
    const answer = (input: HostInput) => this.network.send(to, from, () => asker?.input(input));
    this.network.send(from, to, () => {
      if (this.#node(to).host === null) return answer({ type: 'requestFailed', request });
      const bytes = encodeBlocksAnswer(this.disk(to).blocks(effect.from, count));
      answer({ type: 'blocksAnswered', request, bytes });
    });
  }

  #deliver(from: number, to: number, input: HostInput): void {
    this.network.send(from, to, () => this.#node(to).host?.input(input));
  }

  #node(number: number): Node {
    const node = this.#nodes[number];
    assert(node !== undefined, 'there is a node of this number');
    return node;
  }

  #numberOf(id: Address): number {
    const number = this.#numbers.get(toHex(id));
    assert(number !== undefined, 'only members have ids');
    return number;
  }

  #others(number: number): readonly number[] {
    return this.#nodes.map((_, i) => i).filter((i) => i !== number);
  }
}
