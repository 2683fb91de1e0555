import type { Random } from '../../../src/simulator/random.ts';

/** Pieces that a text may get where it should not, or should: words, signs and characters that parsers trip over. */
const PIECES = [
  ...[
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    ',',
    ';',
    ':',
    '::',
    '.',
    '@',
    '?',
    '?principal',
    '?resource',
    '?other',
    '=',
    '==',
    '!',
    '-',
    '+',
  ],
  ...[
    '*',
    '/',
    '%',
    '<',
    '<=',
    '&&',
    '||',
    '&',
    '|',
    'if',
    'then',
    'else',
    'in',
    'is',
    'has',
    'like',
    'true',
    'permit',
    'forbid',
  ],
  ...[
    'when',
    'unless',
    'principal',
    'action',
    'resource',
    'context',
    'ip',
    'decimal',
    'datetime("")',
    'contains',
    'isEmpty()',
  ],
  ...[
    '__cedar',
    '__cedar::X::"a"',
    'User::"a"',
    'A::B::C',
    'x',
    '_',
    '0',
    '00',
    '9223372036854775808',
    '-9223372036854775808',
    '1.5',
  ],
  ...[
    '"',
    '"a"',
    '"\\u{41}"',
    '"\\u{d800}"',
    '"\\u{110000}"',
    '"\\x7f"',
    '"\\x80"',
    '"\\q"',
    '"\\*"',
    '"\\0"',
    "'",
    '\\',
    '\n',
    '\t',
  ],
  ...[
    '//',
    '// x\n',
    '/*',
    '\u00a0',
    '\u200b',
    '\ufeff',
    'é',
    '🙂',
    '\0',
    '@id("x")',
    '@x',
    'principal.a',
    '["a"]',
    '.a',
    '.a()',
    '{a: 1}',
  ],
];

/** Words, numbers, strings, signs, runs of space: where people would cut a text. */
const TOKEN = /"(?:\\.|[^"\\])*"|[\p{L}_][\p{L}\p{N}_]*|\d+|::|==|!=|<=|>=|&&|\|\||\s+|./gsu;

/** A text with a few changes; it may still be one that both accept. */
export function mutated(random: Random, text: string): string {
  const tokens = text.match(TOKEN) ?? [];
  for (let changes = random.integer(1, 3); changes > 0 && tokens.length > 0; changes--) {
    const at = random.integer(0, tokens.length - 1);
    const other = tokens[random.integer(0, tokens.length - 1)] as string;
    switch (random.integer(0, 5)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(at, 0, random.pick(PIECES));
        break;
      case 2:
        tokens[at] = random.pick(PIECES);
        break;
      case 3:
        tokens.splice(at, 0, other);
        break;
      case 4:
        tokens[at] = other;
        break;
      default:
        tokens.splice(at, random.integer(1, 4));
    }
  }
  return tokens.join('');
}
