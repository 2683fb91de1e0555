import { assert } from '../base/assert.ts';
import type { Hash, Height } from '../base/brand.ts';
import type { ValidatorSet } from '../base/validators.ts';
import { decodeCertificate } from '../consensus/certificate.ts';
import type { Certificate } from '../consensus/engine.ts';
import type { StateView, Tip } from '../ledger/chain.ts';
import type { Header } from '../ledger/header.ts';
import type { NodeKey, TreeNode, TreeReader, TreeRoot, TreeUpdate } from '../ledger/tree/types.ts';
import type { ReplicaEffect } from '../protocol/io.ts';
import type { CertifiedBlock } from '../protocol/wire.ts';

export type CommitEffect = Extract<ReplicaEffect, { type: 'commit' }>;
export type WriteEffect = Extract<ReplicaEffect, { type: 'persistSigningState' | 'commit' }>;

/** What a host needs of a disk. Each call may throw a typed error of storage: then the node stops. */
export interface HostDisk {
  readonly tip: Tip;
  /** Headers of the blocks below it, the newest first: as many as a replica asks for. */
  readonly headersBelow: readonly Header[];
  /** The certificate that made the tip final; null at genesis. */
  readonly tipProof: Certificate | null;
  readonly height: Height;
  readonly signingRecord: Uint8Array | null;
  readonly signingSequenceAtTip: number;
  /** How long the next durable write takes. */
  readonly writeMs: number;
  /** Ends a durable write, well or not. The view that a commit answers reads the state after it. */
  persist(record: Uint8Array): void;
  commit(effect: CommitEffect): StateView;
  /** Blocks `from` to `from + count − 1`, as far as they are here. */
  blocks(from: Height, count: number): readonly CertifiedBlock[];
  /** The process ends; `underWay` is the write that it did not finish. */
  crash(underWay: WriteEffect | null): void;
}

/** Everything that a chain begins with. */
export interface GenesisState {
  readonly header: Header;
  readonly hash: Hash;
  readonly validators: ValidatorSet;
  readonly changes: ReadonlyMap<string, Uint8Array | null>;
  readonly tree: TreeUpdate;
}

/** A disk without faults that keeps objects instead of bytes. Every write is whole or absent. */
export class SimulatedDisk implements HostDisk {
  readonly writeMs: number;
  signingRecord: Uint8Array | null = null;
  signingSequenceAtTip = 0;
  readonly headers: Header[] = [];
  readonly #blocks: CertifiedBlock[] = [];
  readonly #values = new Map<string, Uint8Array>();
  readonly #nodes = new Map<string, TreeNode>();
  #root: TreeRoot = null;
  #hash: Hash;
  #validators: ValidatorSet;
  #validatorsSince = 1 as Height;

  constructor(genesis: GenesisState, writeMs: number) {
    this.writeMs = writeMs;
    this.headers.push(genesis.header);
    this.#hash = genesis.hash;
    this.#validators = genesis.validators;
    this.#apply(genesis.changes, genesis.tree);
  }

  get height(): Height {
    return (this.headers.length - 1) as Height;
  }

  get tip(): Tip {
    const header = this.headers[this.height] as Header;
    return {
      header,
      hash: this.#hash,
      view: this.view(),
      validators: this.#validators,
      validatorsSince: this.#validatorsSince,
    };
  }

  get headersBelow(): readonly Header[] {
    return this.headers.slice(0, -1).reverse();
  }

  get tipProof(): Certificate | null {
    const last = this.#blocks.at(-1);
    return last === undefined ? null : proofOf(last.certificate);
  }

  /** Reads the newest state. A view of an older block is void once the next is committed. */
  view(): StateView {
    const tree: TreeReader = { node: (key) => this.#nodes.get(nodeName(key)) };
    return { height: this.height, root: this.#root, tree, get: (key: string) => this.#values.get(key) };
  }

  persist(record: Uint8Array): void {
    this.signingRecord = record;
  }

  commit(effect: CommitEffect): StateView {
    assert(effect.height === this.height + 1, 'blocks are committed in order');
    this.headers.push(effect.block.header);
    this.#blocks.push({ block: effect.bytes, certificate: effect.certificate });
    this.#hash = effect.hash;
    this.#validators = effect.execution.nextValidators;
    this.#validatorsSince = effect.execution.nextValidatorsSince;
    this.signingSequenceAtTip = effect.signingSequence;
    this.#apply(effect.execution.changes, effect.execution.tree);
    return this.view();
  }

  blocks(from: Height, count: number): readonly CertifiedBlock[] {
    return from < 1 ? [] : this.#blocks.slice(from - 1, from - 1 + count);
  }

  /** What was not finished never happened. */
  crash(): void {}

  /** Replaced nodes stay: blocks that are not final yet may stand on an older state. */
  #apply(changes: ReadonlyMap<string, Uint8Array | null>, tree: TreeUpdate): void {
    for (const [key, value] of changes)
      if (value === null) this.#values.delete(key);
      else this.#values.set(key, value);
    for (const { key, node } of tree.written) this.#nodes.set(nodeName(key), node);
    this.#root = tree.root;
  }
}

const nodeName = ({ path, version }: NodeKey): string => `${path}@${version}`;

/** A certificate that this node stored itself. */
export function proofOf(certificate: Uint8Array): Certificate {
  const read = decodeCertificate(certificate);
  assert(read.ok, 'a stored certificate can be read');
  return read.value;
}
