import { toHex } from '../base/bytes.ts';
import type { Vote } from '../consensus/engine.ts';
import { voteBytes } from '../consensus/vote.ts';
import type { ReplicaEffect } from '../protocol/io.ts';
import type { CommitEffect } from './disk.ts';

/** What must never happen, observed from outside: the checkers share no code with what they check. */
export class Checkers {
  readonly violations: string[] = [];
  /** By height: the block and state root that the first node committed. */
  readonly #decided: { readonly hash: string; readonly stateRoot: string }[] = [];
  readonly #heights = new Map<number, number>();
  readonly #votes = new Map<string, string>();

  effect(node: number, effect: ReplicaEffect): void {
    if (effect.type === 'commit') this.committed(node, effect);
    else if (effect.type === 'sign') this.signed(node, effect.payload);
    else if (effect.type === 'halt') this.halted(node, effect.code, effect.detail);
  }

  /** Agreement: one block and one state a height. Order: each node commits every height once. */
  committed(node: number, effect: CommitEffect): void {
    const { height } = effect;
    const expected = (this.#heights.get(node) ?? 0) + 1;
    if (height !== expected) this.#violated(`node ${node} commits height ${height}, expected ${expected}`);
    this.#heights.set(node, height);

    const mine = { hash: toHex(effect.hash), stateRoot: toHex(effect.block.header.stateRoot) };
    const first = this.#decided[height];
    if (first === undefined) this.#decided[height] = mine;
    else if (first.hash !== mine.hash) this.#violated(`two blocks are final at height ${height}`);
    const root = effect.execution.tree.root;
    if (root !== null && toHex(root.hash) !== mine.stateRoot)
      this.#violated(`node ${node} has another state at ${height}`);
  }

  /** Whatever a node forgets, its key never signs two votes in one place. */
  signed(node: number, vote: Vote): void {
    const place = `${node} ${vote.height} ${vote.round} ${vote.type}`;
    const bytes = toHex(voteBytes(vote));
    const before = this.#votes.get(place);
    if (before !== undefined && before !== bytes) this.#violated(`node ${node} votes twice at ${place}`);
    this.#votes.set(place, bytes);
  }

  halted(node: number, code: string, detail: string): void {
    this.#violated(`node ${node} halts: ${code} (${detail})`);
  }

  /** Blocks final somewhere. */
  get decidedHeight(): number {
    return this.#decided.length - 1;
  }

  #violated(what: string): void {
    this.violations.push(what);
  }
}
