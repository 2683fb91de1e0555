/**
 * A `like` pattern: literal parts with a wildcard between each two. The leftmost match of each part leaves most for the next, so
 * one pass decides; each search is Knuth, Morris and Pratt's, so the whole is linear in text and pattern, whatever they are.
 */
export interface LikePattern {
  readonly first: string;
  readonly middle: readonly { readonly part: string; readonly borders: Int32Array }[];
  /** `undefined` where the pattern has no wildcard. */
  readonly last: string | undefined;
  /** UTF-16 units of all parts, and its wildcards, for gas. */
  readonly length: number;
}

export function likePattern(parts: readonly string[]): LikePattern {
  return {
    first: parts[0] ?? '',
    middle: parts.slice(1, -1).map((part) => ({ part, borders: bordersOf(part) })),
    last: parts.length > 1 ? parts[parts.length - 1] : undefined,
    length: parts.reduce((sum, part) => sum + part.length, parts.length - 1),
  };
}

export function isLike(text: string, pattern: LikePattern): boolean {
  const { first, middle, last } = pattern;
  if (last === undefined) return text === first;
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const { part, borders } of middle) {
    at = endOfMatch(text, part, borders, at, end);
    if (at < 0) return false;
  }
  return true;
}

/** borders[i]: length of the longest proper prefix of the part that also ends its first i + 1 units. */
function bordersOf(part: string): Int32Array {
  const borders = new Int32Array(part.length);
  let length = 0;
  for (let i = 1; i < part.length; i++) {
    const unit = part.charCodeAt(i);
    while (length > 0 && unit !== part.charCodeAt(length)) length = borders[length - 1] as number;
    if (unit === part.charCodeAt(length)) length++;
    borders[i] = length;
  }
  return borders;
}

/** Where the first occurrence of `part` in text[from, to) ends, or −1. */
function endOfMatch(text: string, part: string, borders: Int32Array, from: number, to: number): number {
  if (part.length === 0) return from;
  let matched = 0;
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    while (matched > 0 && unit !== part.charCodeAt(matched)) matched = borders[matched - 1] as number;
    if (unit === part.charCodeAt(matched)) matched++;
    if (matched === part.length) return i + 1;
  }
  return -1;
}

/** The literal parts that the pattern was made of, with a wildcard between each two. */
export function partsOf({ first, middle, last }: LikePattern): readonly string[] {
  return last === undefined ? [first] : [first, ...middle.map(({ part }) => part), last];
}
