import type { Random } from '../../../src/simulator/random.ts';
import type { ActionDeclaration, EntityType, RecordType, Schema, SchemaType } from '../../../src/vm/schema/schema.ts';
import type { Uid } from './datum.ts';
import { LEVEL, leaf, type Term } from './term.ts';
import { isPlainName, literalText } from './write-cedar.ts';

/** What the expressions of a policy may count on: the types of its variables, if the scope says them. */
export interface Scene {
  readonly schema: Schema;
  readonly principal: string;
  readonly resource: string;
  readonly action: Uid;
  readonly context: RecordType;
}

/** One of the ways in which the schema lets an action be asked for. */
export function drawScene(random: Random, schema: Schema): Scene {
  const applied = [...schema.actions.values()].filter(({ appliesTo }) => appliesTo !== undefined);
  const { uid, appliesTo } = random.pick(applied) as ActionDeclaration & { appliesTo: object };
  return {
    schema,
    principal: random.pick([...appliesTo.principals]),
    resource: random.pick([...appliesTo.resources]),
    action: { type: uid.type, id: uid.id },
    context: appliesTo.context,
  };
}

/** A way from a variable to a value, with what must be tested first for it to be there. */
export interface Path {
  readonly type: SchemaType;
  /** `typeKey` of it. */
  readonly key: string;
  readonly text: string;
  readonly guards: readonly Term[];
}

const DEPTH_MAX = 3;
const PATHS_MAX = 60;
const TAG_NAMES = ['t', 'u', ''];

/** One text for one type. */
export function typeKey(type: SchemaType): string {
  switch (type.kind) {
    case 'entity':
      return `entity ${type.type}`;
    case 'set':
      return `set ${typeKey(type.element)}`;
    case 'record':
      return `record ${JSON.stringify([...type.attributes].map(([name, { type, required }]) => [name, typeKey(type), required]))}`;
    default:
      return type.kind;
  }
}

const path = (type: SchemaType, text: string, guards: readonly Term[] = []): Path => ({
  type,
  key: typeKey(type),
  text,
  guards,
});

export function pathsOf(random: Random, scene: Scene): readonly Path[] {
  const paths: Path[] = [
    path({ kind: 'entity', type: scene.principal }, 'principal'),
    path({ kind: 'entity', type: scene.resource }, 'resource'),
    path({ kind: 'entity', type: scene.action.type }, 'action'),
    path(scene.context, 'context'),
  ];
  let generation: readonly Path[] = paths.slice();
  for (let depth = 0; depth < DEPTH_MAX && paths.length < PATHS_MAX; depth++) {
    generation = generation.flatMap((from) => stepsFrom(random, scene.schema, from));
    paths.push(...generation);
  }
  return paths.slice(0, PATHS_MAX);
}

function stepsFrom(random: Random, schema: Schema, from: Path): readonly Path[] {
  if (from.type.kind === 'record') return attributesFrom(random, from, from.type);
  const type = from.type.kind === 'entity' ? schema.entityTypes.get(from.type.type) : undefined;
  if (type === undefined) return [];
  return [...attributesFrom(random, from, type.attributes), ...tagsFrom(random, from, type)];
}

function attributesFrom(random: Random, from: Path, { attributes }: RecordType): readonly Path[] {
  return [...attributes].map(([name, { type, required }]) => {
    const plain = isPlainName(name) && random.chance(0.85);
    const quoted = literalText(random, name);
    const guard = leaf('bool', LEVEL.relation, `${from.text} has ${plain ? name : quoted}`);
    const text = plain ? `${from.text}.${name}` : `${from.text}[${quoted}]`;
    return path(type, text, required ? from.guards : [...from.guards, guard]);
  });
}

function tagsFrom(random: Random, from: Path, { tags }: EntityType): readonly Path[] {
  if (tags === undefined) return [];
  const name = literalText(random, random.pick(TAG_NAMES));
  const guard = leaf('bool', LEVEL.member, `${from.text}.hasTag(${name})`);
  return [path(tags, `${from.text}.getTag(${name})`, [...from.guards, guard])];
}
