import type { VmCode } from '../codes.ts';
import { VM_LIMITS } from '../limits.ts';
import { Cursor, RESERVED_WORDS } from './cursor.ts';
import type { Flaw, Token } from './lex.ts';
import { suggestionFor } from './suggest.ts';
import { unescapeString } from './unescape.ts';

const RESERVED: ReadonlySet<string> = new Set([...RESERVED_WORDS, '__cedar']);

/** Can this text be written as a name, without quotes? */
export const isIdentifier = (text: string): boolean => /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(text) && !RESERVED.has(text);

/** A flaw and where it stands. */
export interface Problem extends Flaw {
  readonly at: number;
}

/** The tokens of policies. A flaw is noted when it is passed; what was made of flawed tokens is thrown away. */
export class TokenReader extends Cursor<Token> {
  readonly #problems: Problem[] = [];
  #flaws = 0;

  constructor(tokens: readonly Token[]) {
    super(tokens, { max: VM_LIMITS.expressionDepthMax, tooDeep: 'vm-parse.too-deep' });
  }

  /** In the order in which they were met. No more than `problemsMax` are kept. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** How many flaws were met, kept or not. */
  get flaws(): number {
    return this.#flaws;
  }

  get isFull(): boolean {
    return this.#problems.length >= VM_LIMITS.problemsMax;
  }

  override next(): Token {
    const { flaw } = this.peek();
    if (flaw !== undefined) this.note(flaw.code, this.peek(), flaw.suggestion);
    return super.next();
  }

  /** Keeps a problem and reads on. Of several in one place the first is kept. */
  note(code: VmCode, { offset }: Token = this.peek(), suggestion?: string): void {
    if (this.broken) return;
    this.#flaws++;
    if (this.isFull || this.#problems.some(({ at }) => at === offset)) return;
    this.#problems.push({ code, at: offset, suggestion });
  }

  override fail(code: VmCode, token: Token = this.peek(), suggestion?: string): void {
    this.note(code, token, suggestion);
    this.broken = true;
  }

  /** After a failure, goes on at the next landmark: a semicolon, a condition, or the beginning of a statement. Was there one? */
  mend(): boolean {
    if (!this.broken) return false;
    this.broken = false;
    while (!this.isLandmark() && this.peek().kind !== 'end') this.next();
    return true;
  }

  /** After a failure at this token, goes on behind it: one may tell what was meant. */
  readOnAfter(token: Token): void {
    this.broken = false;
    if (this.peek() === token) this.next();
  }

  isLandmark(): boolean {
    if (this.is(';') || this.is('@')) return true;
    if (this.is('permit') || this.is('forbid')) return this.peek(1).text === '(';
    return (this.is('when') || this.is('unless')) && this.peek(1).text === '{';
  }

  /** Takes what some write for a token of Cedar, and says what to write. */
  takeMistaken(text: string): boolean {
    if (this.peek().text.toLowerCase() !== text || this.peek().kind === 'string') return false;
    this.note('vm-parse.unexpected-token', this.peek(), suggestionFor(this.peek(), undefined, []));
    this.next();
    return true;
  }

  /** Takes this token, and says where it stood. */
  expect(text: string): number {
    const { offset } = this.peek();
    if (!this.take(text)) this.unexpected([text]);
    return offset;
  }

  override unexpected(expected: readonly string[] = []): void {
    const token = this.peek();
    if (token.flaw !== undefined) this.note(token.flaw.code, token, token.flaw.suggestion);
    const code = token.kind === 'slot' ? 'vm-parse.misplaced-slot' : 'vm-parse.unexpected-token';
    this.fail(code, token, suggestionFor(token, this.peek(-1), expected));
  }

  /** A name. `quoted` says how a reserved word could be written here. */
  override identifier(quoted?: (word: string) => string): string {
    const token = this.peek();
    if (token.kind === 'word' && RESERVED.has(token.text))
      this.note('vm-parse.reserved-word', token, quoted && `write \`${quoted(token.text)}\``);
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
    if (value === undefined) this.note('vm-parse.bad-escape', token);
    this.next();
    return value;
  }

  string(): string {
    return this.quoted(unescapeString) ?? '';
  }

  /** What may stand in any number of parentheses. */
  inParentheses<T>(parse: () => T, otherwise: T): T {
    if (!this.is('(')) return parse();
    return this.nested(() => {
      this.next();
      const parsed = this.inParentheses(parse, otherwise);
      this.expect(')');
      return parsed;
    }, otherwise);
  }

  /** Items up to `close`, with commas between and, if one likes, after them. */
  commaSeparated(close: string, item: () => void): void {
    while (!this.is(close) && !this.broken) {
      item();
      if (!this.take(',')) break;
    }
    if (!this.take(close)) this.unexpected([close, ',']);
  }
}
