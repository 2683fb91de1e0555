import type { Entity, EntityReader } from '../evaluate/request.ts';
import type { EntityUid, Value } from '../values/value.ts';
import { keyOfUid } from './schema.ts';

/** An entity with everything it has: what a schema can be held against, unlike the evaluator's lazy `Entity`. */
export interface EntityData {
  readonly uid: EntityUid;
  readonly parents: readonly EntityUid[];
  readonly attributes: ReadonlyMap<string, Value>;
  readonly tags: ReadonlyMap<string, Value>;
}

/** The same entity as the evaluator reads it. */
export const asEntity = ({ parents, attributes, tags }: EntityData): Entity => ({
  parents,
  attribute: (name) => attributes.get(name),
  tag: (name) => tags.get(name),
});

export function readerOf(entities: Iterable<EntityData>): EntityReader {
  const byKey = new Map<string, Entity>();
  for (const data of entities) byKey.set(keyOfUid(data.uid), asEntity(data));
  return { entity: (uid) => byKey.get(keyOfUid(uid)) };
}
