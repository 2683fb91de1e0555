import type { VmCode } from '../codes.ts';

/** What policies and schemas alike do not take for a name. */
export const RESERVED_WORDS = ['true', 'false', 'if', 'then', 'else', 'in', 'is', 'like', 'has'] as const;

export interface AnyToken {
  readonly kind: string;
  readonly text: string;
}

/**
 * A parser's place among tokens, of which the last marks the end of the text. After a failure it shows that end alone, so that every
 * rule falls through and needs no check after each step, until the parser mends it at a landmark.
 */
export abstract class Cursor<T extends AnyToken> {
  readonly #tokens: readonly T[];
  readonly #end: T;
  readonly #nesting: { readonly max: number; readonly tooDeep: VmCode };
  #at = 0;
  #depth = 0;
  protected broken = false;

  constructor(tokens: readonly T[], nesting: { readonly max: number; readonly tooDeep: VmCode }) {
    this.#tokens = tokens;
    this.#end = tokens[tokens.length - 1] as T;
    this.#nesting = nesting;
  }

  /** Keeps a problem after which nothing can be made of what follows. */
  abstract fail(code: VmCode): void;
  /** Fails: no rule goes on with the next token. */
  abstract unexpected(): void;

  /** A word that is not reserved. */
  abstract identifier(): string;

  get atEnd(): boolean {
    return this.peek() === this.#end;
  }

  peek(ahead = 0): T {
    return this.broken ? this.#end : (this.#tokens[this.#at + ahead] ?? this.#end);
  }

  next(): T {
    const token = this.peek();
    if (token !== this.#end) this.#at++;
    return token;
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

  /** A word, reserved ones too: what follows `@`. */
  anyWord(): string {
    if (this.peek().kind === 'word') return this.next().text;
    this.unexpected();
    return '';
  }

  /** One level of nesting down: the parser calls itself through here alone, and at most so often. */
  nested<R>(parse: () => R, otherwise: R): R {
    if (this.#depth >= this.#nesting.max) {
      this.fail(this.#nesting.tooDeep);
      return otherwise;
    }
    this.#depth++;
    const parsed = parse();
    this.#depth--;
    return parsed;
  }
}
