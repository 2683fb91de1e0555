import type { Random } from '../../../src/simulator/random.ts';
import type { ActionDeclaration, EntityType, RecordType, SchemaType } from '../../../src/vm/schema/schema.ts';
import { type DrawnSchema, namespaceOf } from './draw-schema.ts';
import { isPlainName, literalText } from './write-cedar.ts';

const NAME_OF_KIND = { bool: 'Bool', long: 'Long', string: 'String' } as Readonly<Record<string, string>>;

/** A schema in Cedar's syntax. Names are qualified where they must be, and sometimes where they need not be. */
export function schemaText(random: Random, drawn: DrawnSchema): string {
  const writer = new SchemaWriter(random, drawn);
  return drawn.namespaces
    .map((namespace) => {
      const body = writer.declarationsOf(namespace).join('\n');
      return namespace === '' ? body : `namespace ${namespace} {\n${body}\n}`;
    })
    .join('\n');
}

class SchemaWriter {
  readonly #random: Random;
  readonly #drawn: DrawnSchema;
  #namespace = '';

  constructor(random: Random, drawn: DrawnSchema) {
    this.#random = random;
    this.#drawn = drawn;
  }

  declarationsOf(namespace: string): readonly string[] {
    this.#namespace = namespace;
    const { schema, aliases } = this.#drawn;
    const here = (full: string): boolean => namespaceOf(full) === namespace;
    return this.#random
      .shuffle([
        ...[...schema.entityTypes.values()].filter(({ name }) => here(name)).map((type) => this.#entity(type)),
        ...[...schema.actions.values()].filter(({ uid }) => here(uid.type)).map((action) => this.#action(action)),
        ...[...aliases]
          .filter(([, name]) => here(name))
          .map(([type, name]) => `type ${lastOf(name)} = ${this.#structure(type)};`),
      ])
      .map((declaration) => `${this.#annotation()}${declaration}`);
  }

  #annotation(): string {
    return this.#random.pick(['', '', '', '', '@doc("a \\"note\\"")\n', '@flag\n', '// a comment\n']);
  }

  #entity({ name, parents, attributes, tags, ids }: EntityType): string {
    const head = `entity ${lastOf(name)}`;
    if (ids !== undefined) return `${head} enum [${[...ids].map((id) => literalText(this.#random, id)).join(', ')}];`;
    const within = parents.size === 0 ? '' : ` in ${this.#names(parents)}`;
    const bare = attributes.attributes.size === 0 && this.#random.chance(0.5);
    const shape = bare ? '' : `${this.#random.pick([' ', ' = '])}${this.#braces(attributes)}`;
    return `${head}${within}${shape}${tags === undefined ? '' : ` tags ${this.#type(tags)}`};`;
  }

  #action({ uid, parents, appliesTo }: ActionDeclaration): string {
    const name = isPlainName(uid.id) && this.#random.chance(0.7) ? uid.id : literalText(this.#random, uid.id);
    const refs = parents.map((parent) =>
      parent.type === uid.type && this.#random.chance(0.6)
        ? literalText(this.#random, parent.id)
        : `${parent.type}::${literalText(this.#random, parent.id)}`,
    );
    const within = refs.length === 0 ? '' : ` in ${this.#list(refs)}`;
    if (appliesTo === undefined) return `action ${name}${within};`;
    const parts = [
      `principal: ${this.#names(appliesTo.principals)}`,
      `resource: ${this.#names(appliesTo.resources)}`,
      `context: ${this.#type(appliesTo.context)}`,
    ];
    if (appliesTo.context.attributes.size === 0 && this.#random.chance(0.5)) parts.pop();
    return `action ${name}${within} appliesTo { ${parts.join(', ')} };`;
  }

  #names(names: ReadonlySet<string>): string {
    return this.#list([...names].map((name) => this.#name(name)));
  }

  /** One alone needs no brackets. */
  #list(written: readonly string[]): string {
    return written.length === 1 && this.#random.chance(0.5) ? (written[0] as string) : `[${written.join(', ')}]`;
  }

  #type(type: SchemaType): string {
    const alias = this.#drawn.aliases.get(type);
    return alias === undefined ? this.#structure(type) : this.#name(alias);
  }

  #structure(type: SchemaType): string {
    if (type.kind === 'entity') return this.#name(type.type);
    if (type.kind === 'set') return `Set<${this.#type(type.element)}>`;
    if (type.kind === 'record') return this.#braces(type);
    const name = NAME_OF_KIND[type.kind] ?? type.kind;
    return this.#random.chance(0.3) ? `__cedar::${name}` : name;
  }

  #braces({ attributes }: RecordType): string {
    const written = [...attributes].map(([name, { type, required }]) => {
      const key = isPlainName(name) && this.#random.chance(0.8) ? name : literalText(this.#random, name);
      return `${key}${required ? '' : '?'}: ${this.#type(type)}`;
    });
    return `{${written.join(', ')}}`;
  }

  #name(full: string): string {
    return namespaceOf(full) === this.#namespace && this.#random.chance(0.7) ? lastOf(full) : full;
  }
}

const lastOf = (full: string): string => full.split('::').at(-1) as string;
