import type { EntityUid, Value } from '../values/value.ts';
import { GAS, weightOf } from './gas.ts';
import type { AuthorizationRequest, Entity, EntityReader } from './request.ts';

/** One decision in progress: what every expression may look at, and the gas that is left. */
export interface Run {
  readonly request: AuthorizationRequest;
  readonly entities: EntityReader;
  gas: number;
}

/** Pays, or says that the gas does not reach. What was not paid for is not done. */
export function pays(run: Run, gas: number): boolean {
  run.gas -= gas;
  return run.gas >= 0;
}

/** Pays for the weight of these values, and weighs no more than the gas reaches for. */
export function paysForWeight(run: Run, values: readonly Value[]): boolean {
  for (const value of values) if (!pays(run, GAS.weight * weightOf(value, run.gas / GAS.weight))) return false;
  return true;
}

/** Asks `reader` for each entity once. Policies pay for every reading all the same: gas knows no cache. */
export function readOnce(reader: EntityReader): EntityReader {
  const byType = new Map<string, Map<string, Entity | undefined>>();
  return {
    entity(uid: EntityUid): Entity | undefined {
      let byId = byType.get(uid.type);
      if (byId === undefined) {
        byId = new Map();
        byType.set(uid.type, byId);
      }
      const known = byId.get(uid.id);
      if (known !== undefined || byId.has(uid.id)) return known;
      const entity = reader.entity(uid);
      byId.set(uid.id, entity);
      return entity;
    },
  };
}
