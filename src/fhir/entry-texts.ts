import { endOfText } from './json-scan.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/**
 * The text of each entry of a Bundle, cut out as it stands: what is parsed and written anew would lose a decimal's digits (R4, 2.24.0.1: 1.50 is
 * not 1.5). The text is a Bundle that `bundleEntries` has read: valid, and no name stands in it twice.
 */
export function entryTexts(text: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let expectsName = false;
  let name = '';
  let isInList = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      const end = endOfText(text, at);
      if (depth === 1 && expectsName) name = JSON.parse(text.slice(at, end + 1));
      at = end;
    } else if (unit === OPEN_MAP || unit === OPEN_LIST) {
      if (depth === 1 && unit === OPEN_LIST) isInList = name === 'entry';
      if (depth === 2 && isInList) start = at;
      depth += 1;
      expectsName = depth === 1;
    } else if (unit === CLOSE_MAP || unit === CLOSE_LIST) {
      depth -= 1;
      if (depth === 2 && isInList) found.push(text.slice(start, at + 1));
      if (depth === 1) isInList = false;
    } else if (depth === 1 && unit === COMMA) expectsName = true;
    else if (depth === 1 && unit === COLON) expectsName = false;
  }
  return found;
}
