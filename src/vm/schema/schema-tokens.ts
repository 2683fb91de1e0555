import type { VmCode } from '../codes.ts';
import { VM_LIMITS } from '../limits.ts';
import { unescapeString } from '../syntax/unescape.ts';
import type { SchemaToken } from './lex-schema.ts';
import type { Problems } from './problems.ts';

/** No name: Cedar's reserved words. A schema's own (`entity`, `Set`, …) are names like any other; `__cedar` begins a built-in's. */
const RESERVED = new Set(['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has']);
const DECLARATION_WORDS = new Set(['namespace', 'entity', 'action', 'type']);

/**
 * The parser's view of the tokens. After a problem of syntax it shows only the end of the text, so that every rule falls
 * through, until `recover` goes on with the next declaration.
 */
export class SchemaTokens {
  readonly #tokens: readonly SchemaToken[];
  readonly #end: SchemaToken;
  readonly problems: Problems;
  #at = 0;
  #depth = 0;
  #failed = false;

  constructor(tokens: readonly SchemaToken[], problems: Problems) {
    this.#tokens = tokens;
    this.#end = tokens[tokens.length - 1] as SchemaToken;
    this.problems = problems;
  }

  peek(ahead = 0): SchemaToken {
    return this.#failed ? this.#end : (this.#tokens[this.#at + ahead] ?? this.#end);
  }

  next(): SchemaToken {
    const token = this.peek();
    if (token !== this.#end) this.#at++;
    return token;
  }

  /** Since the last `recover`. */
  get failed(): boolean {
    return this.#failed;
  }

  get atEnd(): boolean {
    return this.peek() === this.#end;
  }

  fail(code: VmCode, at: SchemaToken = this.peek()): void {
    if (!this.#failed) this.problems.add(code, at.offset, at.text === '' ? {} : { name: at.text });
    this.#failed = true;
  }

  /** After a failure: on to where a declaration may begin, behind the next semicolon that one follows. */
  recover(): void {
    if (!this.#failed) return;
    this.#failed = false;
    while (!this.atEnd) if (this.next().text === ';' && this.#mayBeginDeclaration()) return;
  }

  #mayBeginDeclaration(): boolean {
    const { kind, text } = this.peek();
    return kind === 'word' ? DECLARATION_WORDS.has(text) : text === '@' || text === '}';
  }

  is(text: string): boolean {
    const token = this.peek();
    return token.text === text && (token.kind === 'punctuation' || token.kind === 'word');
  }

  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) this.fail('vm-parse.unexpected-token');
  }

  /** A word, reserved ones too: what follows `@`. */
  anyWord(): string {
    if (this.peek().kind === 'word') return this.next().text;
    this.fail('vm-parse.unexpected-token');
    return '';
  }

  identifier(): string {
    if (this.peek().kind === 'word' && RESERVED.has(this.peek().text)) this.fail('vm-parse.reserved-word');
    return this.anyWord();
  }

  string(): string {
    const token = this.peek();
    if (token.kind !== 'string') {
      this.fail('vm-parse.unexpected-token');
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

  /** One level of nesting down: the parser calls itself through here alone, and at most so often. */
  nested<T>(parse: () => T, otherwise: T): T {
    if (this.#depth >= VM_LIMITS.schemaTypeDepthMax) {
      this.fail('vm-schema.too-deep');
      return otherwise;
    }
    this.#depth++;
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  /** One item or more, with commas between. */
  list<T>(item: () => T): readonly T[] {
    const items = [item()];
    while (this.take(',')) items.push(item());
    return items;
  }
}
