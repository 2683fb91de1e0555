/**
 * Text with places where a line may break (Wadler, "A prettier printer"; Oppen, "Prettyprinting"). A group is written on one line where
 * it fits, and otherwise breaks at every `line` of its own.
 */
export type Doc =
  | string
  | readonly Doc[]
  /** A break in a broken group; in one that is not, `flat`. */
  | { readonly kind: 'line'; readonly flat: '' | ' ' }
  /** Always a break; `empty` leaves an empty line too. Several in a row are one. */
  | { readonly kind: 'break'; readonly empty: boolean }
  | { readonly kind: 'nest'; readonly content: Doc }
  | { readonly kind: 'group'; readonly content: Doc; readonly breaks: boolean };

export const LINE: Doc = { kind: 'line', flat: ' ' };
export const SOFT_LINE: Doc = { kind: 'line', flat: '' };
export const BREAK: Doc = { kind: 'break', empty: false };
export const EMPTY_LINE: Doc = { kind: 'break', empty: true };
export const nest = (...content: readonly Doc[]): Doc => ({ kind: 'nest', content });
export const group = (...content: readonly Doc[]): Doc => ({ kind: 'group', content, breaks: mustBreak(content) });

const INDENT = 2;

function mustBreak(doc: Doc): boolean {
  if (typeof doc === 'string') return false;
  if (isList(doc)) return doc.some(mustBreak);
  if (doc.kind === 'group') return doc.breaks;
  return doc.kind === 'break' || (doc.kind === 'nest' && mustBreak(doc.content));
}

const isList = (doc: Doc): doc is readonly Doc[] => Array.isArray(doc);

interface Waiting {
  readonly doc: Doc;
  readonly indent: number;
  readonly isBroken: boolean;
}

/** Writes the text, in lines of at most `width` UTF-16 units where it can be broken so. */
export function layOut(doc: Doc, width: number): string {
  const writer = new Writer();
  const waiting: Waiting[] = [{ doc, indent: 0, isBroken: true }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { doc, indent, isBroken } = next;
    if (typeof doc === 'string') writer.text(doc);
    else if (isList(doc))
      for (let i = doc.length - 1; i >= 0; i--) waiting.push({ doc: doc[i] as Doc, indent, isBroken });
    else if (doc.kind === 'nest') waiting.push({ doc: doc.content, indent: indent + INDENT, isBroken });
    else if (doc.kind === 'break') writer.breakLine(indent, doc.empty);
    else if (doc.kind === 'line') {
      if (isBroken) writer.breakLine(indent, false);
      else writer.text(doc.flat);
    } else {
      const breaks = isBroken && (doc.breaks || !fits(doc.content, waiting, width - writer.column(indent)));
      waiting.push({ doc: doc.content, indent, isBroken: breaks });
    }
  }
  return writer.finish();
}

/** Does the content, and what follows up to the next place where a line may break, fit into `room`? */
function fits(content: Doc, rest: readonly Waiting[], room: number): boolean {
  let left = room;
  let at = rest.length;
  const docs: { doc: Doc; isBroken: boolean }[] = [{ doc: content, isBroken: false }];
  while (left >= 0) {
    const next = docs.pop() ?? rest[--at];
    if (next === undefined) return true;
    const { doc, isBroken } = next;
    if (typeof doc === 'string') left -= doc.length;
    else if (isList(doc)) for (let i = doc.length - 1; i >= 0; i--) docs.push({ doc: doc[i] as Doc, isBroken });
    else if (doc.kind === 'break') return true;
    else if (doc.kind === 'line') {
      if (isBroken) return true;
      left -= doc.flat.length;
    } else docs.push({ doc: doc.content, isBroken });
  }
  return false;
}

/** Keeps back spaces and line breaks until text follows: no line ends in a space, and the text does not begin with a break. */
class Writer {
  readonly #parts: string[] = [];
  #column = 0;
  #indent = 0;
  #space = false;
  #breaks = 0;

  column(indent: number): number {
    return this.#breaks > 0 ? indent : this.#column + (this.#space ? 1 : 0);
  }

  text(text: string): void {
    if (text === '') return;
    if (text === ' ') this.#space = this.#breaks === 0;
    else this.#write(text);
  }

  breakLine(indent: number, isEmpty: boolean): void {
    this.#breaks = Math.max(this.#breaks, isEmpty ? 2 : 1);
    this.#indent = indent;
    this.#space = false;
  }

  finish(): string {
    return this.#parts.join('');
  }

  #write(text: string): void {
    if (this.#breaks > 0 && this.#parts.length > 0) {
      this.#parts.push('\n'.repeat(this.#breaks), ' '.repeat(this.#indent));
      this.#column = this.#indent;
    } else if (this.#space && this.#parts.length > 0) {
      this.#parts.push(' ');
      this.#column++;
    }
    [this.#space, this.#breaks] = [false, 0];
    this.#parts.push(text);
    this.#column += text.length;
  }
}
