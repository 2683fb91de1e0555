/** What a string token means: its text without escapes, or `undefined` where one is not Cedar's. */
export function unescapeString(raw: string): string | undefined {
  const parts = unescapeParts(raw, false);
  return parts === undefined ? undefined : (parts[0] as string);
}

/**
 * The literal parts of a `like` pattern between its wildcards: `a*b\*` gives `['a', 'b*']`. In a pattern a star is the wildcard,
 * also one written as `\x2a`, and only `\*` the star itself: so the official parser reads it.
 */
export function unescapePattern(raw: string): readonly string[] | undefined {
  return unescapeParts(raw, true);
}

const SIMPLE = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['0', '\0'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
]);
/** One character, or an escape: `\xHH`, `\u{H…}`, or a backslash and one character. */
const UNIT = /\\x([0-9a-fA-F]{2})|\\u\{([0-9a-fA-F][0-9a-fA-F_]*)\}|\\(.)|([^\\])/suy;

function unescapeParts(raw: string, wildcards: boolean): readonly string[] | undefined {
  const parts: string[] = [];
  let part = '';
  UNIT.lastIndex = 0;
  while (UNIT.lastIndex < raw.length) {
    const unit = UNIT.exec(raw);
    if (unit === null) return undefined;
    const [, byte, scalar, escaped, plain] = unit;
    const character = plain ?? escapedCharacter(byte, scalar, escaped as string, wildcards);
    if (character === '*' && escaped !== '*' && wildcards) {
      parts.push(part);
      part = '';
      continue;
    }
    // A bare carriage return is refused as Cedar does: what one sees would not be what is compared.
    if (character === undefined || plain === '\r') return undefined;
    part += character;
  }
  parts.push(part);
  return parts;
}

function escapedCharacter(
  byte: string | undefined,
  scalar: string | undefined,
  escaped: string,
  wildcards: boolean,
): string | undefined {
  if (byte !== undefined) {
    const code = Number.parseInt(byte, 16);
    return code < 0x80 ? String.fromCharCode(code) : undefined;
  }
  if (scalar !== undefined) return unicodeScalar(scalar.replaceAll('_', ''));
  if (escaped === '*' && wildcards) return '*';
  return SIMPLE.get(escaped);
}

/** One to six hexadecimal digits that name a character; surrogates are none. */
function unicodeScalar(digits: string): string | undefined {
  if (digits.length > 6) return undefined;
  const code = Number.parseInt(digits, 16);
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code);
}
