import { unreachable } from '../base/assert.ts';
import type { Address, Hash, SecretKey } from '../base/brand.ts';
import type { Result } from '../base/result.ts';
import { voteDigest } from '../consensus/vote.ts';
import type { ReplicaEffect, ReplicaInput } from '../protocol/io.ts';
import type { Ledger } from '../protocol/ledger.ts';
import type { Replica } from '../protocol/replica.ts';
import type { Checkers } from './checkers.ts';
import type { SimulatedDisk } from './disk.ts';
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
  readonly index: number;
  readonly id: Address;
  readonly secretKey: SecretKey;
  readonly ledger: Ledger;
  readonly disk: SimulatedDisk;
  readonly scheduler: Scheduler;
  readonly network: HostNetwork;
  readonly checkers: Checkers;
  readonly replica: (disk: SimulatedDisk) => Replica;
  /** One durable write. */
  readonly diskMs: number;
  /** How far this node's clock is ahead of the true one. */
  readonly skewMs: number;
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
  #busy = false;
  #alive = true;
  #timersSet = 0;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#replica = options.replica(options.disk);
  }

  get replica(): Replica {
    return this.#replica;
  }

  input(input: HostInput): void {
    if (!this.#alive) return;
    const nowMs = this.#options.scheduler.nowMs + this.#options.skewMs;
    this.#queue.push(...this.#replica.step({ ...input, nowMs } as ReplicaInput));
    this.#pump();
  }

  crash(): void {
    this.#alive = false;
    this.#queue.length = 0;
  }

  answers(ticket: number): readonly Result<Hash>[] | undefined {
    return this.#answers.get(ticket);
  }

  #pump(): void {
    while (this.#alive && !this.#busy) {
      const effect = this.#queue.shift();
      if (effect === undefined) return;
      if (effect.type === 'persistSigningState' || effect.type === 'commit') this.#write(effect);
      else this.#run(effect);
    }
  }

  /** A durable write: nothing behind it in the queue moves until it is done. A crash before that leaves the old bytes. */
  #write(effect: Extract<ReplicaEffect, { type: 'persistSigningState' | 'commit' }>): void {
    this.#busy = true;
    this.#options.scheduler.after(this.#options.diskMs, () => {
      if (!this.#alive) return;
      this.#busy = false;
      const { disk, checkers, index } = this.#options;
      if (effect.type === 'persistSigningState') {
        disk.signingRecord = effect.bytes;
      } else {
        checkers.committed(index, effect);
        disk.commit(effect);
        this.input({ type: 'committed', height: effect.height, view: disk.view() });
      }
      this.#pump();
    });
  }

  #run(effect: Exclude<ReplicaEffect, { type: 'persistSigningState' | 'commit' }>): void {
    const { network, checkers, index, ledger, secretKey, id } = this.#options;
    switch (effect.type) {
      case 'sign': {
        checkers.signed(index, effect.payload);
        const signature = ledger.primitives.sign(voteDigest(ledger.primitives, effect.payload), secretKey);
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
        checkers.halted(index, effect.code, effect.detail);
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
