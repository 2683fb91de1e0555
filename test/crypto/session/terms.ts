/*
 * Messages as terms, and what an attacker of Dolev and Yao (1983) can make of those it knows: perfect cryptography, where only the
 * holder of a key opens, signs or authenticates, and where equal things are equal terms.
 */
export type Term = string | readonly [Operation, ...Term[]];
type Operation = 'g' | 'dh' | 'key' | 'sig' | 'mac' | 'enc' | 'tuple';

export const tuple = (...parts: readonly Term[]): Term => ['tuple', ...parts];
/** The public half of a scalar. */
export const g = (scalar: string): Term => ['g', scalar];
/** The secret that two scalars share; their order does not matter. */
export const dh = (a: string, b: string): Term => ['dh', ...[a, b].sort()] as unknown as Term;
export const textOf = (term: Term): string =>
  typeof term === 'string'
    ? term
    : `${term[0]}(${term
        .slice(1)
        .map((part) => textOf(part as Term))
        .join(',')})`;

/** Everything known, opened as far as it opens. Immutable: `learn` gives another. */
export class Knowledge {
  readonly #terms: ReadonlyMap<string, Term>;

  private constructor(terms: ReadonlyMap<string, Term>) {
    this.#terms = terms;
  }

  static of(terms: readonly Term[]): Knowledge {
    return new Knowledge(new Map()).learn(terms);
  }

  get terms(): readonly Term[] {
    return [...this.#terms.values()];
  }

  learn(terms: readonly Term[]): Knowledge {
    const known = new Map(this.#terms);
    const queue = [...terms];
    for (let term = queue.pop(); term !== undefined; term = queue.pop()) {
      const text = textOf(term);
      if (known.has(text)) continue;
      known.set(text, term);
      if (typeof term !== 'string' && term[0] === 'tuple') queue.push(...(term.slice(1) as Term[]));
    }
    let grown = new Knowledge(known);
    for (const term of known.values())
      if (typeof term !== 'string' && term[0] === 'enc') {
        const [, key, content] = term as unknown as readonly [string, Term, Term];
        // Opening one may give the key of another: start over with what it holds.
        if (!known.has(textOf(content)) && grown.canMake(key)) grown = grown.learn([content]);
      }
    return grown;
  }

  /** Whether the attacker can send this, or learn it. */
  canMake(term: Term): boolean {
    if (this.#terms.has(textOf(term))) return true;
    if (typeof term === 'string') return false;
    const [operation, ...parts] = term;
    switch (operation) {
      case 'sig':
        return this.canMake(`secret of ${String(parts[0])}`) && this.canMake(parts[1] as Term);
      case 'dh': {
        const [a, b] = parts as [string, string];
        return (this.canMake(a) && this.canMake(g(b))) || (this.canMake(b) && this.canMake(g(a)));
      }
      default:
        return parts.every((part) => this.canMake(part));
    }
  }
}
