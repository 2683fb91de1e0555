import type { EntityUid } from '../values/value.ts';
import { GAS } from './gas.ts';
import { Failure, OUT_OF_GAS } from './outcome.ts';
import { pays, type Run } from './run.ts';

/** Entities by type and id. */
export class UidSet {
  readonly #idsOf = new Map<string, Set<string>>();

  constructor(uids: Iterable<EntityUid>) {
    for (const uid of uids) this.add(uid);
  }

  has(uid: EntityUid): boolean {
    return this.#idsOf.get(uid.type)?.has(uid.id) ?? false;
  }

  /** True where `uid` was not there yet. */
  add(uid: EntityUid): boolean {
    const ids = this.#idsOf.get(uid.type);
    if (ids === undefined) {
      this.#idsOf.set(uid.type, new Set([uid.id]));
      return true;
    }
    if (ids.has(uid.id)) return false;
    ids.add(uid.id);
    return true;
  }
}

/**
 * Cedar's `in`: is `start` one of the targets, or does a chain of parents lead from it to one? Generation by generation, each
 * read to its end before the answer is given, so that the gas does not depend on the order of parents. A cycle ends the
 * search as any entity seen before does.
 */
export function isIn(run: Run, start: EntityUid, targets: UidSet): boolean | Failure {
  if (targets.has(start)) return true;
  const first = parentsOf(run, start);
  if (first instanceof Failure) return first;
  // Most entities have no parents: for them nothing is built.
  return first.length > 0 && isAbove(run, start, first, targets);
}

function isAbove(run: Run, start: EntityUid, first: readonly EntityUid[], targets: UidSet): boolean | Failure {
  const seen = new UidSet([start]);
  let generation = first.filter((uid) => seen.add(uid));
  while (generation.length > 0) {
    if (generation.some((uid) => targets.has(uid))) return true;
    const next: EntityUid[] = [];
    for (const uid of generation) {
      const parents = parentsOf(run, uid);
      if (parents instanceof Failure) return parents;
      for (const parent of parents) if (seen.add(parent)) next.push(parent);
    }
    generation = next;
  }
  return false;
}

const NONE: readonly EntityUid[] = [];

function parentsOf(run: Run, uid: EntityUid): readonly EntityUid[] | Failure {
  if (!pays(run, GAS.entity)) return OUT_OF_GAS;
  const parents = run.entities.entity(uid)?.parents ?? NONE;
  return pays(run, GAS.parent * parents.length) ? parents : OUT_OF_GAS;
}
