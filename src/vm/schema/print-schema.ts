import type { EntityUid } from '../values/value.ts';
import { BUILT_IN, fullName, lastPart } from './names.ts';
import type { ActionDeclaration, EntityType, RecordType, Schema, SchemaType } from './schema.ts';

/**
 * A schema as text, such that reading it gives an equal schema and printing that gives the same text. Common types are spelled
 * out: a resolved schema no longer knows them.
 */
export function printSchema(schema: Schema): string {
  return new SchemaPrinter(schema).text();
}

const INDENT = '  ';
const namespaceOf = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('::')));
const quoted = (text: string): string => `"${text.replace(/[\\"]|[^ -~]/gu, escaped)}"`;
const escaped = (character: string): string =>
  character === '"' || character === '\\'
    ? `\\${character}`
    : `\\u{${(character.codePointAt(0) as number).toString(16)}}`;

class SchemaPrinter {
  readonly #schema: Schema;
  /** Built-in types that an entity type shares its name with: only `__cedar::` tells them apart. */
  readonly #hidden: ReadonlySet<string>;
  /** Namespaces with an `Action` of their own: there the one outside any needs another name. */
  readonly #actionTypes: ReadonlySet<string>;
  readonly #outerAction: string;
  #isOuterActionNamed = false;

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#hidden = new Set([...schema.entityTypes.keys()].map(lastPart));
    this.#actionTypes = new Set([...schema.actions.values()].map(({ uid }) => uid.type));
    let name = 'OuterAction';
    while (this.#hidden.has(name)) name += '_';
    this.#outerAction = name;
  }

  text(): string {
    const blocks = new Map<string, string[]>();
    const add = (namespace: string, declaration: string): void => {
      blocks.set(namespace, [...(blocks.get(namespace) ?? []), declaration]);
    };
    for (const type of this.#schema.entityTypes.values()) add(namespaceOf(type.name), this.#entity(type));
    for (const action of this.#schema.actions.values()) add(namespaceOf(action.uid.type), this.#action(action));
    if (this.#isOuterActionNamed) add('', `type ${this.#outerAction} = Action;`);
    return [...blocks].map(([namespace, declarations]) => block(namespace, declarations)).join('\n');
  }

  #entity({ name, parents, attributes, tags, ids }: EntityType): string {
    const head = `entity ${lastPart(name)}`;
    if (ids !== undefined) return `${head} enum [${[...ids].map(quoted).join(', ')}];`;
    const within = parents.size === 0 ? '' : ` in [${[...parents].join(', ')}]`;
    const shape = attributes.attributes.size === 0 ? '' : ` = ${this.#record(attributes, namespaceOf(name))}`;
    return `${head}${within}${shape}${tags === undefined ? '' : ` tags ${this.#type(tags, namespaceOf(name))}`};`;
  }

  #action({ uid, parents, appliesTo }: ActionDeclaration): string {
    const within = parents.length === 0 ? '' : ` in [${parents.map(actionName).join(', ')}]`;
    const head = `action ${quoted(uid.id)}${within}`;
    if (appliesTo === undefined) return `${head};`;
    const clauses = [
      `principal: [${[...appliesTo.principals].join(', ')}]`,
      `resource: [${[...appliesTo.resources].join(', ')}]`,
      `context: ${this.#record(appliesTo.context, namespaceOf(uid.type))}`,
    ];
    return `${head} appliesTo {\n${clauses.map((clause) => `${INDENT}${clause},\n`).join('')}};`;
  }

  /** It descends as deep as the type does: at most `schemaTypeDepthMax` in a schema that was read. */
  #type(type: SchemaType, namespace: string): string {
    if (type.kind === 'entity') return this.#entityType(type.type, namespace);
    if (type.kind === 'set') return `Set<${this.#type(type.element, namespace)}>`;
    if (type.kind === 'record') return this.#record(type, namespace);
    const name = NAME_OF_KIND.get(type.kind) as string;
    return this.#hidden.has(name) ? fullName('__cedar', name) : name;
  }

  #entityType(name: string, namespace: string): string {
    if (name !== 'Action' || namespace === '' || !this.#actionTypes.has(fullName(namespace, name))) return name;
    this.#isOuterActionNamed = true;
    return this.#outerAction;
  }

  #record({ attributes }: RecordType, namespace: string): string {
    const fields = [...attributes].map(
      ([name, { type, required }]) => `${quoted(name)}${required ? '' : '?'}: ${this.#type(type, namespace)}`,
    );
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }
}

const NAME_OF_KIND = new Map([...BUILT_IN].map(([name, { kind }]) => [kind, name]));

const actionName = ({ type, id }: EntityUid): string => `${type}::${quoted(id)}`;

function block(namespace: string, declarations: readonly string[]): string {
  if (namespace === '') return `${declarations.join('\n')}\n`;
  const body = declarations.map((declaration) => declaration.replace(/^(?=.)/gm, INDENT)).join('\n');
  return `namespace ${namespace} {\n${body}\n}\n`;
}
