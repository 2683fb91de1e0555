import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hash, Height } from '../../src/base/brand.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { bitAt } from '../../src/ledger/tree/hashing.ts';
import { ChainStore, type StateView } from '../../src/storage/chain-store.ts';
import { sha256 } from '../../src/storage/checksum.ts';
import { memoryImage, openMemoryStore } from '../../src/storage/memory-store.ts';
import { WriteGuard } from '../../src/storage/write-guard.ts';
import { accepted, ChainBuilder, type Changes, codeOf, FullDiskOnce, primitives, readLink } from './support.ts';

const KEYS = ['k0', 'k1', 'k2', 'k3'];
const key = fc.constantFrom(...KEYS);
const changes: fc.Arbitrary<Changes> = fc.dictionary(
  key,
  fc.option(fc.constantFrom('x', 'y', 'z').map(utf8), { freq: 3 }),
  { noNullPrototype: true },
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('commit' as const), changes }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('view' as const), height: fc.option(fc.nat(12)) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read' as const), view: fc.nat(), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('prune' as const), below: fc.nat(12) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), changes }) },
);

/** A store beside a plain model of it: the state after each height, and the views that are open. */
class Run {
  readonly #image = memoryImage();
  readonly #builder = new ChainBuilder();
  readonly #states: ReadonlyMap<string, Uint8Array>[] = [];
  #views: StateView[] = [];
  #failNext = false;
  #store!: ChainStore;

  async open(): Promise<void> {
    const open = async () => {
      const memory = openMemoryStore(this.#image);
      return new WriteGuard({
        ...new FullDiskOnce(memory, Number.MAX_SAFE_INTEGER).store(),
        batch: async (operations, options) => {
          if (!this.#failNext) return memory.batch(operations, options);
          this.#failNext = false;
          throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        },
      });
    };
    this.#store = await ChainStore.open({ primitives, readLink, open });
    await this.commit({});
  }

  async commit(changed: Changes): Promise<void> {
    await this.#store.commitBlock(this.#builder.next(this.#store.treeReader(), changed));
    this.#note(changed);
  }

  /** The disk refuses the block; after the reopening it takes it. Until then, the newest views must not show it. */
  async fail(changed: Changes): Promise<void> {
    const batch = this.#builder.next(this.#store.treeReader(), changed);
    this.#failNext = true;
    expect(await codeOf(() => this.#store.commitBlock(batch))).toBe('storage.write-failed');
    for (const view of this.#views) this.#check(view, KEYS);
    await this.reopen();
    this.view(null);
    this.#check(this.#views[0] as StateView, KEYS);
    await this.#store.commitBlock(batch);
    this.#note(changed);
  }

  #note(changed: Changes): void {
    const state = new Map(this.#states.at(-1));
    for (const [name, value] of Object.entries(changed)) {
      if (value === null) state.delete(name);
      else state.set(name, value);
    }
    this.#states.push(state);
  }

  view(height: number | null): void {
    const wanted = height === null ? undefined : ((height % this.#states.length) as Height);
    const view = this.#store.view(wanted);
    if (view.ok) this.#views.push(view.value);
    else expect(wanted).toBeLessThan(this.#store.prunedBelow());
  }

  read(which: number, name: string): void {
    if (this.#views.length > 0) this.#check(this.#views[which % this.#views.length] as StateView, [name]);
  }

  async prune(below: number): Promise<void> {
    accepted(await this.#store.pruneBelow((below % this.#states.length) as Height));
  }

  /** Open views are lost with the handle. */
  async reopen(): Promise<void> {
    await this.#store.reopen();
    this.#views = [];
  }

  /** The value, and what the view's tree says of it. */
  #check(view: StateView, names: readonly string[]): void {
    const state = this.#states[view.height] as ReadonlyMap<string, Uint8Array>;
    for (const name of names) {
      const value = state.get(name);
      expect(view.get(name), `${name} at ${view.height}`).toEqual(value);
      expect(leafUnder(view, sha256(utf8(name)))).toEqual(value === undefined ? undefined : sha256(value));
    }
  }
}

function leafUnder({ root, tree }: StateView, keyHash: Hash): Hash | undefined {
  let child = root;
  for (let path = ''; child !== null; ) {
    const node = tree.node({ path, version: child.version });
    expect(node?.hash).toEqual(child.hash);
    if (node?.kind !== 'inner')
      return node !== undefined && sameKey(node.keyHash, keyHash) ? node.valueHash : undefined;
    const bit = bitAt(keyHash, path.length);
    child = bit === 0 ? node.left : node.right;
    path += bit;
  }
  return undefined;
}

const sameKey = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0;

describe('views of any height', () => {
  it('show that height and no other, whatever is committed, pruned, refused by the disk or reopened meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const run = new Run();
        await run.open();
        for (const each of steps) {
          if (each.do === 'commit') await run.commit(each.changes);
          else if (each.do === 'fail') await run.fail(each.changes);
          else if (each.do === 'view') run.view(each.height);
          else if (each.do === 'read') run.read(each.view, each.key);
          else if (each.do === 'prune') await run.prune(each.below);
          else await run.reopen();
        }
      }),
      { numRuns: 150 },
    );
  });
});
