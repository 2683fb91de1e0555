/**
 * A drawn expression: text with holes for further ones. It keeps no meaning, only what printing and shrinking need: how
 * tightly it binds, and of which type it is meant to be.
 */
export interface Term {
  /** A key of its intended type: a term may stand where one of the same key stood. */
  readonly type: string;
  readonly level: number;
  readonly pieces: readonly (string | Hole)[];
}

interface Hole {
  readonly term: Term;
  /** Terms that bind less tightly get parentheses. */
  readonly min: number;
}

/** Cedar's grammar from loose to tight. */
export const LEVEL = { expr: 0, or: 1, and: 2, relation: 3, add: 4, mult: 5, unary: 6, member: 7, primary: 8 } as const;

export const hole = (term: Term, min: number): Hole => ({ term, min });

/** `text`, with each `%` replaced by a term that binds at least as tightly as its level. */
export function term(type: string, level: number, text: string, ...holes: readonly Hole[]): Term {
  const parts = text.split('%');
  const pieces: (string | Hole)[] = [parts[0] as string];
  for (const [i, one] of holes.entries()) pieces.push(one, parts[i + 1] as string);
  return { type, level, pieces };
}

/** Text that holds no other term; a percent sign in it is itself. */
export const leaf = (type: string, level: number, text: string): Term => ({ type, level, pieces: [text] });

export function textOf({ pieces }: Term): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const text = textOf(piece.term);
      return piece.term.level < piece.min ? `(${text})` : text;
    })
    .join('');
}

export const childrenOf = ({ pieces }: Term): readonly Term[] =>
  pieces.filter((piece) => typeof piece !== 'string').map((piece) => (piece as Hole).term);

/** The same term with its n-th child replaced. */
export function withChild(parent: Term, n: number, child: Term): Term {
  let at = -1;
  const pieces = parent.pieces.map((piece) => {
    if (typeof piece === 'string') return piece;
    at++;
    return at === n ? hole(child, piece.min) : piece;
  });
  return { ...parent, pieces };
}
