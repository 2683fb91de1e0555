import { refuse } from '../../base/result.ts';
import { CONFORMS, type Conformance, conformsEach, conformsFields, conformsUid, isActionType } from './conform.ts';
import type { EntityData } from './entity-data.ts';
import { type Graph, orderByNeed, reachableFrom } from './graph.ts';
import { keyOfUid, type Schema } from './schema.ts';

/**
 * Is the entity what the schema says of its type? An action must be the declared one, in exactly its groups: all of them,
 * the indirect ones too. (`validateEntities` counts the groups of its groups.)
 */
export function validateEntity(schema: Schema, entity: EntityData): Conformance {
  if (!isActionType(entity.uid.type)) return validateOrdinary(schema, entity);
  return validateAction(schema, entity, new Set(entity.parents.map(keyOfUid)));
}

/** Each entity as `validateEntity`, and none its own ancestor. A refusal says at which `index`. */
export function validateEntities(schema: Schema, entities: readonly EntityData[]): Conformance {
  const keys = new Set(entities.map(({ uid }) => keyOfUid(uid)));
  const parents = new Map(entities.map((entity) => [keyOfUid(entity.uid), new Set(entity.parents.map(keyOfUid))]));
  for (const [index, entity] of entities.entries()) {
    const verdict = isActionType(entity.uid.type)
      ? validateAction(schema, entity, reachableFrom(keyOfUid(entity.uid), parents))
      : validateOrdinary(schema, entity);
    if (!verdict.ok) return refuse(verdict.rejection.code, { ...verdict.rejection.detail, index });
  }
  const { onCycle } = orderByNeed(within(parents, keys));
  if (onCycle === undefined) return CONFORMS;
  return refuse('vm-conform.cycle', { index: entities.findIndex(({ uid }) => keyOfUid(uid) === onCycle) });
}

function validateOrdinary(schema: Schema, { uid, parents, attributes, tags }: EntityData): Conformance {
  const type = schema.entityTypes.get(uid.type);
  if (type === undefined) return refuse('vm-conform.unknown-type', { path: 'uid' });
  const id = conformsUid(schema, uid, 'uid');
  if (!id.ok) return id;
  for (const parent of parents) {
    if (!type.ancestors.has(parent.type)) return refuse('vm-conform.wrong-parent', { path: 'parents' });
    const parentId = conformsUid(schema, parent, 'parents');
    if (!parentId.ok) return parentId;
  }
  const fields = conformsFields(schema, attributes, type.attributes, '');
  if (!fields.ok) return fields;
  if (type.tags !== undefined) return conformsEach(schema, tags.values(), type.tags, 'tags');
  return tags.size === 0 ? CONFORMS : refuse('vm-conform.unexpected-tags', { path: 'tags' });
}

function validateAction(schema: Schema, entity: EntityData, ancestors: ReadonlySet<string>): Conformance {
  const declared = schema.actions.get(keyOfUid(entity.uid));
  if (declared === undefined) return refuse('vm-conform.unknown-action', { path: 'uid' });
  const sameGroups =
    ancestors.size === declared.ancestors.size && [...ancestors].every((key) => declared.ancestors.has(key));
  const isBare = entity.attributes.size === 0 && entity.tags.size === 0;
  return sameGroups && isBare ? CONFORMS : refuse('vm-conform.action-differs', { path: 'parents' });
}

/** The graph without those that are only named: a parent need not be given. */
function within(graph: Graph, keys: ReadonlySet<string>): Graph {
  return new Map([...graph].map(([key, needs]) => [key, new Set([...needs].filter((need) => keys.has(need)))]));
}
