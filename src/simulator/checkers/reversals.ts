import type { Hash } from '../../base/brand.ts';
import { toHex } from '../../base/bytes.ts';
import type { World } from '../observation.ts';
import type { Checker, Report } from './checker.ts';

interface Place {
  readonly height: number;
  readonly parent: string;
}

/**
 * clique's own measure: how many blocks a node drops when it takes another chain for the best. Each node's best block is the one whose
 * child it last asked to be told of (`pace`). More than the confirmation depth at once, and a confirmed block was reversed.
 */
export class Reversals implements Checker {
  readonly #depth: number;
  readonly #report: Report;
  readonly #tree = new Map<string, Place>();
  readonly #best = new Map<number, string>();
  readonly #building = new Map<number, { readonly height: number; readonly parentHash: Hash }>();
  /** Blocks dropped at once, at most, by any honest node. */
  deepest = 0;

  constructor({ confirmationDepth }: World, report: Report) {
    this.#depth = confirmationDepth;
    this.#report = report;
  }

  /** A new process begins from what is confirmed: what it forgot is no reversal. */
  started({ node }: { readonly node: number }): void {
    this.#best.delete(node);
  }

  sign({ node, vote }: Parameters<NonNullable<Checker['sign']>>[0]): void {
    const building = this.#building.get(node);
    if (building?.height === vote.height) this.#know(vote.blockHash, building.height, building.parentHash);
  }

  engine({ node, effects }: Parameters<NonNullable<Checker['engine']>>[0]): void {
    for (const effect of effects) {
      if (effect.type === 'build') this.#building.set(node, effect);
      else if (effect.type === 'judge') this.#know(effect.blockHash, effect.height, effect.parentHash);
      else if (effect.type === 'pace') this.#follow(node, toHex(effect.parentHash));
    }
  }

  #know(blockHash: Hash, height: number, parentHash: Hash): void {
    const key = toHex(blockHash);
    if (!this.#tree.has(key)) this.#tree.set(key, { height, parent: toHex(parentHash) });
  }

  #follow(node: number, best: string): void {
    const before = this.#best.get(node);
    this.#best.set(node, best);
    if (before === undefined || before === best) return;
    const dropped = this.#dropped(before, best);
    this.deepest = Math.max(this.deepest, dropped);
    if (dropped > this.#depth) this.#report(`node ${node} drops ${dropped} blocks, ${this.#depth} confirm one`);
  }

  /** Blocks from `before` down to the last one that `best` also stands on; 0 where what is known of the two does not meet. */
  #dropped(before: string, best: string): number {
    let [mine, theirs] = [before, best];
    for (let dropped = 0; ; ) {
      if (mine === theirs) return dropped;
      const [left, right] = [this.#tree.get(mine), this.#tree.get(theirs)];
      if (left === undefined && right === undefined) return 0;
      const [leftHeight, rightHeight] = [left?.height ?? -1, right?.height ?? -1];
      if (left !== undefined && leftHeight >= rightHeight) {
        mine = left.parent;
        dropped++;
      }
      if (right !== undefined && rightHeight >= leftHeight) theirs = right.parent;
    }
  }
}
