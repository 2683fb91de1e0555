import type { Token } from './lex.ts';

/** How people spell what Cedar spells otherwise. */
const OTHER_SPELLINGS = new Map([
  ['=', 'write `==` to compare'],
  ['and', 'write `&&`'],
  ['or', 'write `||`'],
  ['not', 'write `!`'],
  ['allow', 'did you mean `permit`?'],
  ['deny', 'did you mean `forbid`?'],
  ['where', 'did you mean `when`?'],
  ['hasTag', 'a method is called with a dot: `….hasTag(…)`'],
  ['contains', 'a method is called with a dot: `….contains(…)`'],
  ['containsAll', 'a method is called with a dot: `….containsAll(…)`'],
  ['containsAny', 'a method is called with a dot: `….containsAny(…)`'],
]);

/** What to write where `found` stands and one of `expected` should, after `previous`. */
export function suggestionFor(
  found: Token,
  previous: Token | undefined,
  expected: readonly string[],
): string | undefined {
  if (expected.includes(';') && (found.kind === 'end' || startsStatement(found.text))) return 'a policy ends with `;`';
  if (previous?.text === '.' && found.kind === 'number') return 'a number with a fraction is `decimal("1.5")`';
  if (found.kind === 'word') {
    const near = nearest(found.text, expected);
    if (near !== undefined) return didYouMean(near);
  }
  if (found.text === ':' && expected.includes(',')) return 'write `is` to test a type';
  if (found.text === '!=' && expected.includes(','))
    return 'a scope has `==`, `in` and `is`; write the rest under `unless`';
  if (found.kind === 'word' || found.kind === 'punctuation') {
    const spelling = OTHER_SPELLINGS.get(found.text) ?? OTHER_SPELLINGS.get(found.text.toLowerCase());
    if (spelling !== undefined) return spelling;
  }
  const [only] = expected;
  const isOnlyOne =
    expected.length === 1 && (found.kind === 'end' || found.text === ';' || /^(\w+|[{(:])$/.test(only ?? ''));
  return isOnlyOne ? `\`${only}\` is missing here` : undefined;
}

const startsStatement = (text: string): boolean => text === 'permit' || text === 'forbid' || text === '@';

export const didYouMean = (name: string): string => `did you mean \`${name}\`?`;

/** The known name that `name` most likely means: at most two typing errors away, and fewer in a short name. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    if (!/^\w/.test(candidate)) continue;
    const errorsMax = candidate.length < 8 ? 1 : 2;
    if (Math.abs(candidate.length - name.length) > errorsMax) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance > errorsMax || distance >= bestDistance) continue;
    [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Letters to insert, remove, replace or swap with their neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let distance = Math.min(
        (last[j - 1] as number) + (same ? 0 : 1),
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) distance = Math.min(distance, (beforeLast[j - 2] as number) + 1);
      row.push(distance);
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length] as number;
}
