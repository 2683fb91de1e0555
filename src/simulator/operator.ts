import type { SecretKey } from '../base/brand.ts';
import { equal } from '../base/bytes.ts';
import type { ValidatorSet } from '../base/validators.ts';
import { initialSigningRecord } from '../protocol/recovery.ts';
import { StorageError } from '../storage/errors.ts';
import type { WriteEffect } from './disk.ts';
import type { HospitalNode } from './hospital-node.ts';
import { launch } from './launch.ts';
import type { Random } from './random.ts';
import type { Simulation } from './simulation.ts';
import type { FaultOf } from './strikes.ts';
import { validatorSecret } from './town.ts';

type PowerCut = FaultOf<'power-cut'>;

/** How long somebody takes to start a process that ended by itself. */
const RESTART_MIN_MS = 300;
const RESTART_MAX_MS = 2_000;

/** The chain of this node is of no use any more: it is copied from others, or synced from nothing. */
const MENDED_BY_RESYNC: ReadonlySet<string> = new Set([
  'storage.corrupt',
  'storage.tip-damaged',
  'clique.deep-reversal',
]);

/** Those who run the hospitals' machines: they start what ended, mend what broke, and change keys when the chain says so. */
export class Operator {
  readonly #simulation: Simulation;
  readonly #random: Random;
  #cuts: readonly PowerCut[] = [];

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#random = simulation.stream('operator');
  }

  /** One more fault keeps the node down. */
  hold(node: HospitalNode): void {
    node.holds++;
    this.end(node);
  }

  /** One fault less; it starts when none is left. */
  release(node: HospitalNode): void {
    node.holds--;
    if (node.holds === 0) this.start(node);
  }

  restart(node: HospitalNode): void {
    this.hold(node);
    this.#releaseSoon(node);
  }

  start(node: HospitalNode): void {
    try {
      for (const { disk } of node.seats) disk.verify();
      node.seats.forEach((seat, which) => {
        seat.host = launch(this.#simulation, node, which);
      });
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.end(node);
      this.stopped(node, error.code);
      return;
    }
    node.diskLost = false;
    for (const { host } of node.seats) {
      if (node.pauses > 0) host?.pause();
      host?.input({ type: 'started' });
    }
    if (node.runs) this.#simulation.connections.started(node.number);
  }

  end(node: HospitalNode): void {
    if (!node.runs) return;
    for (const seat of node.seats) {
      seat.host?.crash();
      seat.host = null;
    }
    this.#simulation.connections.ended(node.number);
  }

  /**
   * A process ended by itself, because of its disk or of what it saw. Of a reversal deeper than what was confirmed the chain goes and the record
   * of what was signed stays. What has no remedy here stays down.
   */
  stopped(node: HospitalNode, code: string): void {
    this.end(node);
    this.#simulation.counts.add('stopped', node.number, code);
    node.holds++;
    if (MENDED_BY_RESYNC.has(code)) {
      this.replaceChain(node, this.#random.pick(['genesis', 'snapshot']));
      this.#releaseSoon(node);
    } else if (code.startsWith('storage.')) {
      this.#releaseSoon(node);
    }
  }

  /** Puts the beginning, or a copy of another node's chain, in the place of this one's. A signing record never comes from elsewhere. */
  replaceChain(node: HospitalNode, from: 'genesis' | 'snapshot'): void {
    const { counts, town } = this.#simulation;
    const donor = from === 'snapshot' ? this.#donorFor(node) : undefined;
    for (const { disk } of node.seats) disk.replaceChain(donor?.seat.disk.rows ?? town.rows);
    node.diskLost = true;
    if (donor !== undefined) counts.add('snapshot', node.number, `from node ${donor.number}`);
  }

  /** A record for a key that has signed nothing. It counts on from what the chain noted last, or it would look like an old copy. */
  newSigningFile(node: HospitalNode): void {
    const { town, plan } = this.#simulation;
    for (const { disk } of node.seats)
      disk.newSigningFile(
        initialSigningRecord(
          {
            chainId: town.chainId,
            engine: plan.engine,
            validator: node.hospital.id,
            validatorKey: town.primitives.publicKeyOf(node.secretKey),
          },
          disk.signingSequenceAtTip,
        ),
      );
  }

  /** The set names a newer key of this hospital: it is started again with that key and a record of its own. Never with an older one. */
  rotateWhereNamed(node: HospitalNode, set: ValidatorSet): void {
    const { primitives } = this.#simulation.town;
    const named = set.find(({ id }) => equal(id, node.hospital.id));
    if (named === undefined || equal(named.publicKey, primitives.publicKeyOf(node.secretKey))) return;
    for (let generation = node.keyGeneration + 1; generation <= node.keysAsked; generation++) {
      const secretKey = validatorSecret(primitives, node.number, generation);
      if (!equal(named.publicKey, primitives.publicKeyOf(secretKey))) continue;
      const delayMs = this.#random.integer(0, RESTART_MAX_MS);
      this.#simulation.scheduler.after(delayMs, () => this.#takeKey(node, generation, secretKey));
    }
  }

  /** A durable write begins: the moment that a torn write, or a power cut, has waited for. */
  writing(node: HospitalNode, type: WriteEffect['type'], writeMs: number): void {
    if (node.tearsNextWrite) {
      node.tearsNextWrite = false;
      this.#cut('torn-write', [node], Math.floor(writeMs / 2));
    }
    const cut = this.#cuts.find(({ on, nodes }) => on === type && nodes.includes(node.number));
    if (cut === undefined) return;
    this.callOff(cut);
    const nodes = cut.nodes.map((number) => this.#simulation.node(number));
    this.#cut('power-cut', nodes, cut.afterMs);
  }

  /** Power will fail at the first write of a kind. */
  arm(cut: PowerCut): void {
    this.#cuts = [...this.#cuts, cut];
  }

  callOff(cut: PowerCut): void {
    this.#cuts = this.#cuts.filter((other) => other !== cut);
  }

  #cut(kind: string, nodes: readonly HospitalNode[], afterMs: number): void {
    this.#simulation.scheduler.after(afterMs, () => {
      const struck = nodes.filter((node) => node.runs);
      if (struck.length > 0) this.#simulation.counts.add(kind, struck.length === 1 ? (struck[0]?.number ?? -1) : -1);
      for (const node of struck) this.restart(node);
    });
  }

  #takeKey(node: HospitalNode, generation: number, secretKey: SecretKey): void {
    if (generation <= node.keyGeneration) return;
    this.hold(node);
    node.keyGeneration = generation;
    node.secretKey = secretKey;
    this.newSigningFile(node);
    this.#simulation.counts.add('key-change', node.number);
    this.release(node);
  }

  #releaseSoon(node: HospitalNode): void {
    const delayMs = this.#random.integer(RESTART_MIN_MS, RESTART_MAX_MS);
    this.#simulation.scheduler.after(delayMs, () => this.release(node));
  }

  /** The node with the longest chain that can be read. */
  #donorFor(node: HospitalNode): HospitalNode | undefined {
    const donors = this.#simulation.nodes.filter((other) => other !== node && other.honest && other.height > 0);
    donors.sort((a, b) => b.height - a.height || a.number - b.number);
    return donors.find(({ seat }) => {
      try {
        seat.disk.verify();
        seat.disk.rows.copy();
        return true;
      } catch (error) {
        if (error instanceof StorageError) return false;
        throw error;
      }
    });
  }
}
