import { unreachable } from '../base/assert.ts';
import type { Address, Hash, SecretKey } from '../base/brand.ts';
import type { Primitives } from '../base/primitives.ts';
import type { Result } from '../base/result.ts';
import { voteDigest } from '../consensus/vote.ts';
import type { StateView } from '../ledger/chain.ts';
import type { ReplicaEffect, ReplicaInput } from '../protocol/io.ts';
import type { Replica } from '../protocol/replica.ts';
import { StorageError } from '../storage/errors.ts';
import type { CommitEffect, HostDisk, WriteEffect } from './disk.ts';
import type { Happening } from './observation.ts';
import type { Scheduler } from './scheduler.ts';

type WithoutClock<T> = T extends unknown ? Omit<T, 'nowMs'> : never;
export type HostInput = WithoutClock<ReplicaInput>;

/** What a host needs of the network: other nodes by their ids. */
export interface HostNetwork {
  send(to: Address, input: HostInput): void;
  broadcast(input: HostInput): void;
  announce(bytes: Uint8Array): void;
  requestBlocks(effect: Extract<ReplicaEffect, { type: 'requestBlocks' }>): void;
  requestStatus(peer: Address): void;
}

export interface HostOptions {
  readonly id: Address;
  readonly secretKey: SecretKey;
  readonly primitives: Primitives;
  readonly disk: HostDisk;
  readonly scheduler: Scheduler;
  readonly network: HostNetwork;
  /** This node's own clock, right or wrong. */
  readonly clock: () => number;
  readonly replica: (disk: HostDisk) => Replica;
  readonly observe: (happening: Happening) => void;
  /** A durable write begins, and will take as long as this. */
  readonly writing?: (type: WriteEffect['type'], writeMs: number) => void;
  /** The process ended by itself: the disk failed, or the replica said that going on would be guessing. */
  readonly stopped?: (code: string) => void;
}

/**
 * One run of a node, from start to crash: the same contract as the real driver. Effects of all steps form one queue; each is finished
 * before the next begins, durable writes after their time. A crash loses the queue and everything in memory.
 */
