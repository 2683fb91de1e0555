import { assert } from '../base/assert.ts';
import type { Hash, Height } from '../base/brand.ts';
import type { ValidatorSet } from '../base/validators.ts';
import type { StateView, Tip } from '../ledger/chain.ts';
import type { Header } from '../ledger/header.ts';
import type { NodeKey, TreeNode, TreeReader, TreeRoot, TreeUpdate } from '../ledger/tree/types.ts';
import type { ReplicaEffect } from '../protocol/io.ts';
import type { CertifiedBlock } from '../protocol/wire.ts';

export type CommitEffect = Extract<ReplicaEffect, { type: 'commit' }>;

/** Everything that a chain begins with. */
export interface GenesisState {
  readonly header: Header;
  readonly hash: Hash;
  readonly validators: ValidatorSet;
  readonly changes: ReadonlyMap<string, Uint8Array | null>;
  readonly tree: TreeUpdate;
}

/** What survives a crash of a simulated node: blocks, state, and the signing record. Every write is whole or absent. */
export class SimulatedDisk {
  signingRecord: Uint8Array | null = null;
  signingSequenceAtTip = 0;
  readonly headers: Header[] = [];
  readonly #blocks: CertifiedBlock[] = [];
  readonly #values = new Map<string, Uint8Array>();
  readonly #nodes = new Map<string, TreeNode>();
  #root: TreeRoot = null;
  #hash: Hash;
  #validators: ValidatorSet;

  constructor(genesis: GenesisState) {
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
    return { header, hash: this.#hash, view: this.view(), validators: this.#validators };
  }

  /** Reads the newest state. A view of an older block is void once the next is committed. */
  view(): StateView {
    const tree: TreeReader = { node: (key) => this.#nodes.get(nodeName(key)) };
    return { height: this.height, root: this.#root, tree, get: (key: string) => this.#values.get(key) };
  }

  commit(effect: CommitEffect): void {
    assert(effect.height === this.height + 1, 'blocks are committed in order');
    this.headers.push(effect.block.header);
    this.#blocks.push({ block: effect.bytes, certificate: effect.certificate });
    this.#hash = effect.hash;
    this.#validators = effect.execution.nextValidators;
    this.signingSequenceAtTip = effect.signingSequence;
    this.#apply(effect.execution.changes, effect.execution.tree);
  }

  /** Blocks `from` to `from + count − 1`, as far as they are here. */
  blocks(from: Height, count: number): readonly CertifiedBlock[] {
    return from < 1 ? [] : this.#blocks.slice(from - 1, from - 1 + count);
  }

  #apply(changes: ReadonlyMap<string, Uint8Array | null>, tree: TreeUpdate): void {
    for (const [key, value] of changes)
      if (value === null) this.#values.delete(key);
      else this.#values.set(key, value);
    for (const { key, node } of tree.written) this.#nodes.set(nodeName(key), node);
    for (const key of tree.stale) this.#nodes.delete(nodeName(key));
    this.#root = tree.root;
  }
}

const nodeName = ({ path, version }: NodeKey): string => `${path}@${version}`;
