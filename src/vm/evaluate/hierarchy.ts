import type { EntityUid } from '../values/value.ts';
import { GAS } from './gas.ts';
import { type Failure, OUT_OF_GAS } from './outcome.ts';
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
  const seen = new UidSet([start]);
  for (let generation = [start]; generation.length > 0; ) {
    const parents: EntityUid[] = [];
    for (const uid of generation) {
      if (!pays(run, GAS.entity)) return OUT_OF_GAS;
      const found = run.entities.entity(uid)?.parents;
      if (found === undefined) continue;
      if (!pays(run, GAS.parent * found.length)) return OUT_OF_GAS;
      for (const parent of found) if (seen.add(parent)) parents.push(parent);
    }
    if (parents.some((parent) => targets.has(parent))) return true;
    generation = parents;
  }
  return false;
}