export class SimulatedHost {
  readonly #options: HostOptions;
  readonly #replica: Replica;
  readonly #queue: ReplicaEffect[] = [];
  readonly #timers = new Map<string, number>();
  readonly #answers = new Map<number, readonly Result<Hash>[]>();
  readonly rejected: { readonly transactionId: Hash; readonly code: string }[] = [];
  readonly blamed: { readonly peer: Address; readonly code: string }[] = [];
  signingRefused: string | null = null;
  #writing: WriteEffect | null = null;
  /** What waits for a process that stands still; null while it runs. */
  #held: (() => void)[] | null = null;
  #alive = true;
  #timersSet = 0;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#replica = options.replica(options.disk);
  }

  get replica(): Replica {
    return this.#replica;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Effects that wait for a durable write. */
  get queued(): number {
    return this.#queue.length;
  }

  input(input: HostInput): void {
    if (!this.#alive) return;
    if (this.#held !== null) {
      this.#held.push(() => this.input(input));
      return;
    }
    try {
      this.#options.observe({ type: 'input', input });
      const effects = this.#replica.step(atTime(input, this.#options.clock()));
      for (const effect of effects) this.#queue.push(effect);
      this.#pump();
    } catch (error) {
      this.#failed(error);
    }
  }

  crash(): void {
    if (!this.#alive) return;
    this.#end();
    this.#options.disk.crash(this.#writing);
    if (this.#writing !== null) this.#noteKept(this.#writing);
    this.#options.observe({ type: 'crashed' });
  }

  /** The process stands still: whatever comes waits. */
  pause(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const run of held) run();
  }

  /** What the process does for a peer: one that stands still does it when it runs again, one that has ended never. */
  serve(run: () => void): void {
    if (!this.#alive) return;
    if (this.#held === null) run();
    else this.#held.push(() => this.serve(run));
  }

  answers(ticket: number): readonly Result<Hash>[] | undefined {
    return this.#answers.get(ticket);
  }

  /** A disk that fails ends the process: only a fresh start, verified, tells what is stored. */
  #failed(error: unknown): void {
    if (!(error instanceof StorageError)) throw error;
    this.#stop(error.code);
  }

  #stop(code: string): void {
    if (!this.#alive) return;
    this.#end();
    this.#options.disk.crash(null);
    this.#options.observe({ type: 'crashed' });
    this.#options.stopped?.(code);
  }

  #end(): void {
    this.#alive = false;
    this.#queue.length = 0;
  }

  #pump(): void {
    while (this.#alive && this.#writing === null) {
      const effect = this.#queue.shift();
      if (effect === undefined) return;
      if (effect.type === 'persistSigningState' || effect.type === 'commit') this.#write(effect);
      else this.#run(effect);
    }
  }

  /** A durable write: nothing behind it in the queue moves until it is done. */
  #write(effect: WriteEffect): void {
    const { scheduler, disk, writing } = this.#options;
    const { writeMs } = disk;
    this.#writing = effect;
    writing?.(effect.type, writeMs);
    scheduler.after(writeMs, () => this.#written(effect));
  }

  #written(effect: WriteEffect): void {
    if (!this.#alive) return;
    if (this.#held !== null) {
      this.#held.push(() => this.#written(effect));
      return;
    }
    try {
      this.#finish(effect);
      this.#pump();
    } catch (error) {
      this.#failed(error);
    }
  }

  #commit(effect: CommitEffect): StateView {
    try {
      return this.#options.disk.commit(effect);
    } catch (error) {
      this.#noteKept(effect);
      throw error;
    }
  }

  /** A block whose writing failed may be on the disk all the same: whoever starts from it has committed it. */
  #noteKept(effect: WriteEffect): void {
    const { disk, observe } = this.#options;
    if (effect.type === 'commit' && disk.height === effect.height) observe({ type: 'effect', effect });
  }

  #finish(effect: WriteEffect): void {
    const { disk, observe } = this.#options;
    this.#writing = null;
    if (effect.type === 'persistSigningState') {
      disk.persist(effect.bytes);
      observe({ type: 'effect', effect });
    } else {
      const view = this.#commit(effect);
      observe({ type: 'effect', effect });
      this.input({ type: 'committed', height: effect.height, view });
    }
  }

  #run(effect: Exclude<ReplicaEffect, WriteEffect>): void {
    const { network, primitives, secretKey, id, observe } = this.#options;
    observe({ type: 'effect', effect });
    switch (effect.type) {
      case 'sign': {
        const signature = primitives.sign(voteDigest(primitives, effect.payload), secretKey);
        this.input({ type: 'signed', payload: effect.payload, signature });
        break;
      }
      case 'send':
        network.send(effect.to, { type: 'message', from: id, channel: effect.channel, bytes: effect.bytes });
        break;
      case 'broadcast':
        network.broadcast({ type: 'message', from: id, channel: effect.channel, bytes: effect.bytes });
        break;
      case 'setTimer':
        this.#setTimer(effect.id, effect.delayMs);
        break;
      case 'requestBlocks':
        network.requestBlocks(effect);
        break;
      case 'requestStatus':
        network.requestStatus(effect.peer);
        break;
      case 'announce':
        network.announce(effect.bytes);
        break;
      case 'blame':
        this.blamed.push(effect);
        break;
      case 'submitted':
        this.#answers.set(effect.ticket, effect.results);
        break;
      case 'reject':
        this.rejected.push(effect);
        break;
      case 'signingRefused':
        this.signingRefused = effect.code;
        break;
      case 'halt':
        this.#stop(effect.code);
        break;
      default:
        unreachable(effect);
    }
  }

  #setTimer(id: string, delayMs: number): void {
    const number = ++this.#timersSet;
    this.#timers.set(id, number);
    this.#options.scheduler.after(delayMs, () => {
      if (!this.#alive || this.#timers.get(id) !== number) return;
      this.#timers.delete(id);
      this.input({ type: 'timer', id });
    });
  }
}

/** The input with the time of its arrival. What comes most is copied field by field: a spread of objects of many kinds is slow. */
function atTime(input: HostInput, nowMs: number): ReplicaInput {
  switch (input.type) {
    case 'message':
      return { type: 'message', nowMs, from: input.from, channel: input.channel, bytes: input.bytes };
    case 'peerHeight':
      return { type: 'peerHeight', nowMs, peer: input.peer, height: input.height, votes: input.votes ?? [] };
    case 'timer':
      return { type: 'timer', nowMs, id: input.id };
    case 'signed':
      return { type: 'signed', nowMs, payload: input.payload, signature: input.signature };
    case 'committed':
      return { type: 'committed', nowMs, height: input.height, view: input.view };
    default:
      return { ...input, nowMs };
  }
}
