import type { LedgerEnv } from '../../src/ledger/chain.ts';
import { entitiesOf } from '../../src/ledger/entities.ts';
import type { StateReader } from '../../src/ledger/state/table.ts';
import type { EntityReader, EntityUid, Value } from '../../src/vm/index.ts';

/** An entity that the state does not hold, or more of one that it does. */
export interface EntityData {
  readonly uid: EntityUid;
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly tags?: Readonly<Record<string, Value>>;
  readonly parents?: readonly EntityUid[];
}

const nameOf = ({ type, id }: EntityUid): string => `${type}::${id}`;

/** The state's entities with these laid over them. */
export function overlaid(env: LedgerEnv, state: StateReader, data: readonly EntityData[]): EntityReader {
  const below = entitiesOf(env, state);
  const over = new Map(data.map((one) => [nameOf(one.uid), one]));
  return {
    entity: (uid) => {
      const real = below.entity(uid);
      const one = over.get(nameOf(uid));
      if (one === undefined) return real;
      const attributes = new Map(Object.entries(one.attributes ?? {}));
      const tags = new Map(Object.entries(one.tags ?? {}));
      return {
        parents: one.parents ?? real?.parents ?? [],
        attribute: (name) => attributes.get(name) ?? real?.attribute(name),
        tag: (name) => tags.get(name) ?? real?.tag(name),
      };
    },
  };
}
