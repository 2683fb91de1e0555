import { ok, type Result } from '../../../base/result.ts';
import { type EntityReader, entitiesFromJson, type Json, parseJson, type VmCode } from '../../../vm/index.ts';
import { type EntityData, readerOf } from '../../../vm/schema/entity-data.ts';
import { readEntities } from '../../../vm/schema/read-json.ts';
import { keyOfUid, type Schema } from '../../../vm/schema/schema.ts';

/** Entities of a test: as the evaluator reads them and, beside a schema, as the schema is held against them. */
export interface CorpusEntities {
  readonly reader: EntityReader;
  readonly data: readonly EntityData[];
}

/** The schema's actions are entities too, whether or not the file lists them. */
export function corpusEntities(text: string, schema: Schema | undefined): Result<CorpusEntities, VmCode> {
  const json = parseJson(text);
  if (!json.ok) return json;
  if (schema === undefined) return withoutSchema(json.value);
  const read = readEntities(schema, json.value);
  if (!read.ok) return read;
  const data = read.value;
  const listed = new Set(data.map(({ uid }) => keyOfUid(uid)));
  const unlisted = [...schema.actions].filter(([key]) => !listed.has(key)).map(([, action]) => action);
  const actions = unlisted.map(({ uid, parents }) => ({ uid, parents, attributes: new Map(), tags: new Map() }));
  return ok({ data, reader: readerOf([...data, ...actions]) });
}

function withoutSchema(json: Json): Result<CorpusEntities, VmCode> {
  const reader = entitiesFromJson(json);
  return reader.ok ? ok({ data: [], reader: reader.value }) : reader;
}

/** Each entity with all of its ancestors as parents: that is what a schema's verdict on a single entity is about. */
export function withAncestors(data: readonly EntityData[]): readonly EntityData[] {
  const byKey = new Map(data.map((entity) => [keyOfUid(entity.uid), entity]));
  return data.map((entity) => {
    const above = new Map(entity.parents.map((parent) => [keyOfUid(parent), parent]));
    // A map is walked in the order of insertion, and what is added on the way is walked too.
    for (const [key] of above) for (const parent of byKey.get(key)?.parents ?? []) above.set(keyOfUid(parent), parent);
    return { ...entity, parents: [...above.values()] };
  });
}
