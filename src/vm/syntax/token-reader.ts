import type { VmCode } from '../codes.ts';
import { VM_LIMITS } from '../limits.ts';
import type { Token } from './lex.ts';
import { unescapeString } from './unescape.ts';

const RESERVED = new Set(['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has', '__cedar']);

/**
 * The parser's view of the tokens. It remembers the first failure and from then on shows only the end of the text: every
 * rule falls through, and whatever it made meanwhile is thrown away. So a rule needs no check after each step.
 */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #failure: { readonly code: VmCode; readonly offset: number } | undefined;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get failure(): { readonly code: VmCode; readonly offset: number } | undefined {
    return this.#failure;
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (this.#at < this.#tokens.length - 1) this.#at++;
    return token;
  }

  fail(code: VmCode, at: Token = this.peek()): void {
    this.#failure ??= { code, offset: at.offset };
    this.#at = this.#tokens.length - 1;
  }

  /** Is the next token this punctuation or word? */
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
    if (!this.take(text)) this.unexpected();
  }

  unexpected(): void {
    this.fail(this.peek().kind === 'slot' ? 'vm-parse.template' : 'vm-parse.unexpected-token');
  }

  /** A word, reserved ones too: what follows `@`. */
  anyWord(): string {
    if (this.peek().kind === 'word') return this.next().text;
    this.unexpected();
    return '';
  }

  identifier(): string {
    if (this.peek().kind === 'word' && RESERVED.has(this.peek().text)) this.fail('vm-parse.reserved-word');
    return this.anyWord();
  }

  /** The next token, which must be a string, without its quotes and read by `read`. */
  quoted<T>(read: (raw: string) => T | undefined): T | undefined {
    const token = this.peek();
    if (token.kind !== 'string') {
      this.unexpected();
      return undefined;
    }
    const value = read(token.text);
    if (value === undefined) this.fail('vm-parse.bad-escape');
    else this.next();
    return value;
  }

  string(): string {
    return this.quoted(unescapeString) ?? '';
  }

  /** One level of nesting down: the parser calls itself through here alone, and at most so often. */
  nested<T>(parse: () => T, otherwise: T): T {
    if (this.#depth >= VM_LIMITS.expressionDepthMax) {
      this.fail('vm-parse.too-deep');
      return otherwise;
    }
    this.#depth++;
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  /** Items up to `close`, with commas between and, if one likes, after them. */
  commaSeparated(close: string, item: () => void): void {
    while (!this.is(close) && this.#failure === undefined) {
      item();
      if (!this.take(',')) break;
    }
    this.expect(close);
  }
}
