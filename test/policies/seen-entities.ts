import { readFileSync } from 'node:fs';
import type { EntityReader, EntityUid, Value } from '../../src/vm/index.ts';
import type { EntityData } from '../../src/vm/schema/entity-data.ts';
import { keyOfUid } from '../../src/vm/schema/schema.ts';

/**
 * Every word of the entity reader's source. A lazy entity cannot be asked for the names of its attributes: so all of these are tried,
 * and one that is given but not declared is found too.
 */
const WORDS = [
  ...new Set(readFileSync(new URL('../../src/ledger/entities.ts', import.meta.url), 'utf8').match(/[a-zA-Z]+/g) ?? []),
];

/** An entity with everything it gives: attributes by the reader's own words and `more`, and those of these tags that it has. */
function wholeEntity(reader: EntityReader, uid: EntityUid, more: readonly string[], tags: readonly string[]) {
  const found = reader.entity(uid);
  if (found === undefined) return undefined;
  const given = (names: readonly string[], get: (name: string) => Value | undefined): ReadonlyMap<string, Value> =>
    new Map(
      names.flatMap((name) => {
        const value = get(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
  return {
    uid,
    parents: found.parents,
    attributes: given([...WORDS, ...more], (name) => found.attribute(name)),
    tags: given(tags, (name) => found.tag(name)),
  };
}

const isUid = (value: Value): value is EntityUid => typeof value === 'object' && value.kind === 'entity';

function uidsIn(value: Value): readonly EntityUid[] {
  if (isUid(value)) return [value];
  if (typeof value !== 'object') return [];
  if (value.kind === 'record') return [...value.fields.values()].flatMap(uidsIn);
  return value.kind === 'set' ? value.items.flatMap(uidsIn) : [];
}

/** Every entity that can be reached from these, by attributes and parents. What is not there is left out. */
export function entitiesFrom(
  reader: EntityReader,
  roots: readonly Value[],
  more: readonly string[],
  tags: readonly string[],
): readonly EntityData[] {
  const found = new Map<string, EntityData | undefined>();
  const waiting: EntityUid[] = roots.flatMap(uidsIn);
  for (let uid = waiting.pop(); uid !== undefined; uid = waiting.pop()) {
    if (found.has(keyOfUid(uid))) continue;
    const whole = wholeEntity(reader, uid, more, tags);
    found.set(keyOfUid(uid), whole);
    if (whole !== undefined) waiting.push(...whole.parents, ...[...whole.attributes.values()].flatMap(uidsIn));
  }
  return [...found.values()].filter((one) => one !== undefined);
}
