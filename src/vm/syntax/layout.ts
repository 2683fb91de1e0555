import { BREAK, type Doc, EMPTY_LINE, group, LINE, nest, SOFT_LINE } from './pretty.ts';

/** A token with the comments that go with it. */
export interface Piece {
  readonly text: string;
  /** Comments on lines of their own before it. */
  readonly before: readonly Comment[];
  /** The comment behind it on its line. */
  readonly after?: string | undefined;
  /** Does an empty line part it from the comments before it? */
  readonly isApart: boolean;
}

export interface Comment {
  readonly text: string;
  /** Does an empty line come before it? */
  readonly isApart: boolean;
}

export const piece = (text: string): Piece => ({ text, before: [], isApart: false });

/** Canonical lines are at most so wide where they can be broken. */
export const LINE_WIDTH = 100;

interface Bracket {
  readonly open: Piece;
  readonly items: readonly Node[];
  readonly close: Piece;
}
type Node = Piece | Bracket;

const BRACKETS = new Set(['(', '[', '{']);
const CLOSING = new Set([')', ']', '}']);

/** The tokens of an expression. */
export const layoutExpression = (pieces: readonly Piece[]): Doc => group(expression(bracketed(pieces)));

/** The tokens of one policy, from its annotations to its semicolon. */
export function layoutPolicy(pieces: readonly Piece[]): Doc {
  const nodes = bracketed(pieces);
  const docs: Doc[] = [];
  let i = 0;
  while (is(nodes[i], '@')) {
    docs.push(docOf(nodes[i++] as Node), docOf(nodes[i++] as Node));
    if (isBracket(nodes[i])) docs.push(docOf(nodes[i++] as Node));
    docs.push(BREAK);
  }
  for (const node of nodes.slice(i)) {
    if (is(node, 'when') || is(node, 'unless')) docs.push(BREAK);
    docs.push(docOf(node));
    if (!isBracket(node) && node.text !== ';') docs.push(' ');
  }
  return docs;
}

const isBracket = (node: Node | undefined): node is Bracket => node !== undefined && 'open' in node;
const is = (node: Node | undefined, text: string): boolean =>
  node !== undefined && !isBracket(node) && node.text === text;

/** Puts what stands between brackets together. The brackets are known to match. */
function bracketed(pieces: readonly Piece[]): readonly Node[] {
  let items: Node[] = [];
  const outer: { open: Piece; before: Node[] }[] = [];
  for (const next of pieces) {
    if (BRACKETS.has(next.text)) {
      outer.push({ open: next, before: items });
      items = [];
    } else if (CLOSING.has(next.text)) {
      const { open, before } = outer.pop() as { open: Piece; before: Node[] };
      before.push({ open, items, close: next });
      items = before;
    } else items.push(next);
  }
  return items;
}

const docOf = (node: Node): Doc => (isBracket(node) ? bracketDoc(node) : pieceDoc(node));

function pieceDoc({ before, text, after, isApart }: Piece): Doc {
  const leading: Doc = before.length > 0 || isApart ? [commentDocs(before), isApart ? EMPTY_LINE : BREAK] : [];
  return [leading, text, behind(after)];
}

const behind = (comment: string | undefined): Doc => (comment === undefined ? [] : [' ', comment, BREAK]);

const commentDocs = (comments: readonly Comment[]): Doc =>
  comments.map(({ text, isApart }) => [isApart ? EMPTY_LINE : BREAK, text]);

/** Records and conditions have spaces inside their braces. */
function bracketDoc({ open, items, close }: Bracket): Doc {
  const edge = open.text === '{' && items.length > 0 ? LINE : SOFT_LINE;
  const inner = nest(edge, listed(items), commentDocs(close.before));
  return [group(pieceDoc(open), inner, edge, close.text), behind(close.after)];
}

