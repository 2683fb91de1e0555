import type { VmCode } from '../codes.ts';
import { VM_LIMITS } from '../limits.ts';
import { Cursor, RESERVED_WORDS } from '../syntax/cursor.ts';
import { unescapeString } from '../syntax/unescape.ts';
import type { SchemaToken } from './lex-schema.ts';
import type { Problems } from './problems.ts';

/** A schema's own words (`entity`, `Set`, …) are names like any other; `__cedar` begins a built-in's. */
const RESERVED: ReadonlySet<string> = new Set(RESERVED_WORDS);
const DECLARATION_WORDS = new Set(['namespace', 'entity', 'action', 'type']);

/** The tokens of a schema. A failure costs the declaration in which it stands, and no other. */
export class SchemaTokens extends Cursor<SchemaToken> {
  readonly problems: Problems;

  constructor(tokens: readonly SchemaToken[], problems: Problems) {
    super(tokens, { max: VM_LIMITS.schemaTypeDepthMax, tooDeep: 'vm-schema.too-deep' });
    this.problems = problems;
  }

  /** Since the last `recover`. */
  get failed(): boolean {
    return this.broken;
  }

  override fail(code: VmCode, at: SchemaToken = this.peek()): void {
    if (!this.broken) this.problems.add(code, at.offset, at.text === '' ? {} : { name: at.text });
    this.broken = true;
  }

  override unexpected(): void {
    this.fail('vm-parse.unexpected-token');
  }

  /** After a failure: on to where a declaration may begin, behind the next semicolon that one follows. */
  recover(): void {
    if (!this.broken) return;
    this.broken = false;
    while (!this.atEnd) if (this.next().text === ';' && this.#mayBeginDeclaration()) return;
  }

  #mayBeginDeclaration(): boolean {
    const { kind, text } = this.peek();
    return kind === 'word' ? DECLARATION_WORDS.has(text) : text === '@' || text === '}';
  }

  expect(text: string): void {
    if (!this.take(text)) this.unexpected();
  }

  override identifier(): string {
    if (this.peek().kind === 'word' && RESERVED.has(this.peek().text)) this.fail('vm-parse.reserved-word');
    return this.anyWord();
  }

  string(): string {
    const token = this.peek();
    if (token.kind !== 'string') {
      this.unexpected();
      return '';
    }
    const text = unescapeString(token.text);
    if (text === undefined) this.fail('vm-parse.bad-escape');
    this.next();
    return text ?? '';
  }

  identifierOrString(): string {
    return this.peek().kind === 'string' ? this.string() : this.identifier();
  }

  /** One item or more, with commas between. */
  list<T>(item: () => T): readonly T[] {
    const items = [item()];
    while (this.take(',')) items.push(item());
    return items;
  }
}
