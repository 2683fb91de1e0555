import { ok, type Result, refuse } from '../../../base/result.ts';
import type { VmCode } from '../../../vm/index.ts';
import { isList, isObject, type Json, type JsonObject } from '../../../vm/json/json.ts';

/**
 * A schema in Cedar's JSON form, rewritten in Cedar's syntax: one parser then reads both. What the JSON form alone can say, attributes
 * beside the declared ones, is refused.
 */
export function schemaTextOfJson(json: Json): Result<string, VmCode> {
  try {
    return ok([...objectOf(json, '')].map(([name, body]) => namespaceText(name, body)).join('\n'));
  } catch (error) {
    if (error instanceof WrongShape) return refuse('vm-json.wrong-shape', { path: error.path });
    throw error;
  }
}

/** Ends the rewriting of a schema; it never leaves this file. */
class WrongShape extends Error {
  readonly path: string;
  constructor(path: string) {
    super(path);
    this.path = path;
  }
}

const quoted = (text: string): string =>
  `"${text.replace(/[\\"\p{Cc}]/gu, (c) => (c === '"' || c === '\\' ? `\\${c}` : `\\u{${c.charCodeAt(0).toString(16)}}`))}"`;

function objectOf(json: Json | undefined, path: string): JsonObject {
  if (json === undefined || !isObject(json)) throw new WrongShape(path);
  return json;
}

function listOf(json: Json | undefined, path: string): readonly Json[] {
  if (json === undefined || !isList(json)) throw new WrongShape(path);
  return json;
}

function textOf(json: Json | undefined, path: string): string {
  if (typeof json !== 'string') throw new WrongShape(path);
  return json;
}

function entriesOf(body: JsonObject, name: string): readonly (readonly [string, JsonObject, string])[] {
  const entries = [...objectOf(body.get(name) ?? new Map(), name)];
  return entries.map(([key, value]) => [key, objectOf(value, `${name}.${key}`), `${name}.${key}`]);
}

function namespaceText(name: string, json: Json): string {
  const body = objectOf(json, name);
  const declarations = [
    ...entriesOf(body, 'commonTypes').map(([type, shape, path]) => `type ${type} = ${typeText(shape, path)};`),
    ...entriesOf(body, 'entityTypes').map(([type, entity, path]) => entityText(type, entity, path)),
    ...entriesOf(body, 'actions').map(([action, declaration, path]) => actionText(action, declaration, path)),
  ].join('\n');
  return name === '' ? declarations : `namespace ${name} {\n${declarations}\n}`;
}

function entityText(name: string, entity: JsonObject, path: string): string {
  if (entity.has('enum'))
    return `entity ${name} enum [${listOf(entity.get('enum'), path)
      .map((id) => quoted(textOf(id, path)))
      .join(', ')}];`;
  const parents = names(entity.get('memberOfTypes') ?? [], path);
  const within = parents === '' ? '' : ` in [${parents}]`;
  const shape = entity.has('shape') ? ` = ${typeText(objectOf(entity.get('shape'), path), path)}` : '';
  const tags = entity.has('tags') ? ` tags ${typeText(objectOf(entity.get('tags'), path), path)}` : '';
  return `entity ${name}${within}${shape}${tags};`;
}

function actionText(name: string, action: JsonObject, path: string): string {
  const groups = listOf(action.get('memberOf') ?? [], path).map((group) => {
    const parent = objectOf(group, path);
    const id = quoted(textOf(parent.get('id'), path));
    return parent.has('type') ? `${textOf(parent.get('type'), path)}::${id}` : id;
  });
  const within = groups.length === 0 ? '' : ` in [${groups.join(', ')}]`;
  return `action ${quoted(name)}${within}${appliesToText(action.get('appliesTo') ?? null, path)};`;
}

function appliesToText(json: Json, path: string): string {
  if (json === null) return '';
  const appliesTo = objectOf(json, path);
  const [principals, resources] = ['principalTypes', 'resourceTypes'].map((name) =>
    names(appliesTo.get(name) ?? [], path),
  );
  // An empty list applies to nothing, which Cedar's syntax says by saying nothing.
  if (principals === '' || resources === '') return '';
  const context = appliesTo.has('context')
    ? `, context: ${typeText(objectOf(appliesTo.get('context'), path), path)}`
    : '';
  return ` appliesTo { principal: [${principals}], resource: [${resources}]${context} }`;
}

const names = (json: Json, path: string): string =>
  listOf(json, path)
    .map((name) => textOf(name, path))
    .join(', ');

const PLAIN: Readonly<Record<string, string>> = {
  String: '__cedar::String',
  Long: '__cedar::Long',
  Boolean: '__cedar::Bool',
};

function typeText(type: JsonObject, path: string): string {
  const kind = textOf(type.get('type'), path);
  switch (kind) {
    case 'Record':
      return recordText(type, path);
    case 'Set':
      return `Set<${typeText(objectOf(type.get('element'), path), path)}>`;
    case 'Entity':
    case 'EntityOrCommon':
      return textOf(type.get('name'), path);
    case 'Extension':
      return `__cedar::${textOf(type.get('name'), path)}`;
    default:
      return Object.hasOwn(PLAIN, kind) ? (PLAIN[kind] as string) : kind;
  }
}

function recordText(type: JsonObject, path: string): string {
  if (type.get('additionalAttributes') === true) throw new WrongShape(`${path}.additionalAttributes`);
  const attributes = [...objectOf(type.get('attributes') ?? new Map(), path)].map(([name, json]) => {
    const attribute = objectOf(json, `${path}.${name}`);
    return `${quoted(name)}${attribute.get('required') === false ? '?' : ''}: ${typeText(attribute, `${path}.${name}`)}`;
  });
  return `{${attributes.join(', ')}}`;
}
