import { assert } from '../base/assert.ts';
import type { Address, Height, SecretKey } from '../base/brand.ts';
import { equal, toHex } from '../base/bytes.ts';
import type { ValidatorSet } from '../base/validators.ts';
import { type AnyEngine, engineOf } from '../consensus/engines.ts';
import { initialSigningRecord } from '../protocol/recovery.ts';
import { Clients } from './clients.ts';
import { Connections } from './connections.ts';
import type { CommitEffect } from './disk.ts';
import { FaultCounts } from './fault-counts.ts';
import { HospitalNode } from './hospital-node.ts';
import { memoised } from './memo.ts';
import { SimulatedNetwork } from './network.ts';
import type { Happening, Observation, Observer } from './observation.ts';
import { Operator } from './operator.ts';
import type { Plan } from './plan.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { StoredDisk } from './stored-disk.ts';
import { GENESIS_MS, type Town, validatorSecret } from './town.ts';
import { Wires } from './wires.ts';
import { Workload } from './workload.ts';

export interface SimulationOptions {
  readonly plan: Plan;
  readonly town: Town;
  readonly observers: readonly Observer[];
}

/** Every source of chance has a stream of its own, so that one more draw in one place moves no other. */
const STREAMS = {
  network: 1,
  disk: 2,
  clients: 3,
  workload: 4,
  operator: 5,
  behaviour: 6,
  twin: 7,
  faults: 8,
} as const;
type Stream = keyof typeof STREAMS;

const SAMPLE_EVERY_MS = 5_000;
/** Offset, drift over a long run, and one jump: no honest clock is further off. */
const SKEW_MAX_MS = 7_000;

/** One run of a plan: nodes, what joins them, and who uses them. What breaks them comes from `strikes.ts`. */
export class Simulation {
  readonly plan: Plan;
  readonly town: Town;
  readonly engine: AnyEngine;
  readonly scheduler = new Scheduler(GENESIS_MS);
  readonly network: SimulatedNetwork;
  readonly nodes: readonly HospitalNode[];
  readonly connections: Connections;
  readonly wires: Wires;
  readonly operator: Operator;
  readonly clients: Clients;
  readonly counts: FaultCounts;
  /** Commits that honest nodes made, and the newest height among them. */
  commits = 0;
  newest = 0;
  events = 0;
  readonly #observers: readonly Observer[];
  readonly #workload: Workload;
  readonly #numbers = new Map<string, number>();
  /** The set that decides the next height, as far as anybody honest knows. */
  #validators: ValidatorSet;

