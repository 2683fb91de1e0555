import { unreachable } from '../base/assert.ts';
import type { Address, Hash, Signature } from '../base/brand.ts';
import type { Result } from '../base/result.ts';
import type { Vote } from '../consensus/engine.ts';
import type { StateView } from '../ledger/chain.ts';
import type { Network } from '../network/network.ts';
import type { ReplicaEffect, ReplicaInput } from '../protocol/io.ts';
import type { Replica } from '../protocol/replica.ts';
import type { StatusAnswer } from '../protocol/wire.ts';
import { NODE_LIMITS } from './limits.ts';

type WithoutClock<T> = T extends unknown ? Omit<T, 'nowMs'> : never;
export type HostInput = WithoutClock<ReplicaInput>;
type Effect<Type extends ReplicaEffect['type']> = Extract<ReplicaEffect, { type: Type }>;
export type CommitEffect = Effect<'commit'>;

/** What the runner needs of the node: the disk, the key, the peers. */
export interface EffectPorts {
  readonly network: Pick<Network, 'send' | 'broadcast' | 'announce'>;
  persist(record: Uint8Array): Promise<void>;
  sign(vote: Vote): Signature;
  /** Durable when it resolves; the view reads the state after the block. */
  commit(effect: CommitEffect): Promise<StateView>;
  /** The replica stands on the committed block. */
  committed(effect: CommitEffect): void;
  requestBlocks(effect: Effect<'requestBlocks'>): Promise<Uint8Array>;
  requestStatus(peer: Address): Promise<Pick<StatusAnswer, 'height' | 'votes'>>;
  blame(peer: Address, code: string): void;
  submitted(ticket: number, results: readonly Result<Hash>[]): void;
  rejected(transactionId: Hash, code: string): void;
  signingRefused(code: string): void;
  /** The replica says that going on would be guessing. */
  halt(code: string, detail: string): void;
  /** An effect failed, or the replica threw: nothing behind it is run. */
  failed(error: unknown): void;
}

/**
 * Drives a replica: feeds it inputs and runs the effects of all its steps as one queue, in order, each finished before the next
 * begins (protocol/io.ts). So no vote leaves before the record that holds it is on the disk.
 */
export class EffectRunner {
  readonly #replica: Replica;
  readonly #ports: EffectPorts;
  readonly #clock: () => number;
  readonly #queue: ReplicaEffect[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #running = false;
  #idle: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(replica: Replica, ports: EffectPorts, clock: () => number) {
    this.#replica = replica;
    this.#ports = ports;
    this.#clock = clock;
  }

  /** The disk is so far behind that nothing more should be taken in from outside. */
  get overloaded(): boolean {
    return this.#queue.length >= NODE_LIMITS.effectsMax;
  }

  input(input: HostInput): void {
    if (this.#stopped) return;
    try {
      this.#queue.push(...this.#replica.step({ ...input, nowMs: this.#clock() } as ReplicaInput));
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#running) return;
    this.#running = true;
    this.#idle = this.#drain();
  }

  /** Lets the effect under way finish, and drops the rest. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#queue.length = 0;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await this.#idle;
  }

  async #drain(): Promise<void> {
    try {
      for (let effect = this.#queue.shift(); effect !== undefined; effect = this.#queue.shift()) {
        const pending = this.#run(effect);
        if (pending !== undefined) await pending;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#running = false;
    }
  }

  #fail(error: unknown): void {
    this.#stopped = true;
    this.#queue.length = 0;
    this.#ports.failed(error);
  }

  /** Effects that must be finished before the next one answer a promise. */
  #run(effect: ReplicaEffect): Promise<void> | undefined {
    const { network } = this.#ports;
    switch (effect.type) {
      case 'persistSigningState':
        return this.#ports.persist(effect.bytes);
      case 'commit':
        return this.#commit(effect);
      case 'sign':
        this.input({ type: 'signed', payload: effect.payload, signature: this.#ports.sign(effect.payload) });
        break;
      case 'send':
        network.send(effect.to, effect.channel, effect.bytes);
        break;
      case 'broadcast':
        network.broadcast(effect.channel, effect.bytes);
        break;
      case 'announce':
        network.announce(effect.bytes);
        break;
      case 'setTimer':
        this.#setTimer(effect.id, effect.delayMs);
        break;
      case 'requestBlocks':
        this.#requestBlocks(effect);
        break;
      case 'requestStatus':
        this.#requestStatus(effect.peer);
        break;
      case 'blame':
        this.#ports.blame(effect.peer, effect.code);
        break;
      case 'submitted':
        this.#ports.submitted(effect.ticket, effect.results);
        break;
      case 'reject':
        this.#ports.rejected(effect.transactionId, effect.code);
        break;
      case 'signingRefused':
        this.#ports.signingRefused(effect.code);
        break;
      case 'halt':
        this.#ports.halt(effect.code, effect.detail);
        break;
      default:
        unreachable(effect);
    }
    return undefined;
  }

  async #commit(effect: CommitEffect): Promise<void> {
    const view = await this.#ports.commit(effect);
    this.input({ type: 'committed', height: effect.height, view });
    if (!this.#stopped) this.#ports.committed(effect);
  }

  #setTimer(id: string, delayMs: number): void {
    clearTimeout(this.#timers.get(id));
    const timer = setTimeout(() => {
      this.#timers.delete(id);
      this.input({ type: 'timer', id });
    }, delayMs);
    this.#timers.set(id, timer);
  }

  #requestBlocks(effect: Effect<'requestBlocks'>): void {
    const { request } = effect;
    this.#ports.requestBlocks(effect).then(
      (bytes) => this.input({ type: 'blocksAnswered', request, bytes }),
      () => this.input({ type: 'requestFailed', request }),
    );
  }

  #requestStatus(peer: Address): void {
    this.#ports.requestStatus(peer).then(
      ({ height, votes }) => this.input({ type: 'peerHeight', peer, height, votes }),
      () => {},
    );
  }
}
