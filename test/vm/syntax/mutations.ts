import fc from 'fast-check';
import { lex } from '../../../src/vm/syntax/lex.ts';
import { printPolicy } from '../../../src/vm/syntax/print-policy.ts';
import { ODD_EXPRESSIONS, ODD_SETS } from './odd-texts.ts';
import { isOfficial } from './official.ts';
import { when } from './tree.ts';
import { template } from './trees.ts';

/** Texts a few tokens or characters away from Cedar. */

const SPARE =
  'permit forbid ( ) [ ] { } , ; : :: . == != < <= > >= && || ! - + * / % = in has like is if then else when unless principal action ' +
  'resource context true false 1 9223372036854775808 "a" "if" "\\*" "\\q" @ ? ?principal ?resource ?x User :: "a" ip isIpv4 contains __cedar ' +
  '-1 !! -- not and a';
const spare = fc.constantFrom(...SPARE.split(' '));

const accepted = fc.constantFrom(
  ...[...ODD_SETS, ...ODD_EXPRESSIONS.map(when)].filter((text) => text.length > 0 && isOfficial(text)),
);
const whole = fc.oneof({ arbitrary: accepted, weight: 3 }, { arbitrary: template.map(printPolicy), weight: 1 });

type Change = readonly ['drop' | 'double' | 'swap' | 'replace' | 'insert', number, string];
const change: fc.Arbitrary<Change> = fc.tuple(
  fc.constantFrom('drop', 'double', 'swap', 'replace', 'insert'),
  fc.nat({ max: 200 }),
  spare,
);

function changed(words: readonly string[], [kind, place, other]: Change): readonly string[] {
  const i = place % Math.max(1, words.length);
  const [before, word = '', next = '', after] = [words.slice(0, i), words[i], words[i + 1], words.slice(i + 2)];
  const rest = next === '' ? after : [next, ...after];
  switch (kind) {
    case 'drop':
      return [...before, ...rest];
    case 'double':
      return [...before, word, word, ...rest];
    case 'swap':
      return [...before, next, word, ...after];
    case 'replace':
      return [...before, other, ...rest];
    case 'insert':
      return [...before, other, word, ...rest];
  }
}

const fewTokensAway = fc.tuple(whole, fc.array(change, { minLength: 1, maxLength: 2 })).map(([text, changes]) => {
  const words = lex(text).map(({ offset, end }) => text.slice(offset, end));
  return changes.reduce(changed, words).join(' ');
});

/** Characters that lexers disagree about: white space, line ends, quotes, escapes, and what merely looks like ASCII. */
export const ODD_CHARACTERS = [
  ...' \t\n\r\v\f\u0085\u00a0\u1680\u180e\u2028\u2029\u200b\u3000\ufeff\0\u007f"\'`\\/*?@#$&|=<>!%^~.,:;()[]{}_-+09aZéﬀα🎉',
  '//',
  '/*',
  '\\u{41}',
  '\\u{d800}',
  '\\u{110000}',
  '\\u{}',
  '\\x4',
  '\\x41',
  '\\xff',
  '\\0',
  '\\*',
  '\\\n',
  '""',
  '\u0041\u0301',
];

const fewCharactersAway = fc
  .tuple(
    whole,
    fc.array(fc.tuple(fc.nat(), fc.constantFrom(...ODD_CHARACTERS), fc.nat({ max: 1 })), {
      minLength: 1,
      maxLength: 2,
    }),
  )
  .map(([text, changes]) =>
    changes.reduce((before, [place, character, dropped]) => {
      const characters = Array.from(before);
      characters.splice(place % (characters.length + 1), dropped, character);
      return characters.join('');
    }, text),
  );

export const nearlyCedar = fc.oneof(fewTokensAway, fewCharactersAway);