  constructor({ plan, town, observers }: SimulationOptions) {
    this.plan = plan;
    this.town = town;
    this.engine = memoised(engineOf(plan.engine));
    this.#observers = observers;
    this.#validators = town.tip.validators;
    this.network = new SimulatedNetwork(this.scheduler, this.stream('network'), {
      ...plan.network,
      loss: 0,
      ordered: true,
    });
    this.nodes = town.hospitals.map((_, number) => this.#newNode(number));
    this.connections = new Connections(this);
    this.wires = new Wires(this);
    this.operator = new Operator(this);
    this.counts = new FaultCounts((node, kind, detail) => this.observe(node, { type: 'fault', kind, detail }));
    this.clients = this.#newClients();
    this.#workload = new Workload({
      plan,
      town,
      clients: this.clients,
      scheduler: this.scheduler,
      random: this.stream('workload'),
      validators: () => this.#validators,
      nextKey: (node) => this.#nextKey(node),
      proposed: ({ change, node }) => this.counts.add(`validator-${change}`, node),
    });
  }

  /** A source of chance: the same for the same plan, name and part. */
  stream(name: Stream, part = 0): Random {
    return new Random(Math.imul(this.plan.seed + 1, 0x9e3779b1) ^ Math.imul(STREAMS[name] + 16 * part, 0x85ebca6b));
  }

  /** Since the genesis. */
  get sinceMs(): number {
    return this.scheduler.nowMs - GENESIS_MS;
  }

  start(): void {
    this.#observeGenesis();
    for (const { node, behaviour } of this.plan.byzantine) this.counts.add(behaviour, node);
    for (const node of this.nodes) if (node.holds === 0) this.operator.start(node);
    this.#workload.start();
    this.#sample();
  }

  observe(node: number, happening: Happening): void {
    this.events++;
    if (this.#observers.length === 0) return;
    const observation = observed(this.scheduler.nowMs, node, happening);
    for (const observer of this.#observers) observer(observation);
  }

  /** What happens in a process, seen from outside. */
  happened(node: HospitalNode, happening: Happening): void {
    this.observe(node.number, happening);
    if (happening.type !== 'effect') return;
    const { effect } = happening;
    if (effect.type === 'signingRefused') this.counts.add('signing-refused', node.number, effect.code);
    if (effect.type === 'commit' && node.honest) this.#committed(node, effect);
  }

  node(number: number): HospitalNode {
    const node = this.nodes[number];
    assert(node !== undefined, 'a plan names nodes that are there');
    return node;
  }

  /** The number of the node with this id. */
  numberOf(id: Address): number {
    const number = this.#numbers.get(toHex(id));
    assert(number !== undefined, 'only hospitals have nodes');
    return number;
  }

  #newNode(number: number): HospitalNode {
    const { plan, town } = this;
    const behaviour = plan.byzantine.find(({ node }) => node === number)?.behaviour ?? null;
    const secretKey = validatorSecret(town.primitives, number, 0);
    const validatorKey = town.primitives.publicKeyOf(secretKey);
    const hospital = town.hospitals[number] as Town['hospitals'][number];
    this.#numbers.set(toHex(hospital.id), number);
    const signer = { chainId: town.chainId, engine: plan.engine, validator: hospital.id, validatorKey };
    const seats = Array.from({ length: behaviour === 'twin' ? 2 : 1 }, (_, which) => {
      const random = this.stream('disk', 2 * number + which);
      const disk = new StoredDisk(town.newEnv(), town.rows, initialSigningRecord(signer), random, plan.disk);
      return { disk, host: null };
    });
    const skew = plan.skews[number] ?? { offsetMs: 0, driftPpm: 0 };
    return new HospitalNode({ number, hospital, behaviour, seats, skew, secretKey });
  }

  #newClients(): Clients {
    const doors = {
      open: () => this.nodes.flatMap(({ number, runs }) => (runs ? [number] : [])),
      submit: (node: number, transaction: Uint8Array) => this.#submit(node, transaction),
      height: () => this.newest as Height,
    };
    return new Clients(this.town, doors, this.scheduler, this.stream('clients'));
  }

  #submit(number: number, transaction: Uint8Array): void {
    const seat = this.node(number).seats.find(({ host }) => host !== null);
    seat?.host?.input({ type: 'submit', ticket: this.clients.submitted, transactions: [transaction] });
  }

  #committed(node: HospitalNode, effect: CommitEffect): void {
    this.commits++;
    const { nextValidators, receipts } = effect.execution;
    if (effect.height > this.newest) {
      this.newest = effect.height;
      this.#validators = nextValidators;
      for (const { transactionId } of receipts) this.clients.settled(transactionId);
    }
    this.operator.rotateWhereNamed(node, nextValidators);
  }

  /** The key to bind to a hospital next: a new one where it has one already. */
  #nextKey(number: number): SecretKey {
    const node = this.node(number);
    if (this.#validators.some(({ id }) => equal(id, node.hospital.id))) node.keysAsked++;
    return validatorSecret(this.town.primitives, number, node.keysAsked);
  }

  #observeGenesis(): void {
    const { primitives, chainId, genesis, block, tip, config } = this.town;
    const { clockAheadMaxMs: aheadMaxMs, clockBehindMaxMs: behindMaxMs } = genesis.parameters;
    this.observe(-1, {
      type: 'genesis',
      engine: this.engine.name,
      rules: this.engine.rules,
      primitives,
      chainId,
      header: block.block.header,
      hash: block.hash,
      validators: tip.validators,
      confirmationDepth: config.confirmationDepth,
      clocks: { aheadMaxMs, behindMaxMs, skewMaxMs: SKEW_MAX_MS },
    });
  }

  #sample(): void {
    for (const { number, honest, seat } of this.nodes) {
      const { host } = seat;
      if (host === null || !honest) continue;
      const { pool, unfinal } = host.replica;
      const sizes = {
        poolTransactions: pool.size,
        poolBytes: pool.bytes,
        queuedEffects: host.queued,
        unfinalBlocks: unfinal.length,
      };
      this.observe(number, { type: 'sample', sizes });
    }
    this.scheduler.after(SAMPLE_EVERY_MS, () => this.#sample());
  }
}

/** A happening with its time and place. What comes most is copied field by field: a spread of objects of many kinds is slow. */
function observed(atMs: number, node: number, happening: Happening): Observation {
  switch (happening.type) {
    case 'input':
      return { atMs, node, type: 'input', input: happening.input };
    case 'effect':
      return { atMs, node, type: 'effect', effect: happening.effect };
    case 'engine':
      return {
        atMs,
        node,
        type: 'engine',
        input: happening.input,
        effects: happening.effects,
        rules: happening.rules,
      };
    default:
      return { atMs, node, ...happening };
  }
}
