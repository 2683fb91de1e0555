import { field, isMap, type JsonMap, listField, textField } from './json.ts';
import { FHIR_LIMITS } from './limits.ts';

/** Elements that speak of people, of handling, or of the file, and not of what was found. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'meta',
  'text',
  'identifier',
  'name',
  'telecom',
  'address',
  'contact',
  'extension',
]);
/** Shorter words find everything. */
const WORD_UNITS_MIN = 3;
const WORDS = /[\p{L}\p{N}]+/gu;

/**
 * Search tokens of a FHIR resource or Bundle, from its codes alone: `system|code` as FHIR writes search tokens (R4, 3.1.1.4.10), and the words of
 * what is displayed beside them, in Unicode's NFKC and lower case. Names, identifiers and free text give none. Each once, codes before
 * words, in the order in which they stand; no more than the limit.
 */
export function keywordsOf(resource: unknown): readonly string[] {
  const codes = new Set<string>();
  const words = new Set<string>();
  const waiting: unknown[] = [resource];
  for (let looked = 0; waiting.length > 0 && looked < FHIR_LIMITS.keywordNodesMax; looked++) {
    const node = waiting.pop();
    if (Array.isArray(node)) pushReversed(waiting, node);
    else if (isMap(node)) {
      takeCoding(node, codes, words);
      pushReversed(waiting, childrenOf(node));
    }
  }
  return [...codes, ...words].slice(0, FHIR_LIMITS.keywordsMax);
}

const childrenOf = (node: JsonMap): readonly unknown[] =>
  Object.keys(node)
    .filter((name) => !LEFT_OUT.has(name))
    .map((name) => node[name])
    .filter((child) => typeof child === 'object' && child !== null);

/** What stands first is looked at first. */
function pushReversed(waiting: unknown[], items: readonly unknown[]): void {
  for (let at = items.length - 1; at >= 0; at--) waiting.push(items[at]);
}

function takeCoding(node: JsonMap, codes: Set<string>, words: Set<string>): void {
  const [system, code] = [textField(node, 'system'), textField(node, 'code')];
  // A quantity has a unit's code; nobody searches for units.
  if (system !== undefined && code !== undefined && field(node, 'value') === undefined) {
    add(codes, `${system}|${normal(code)}`);
    takeWords(textField(node, 'display'), words);
  }
  if (listField(node, 'coding').length > 0) takeWords(textField(node, 'text'), words);
}

function takeWords(text: string | undefined, words: Set<string>): void {
  for (const [word] of normal(text ?? '').matchAll(WORDS)) if (word.length >= WORD_UNITS_MIN) add(words, word);
}

/** Without a locale, so that every device makes the same token. */
export const normal = (text: string): string => text.normalize('NFKC').toLowerCase().normalize('NFKC');

/** Half a token would be another one. */
function add(tokens: Set<string>, token: string): void {
  if (token.length <= FHIR_LIMITS.keywordUnitsMax && tokens.size < FHIR_LIMITS.keywordsMax) tokens.add(token);
}