/** What stands between commas, each on a line of its own where they do not fit on one. */
function listed(nodes: readonly Node[]): Doc {
  const { parts, separators } = split(nodes, ',');
  if (separators.length === 0) return entry(nodes);
  // A comma behind the last item says nothing, but a comment may hang on it.
  const isTrailing = parts[parts.length - 1]?.length === 0;
  return parts.map((part, i) => {
    const comma = separators[i];
    if (comma === undefined) return group(entry(part));
    const isLast = isTrailing && i === separators.length - 1;
    if (isLast && !hasComment(comma)) return group(entry(part));
    return [group(entry(part)), docOf(comma), isLast ? [] : LINE];
  });
}

const hasComment = (node: Node): boolean => !isBracket(node) && (node.before.length > 0 || node.after !== undefined);

/** `name: expression` in a record, else an expression. */
function entry(nodes: readonly Node[]): Doc {
  const [name, colon, ...value] = nodes;
  if (name === undefined || colon === undefined || !is(colon, ':')) return expression(nodes);
  return [docOf(name), docOf(colon), ' ', group(nest(expression(value)))];
}

function expression(nodes: readonly Node[]): Doc {
  if (is(nodes[0], 'if')) return conditional(nodes);
  for (const operator of ['||', '&&']) {
    const { parts, separators } = split(nodes, operator);
    if (separators.length === 0) continue;
    return parts.map((part, i) => {
      const operand = operator === '||' ? group(nest(expression(part))) : expression(part);
      const separator = separators[i];
      return separator === undefined ? operand : [operand, ' ', docOf(separator), LINE];
    });
  }
  return juxtaposed(nodes);
}

/** `if … then … else if … then … else …`, each branch on a line of its own where they do not fit on one. */
function conditional(nodes: readonly Node[]): Doc {
  const docs: Doc[] = [];
  let rest = nodes;
  while (is(rest[0], 'if')) {
    const then = endOfBranch(rest, 'then', 1);
    const otherwise = endOfBranch(rest, 'else', then + 1);
    const [test, yes] = [rest.slice(1, then), rest.slice(then + 1, otherwise)];
    docs.push(docOf(rest[0] as Node), ' ', group(nest(expression(test))), LINE);
    docs.push(docOf(rest[then] as Node), ' ', group(nest(expression(yes))), LINE);
    docs.push(docOf(rest[otherwise] as Node), ' ');
    rest = rest.slice(otherwise + 1);
  }
  return [docs, group(nest(expression(rest)))];
}

/** Where the `then` or `else` stands that belongs to the `if` before `from`. */
function endOfBranch(nodes: readonly Node[], word: 'then' | 'else', from: number): number {
  let inner = 0;
  let at = from;
  while (inner > 0 || !is(nodes[at], word)) {
    if (is(nodes[at], 'if')) inner++;
    else if (is(nodes[at], 'else')) inner--;
    at++;
  }
  return at;
}

function split(nodes: readonly Node[], separator: string): { parts: readonly (readonly Node[])[]; separators: Node[] } {
  const parts: Node[][] = [[]];
  const separators: Node[] = [];
  for (const node of nodes) {
    if (is(node, separator)) {
      separators.push(node);
      parts.push([]);
    } else (parts[parts.length - 1] as Node[]).push(node);
  }
  return { parts, separators };
}

/** Operands and operators, with the spaces between them. */
function juxtaposed(nodes: readonly Node[]): Doc {
  const docs: Doc[] = [];
  let before: Node | undefined;
  let sticks = true;
  for (const node of nodes) {
    const isSign = is(node, '!') || (is(node, '-') && !isOperand(before));
    if (!sticks && !adheres(node, before)) docs.push(' ');
    docs.push(docOf(node));
    sticks = isSign || is(node, '.') || is(node, '::');
    before = node;
  }
  return docs;
}

/** Does the node stand directly behind an operand: `.name`, `::"id"`, the arguments of a call, an index? */
const adheres = (node: Node, before: Node | undefined): boolean =>
  is(node, '.') || is(node, '::') || (isBracket(node) && node.open.text !== '{' && isOperand(before));

const KEYWORDS = new Set(['if', 'then', 'else', 'in', 'is', 'has', 'like']);

const isOperand = (node: Node | undefined): boolean =>
  node !== undefined && (isBracket(node) || (/^["\w?]/.test(node.text) && !KEYWORDS.has(node.text)));
