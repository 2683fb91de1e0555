import { type Comment, LINE_WIDTH, layoutPolicy, type Piece } from './layout.ts';
import { lex, type Token } from './lex.ts';
import { readPolicies, type SyntaxProblem } from './parse.ts';
import { BREAK, type Doc, EMPTY_LINE, layOut } from './pretty.ts';

export type Formatted =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problems: readonly SyntaxProblem[] };

/**
 * The text in canonical layout: the same tokens and comments in the same order, policies apart by an empty line, and a line break at the
 * end. Formatting what this gives changes nothing. A text with a problem is left alone.
 */
export function formatPolicies(text: string): Formatted {
  const { problems } = readPolicies(text);
  if (problems.length > 0) return { ok: false, problems };
  const docs: Doc[] = [];
  let policy: Piece[] = [];
  for (const next of withComments(text, lex(text))) {
    policy.push(next);
    if (next.text !== ';') continue;
    if (docs.length > 0) docs.push(EMPTY_LINE);
    docs.push(layoutPolicy(policy));
    policy = [];
  }
  const [end] = policy;
  for (const { text: comment, isApart } of end?.before ?? []) docs.push(isApart ? EMPTY_LINE : BREAK, comment);
  const laid = layOut(docs, LINE_WIDTH);
  return { ok: true, text: laid === '' ? '' : `${laid}\n` };
}

type Draft = Omit<Piece, 'after' | 'before'> & { before: readonly Comment[]; after?: string | undefined };

/** A comment goes with the token before it on its line, else with the one after it. */
function withComments(text: string, tokens: readonly Token[]): readonly Piece[] {
  const pieces: Draft[] = [];
  let end = 0;
  for (const token of tokens) {
    const lines = text
      .slice(end, token.offset)
      .split(/\r\n|\r|\n/)
      .map((line) => line.trim());
    const previous = pieces[pieces.length - 1];
    if (previous !== undefined && lines[0] !== '') previous.after = lines[0] as string;
    // The last line is the token's own; the first belongs to the token before, if there is one.
    const between = lines.slice(previous === undefined ? 0 : 1, token.kind === 'end' ? undefined : -1);
    const { comments, isApart } = commentsOf(between);
    pieces.push({ text: text.slice(token.offset, token.end), before: comments, isApart });
    end = token.end;
  }
  return hoisted(pieces);
}

/** The comments of some lines, and whether an empty line follows the last of them. */
function commentsOf(lines: readonly string[]): { comments: readonly Comment[]; isApart: boolean } {
  const comments: Comment[] = [];
  let isApart = false;
  for (const line of lines) {
    if (line !== '') comments.push({ text: line, isApart });
    isApart = line === '';
  }
  return { comments, isApart: isApart && comments.length > 0 };
}

/** Comments around a `&&`, `||`, `,` or `;` go behind it, on its line and on those below: the separator stays with what it ends. */
function hoisted(pieces: Draft[]): readonly Piece[] {
  pieces.forEach((piece, i) => {
    const next = pieces[i + 1];
    if (!SEPARATORS.has(piece.text) || piece.before.length === 0 || piece.after !== undefined || next === undefined)
      return;
    pieces[i] = { ...piece, before: [], isApart: false };
    next.before = [...piece.before, ...next.before];
  });
  pieces.forEach((piece, i) => {
    const next = pieces[i + 1];
    if (piece.after === undefined || next === undefined || next.after !== undefined || next.before.length > 0) return;
    if (!SEPARATORS.has(next.text)) return;
    next.after = piece.after;
    piece.after = undefined;
  });
  return pieces;
}

const SEPARATORS = new Set(['&&', '||', ',', ';']);
