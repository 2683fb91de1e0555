import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPolicies } from '../../../src/vm/syntax/format.ts';
import { lex } from '../../../src/vm/syntax/lex.ts';
import { printPolicy } from '../../../src/vm/syntax/print-policy.ts';
import { template } from './trees.ts';

function formatted(text: string): string {
  const result = formatPolicies(text);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.text;
}

/** What stands between tokens, line by line. */
function commentsOf(text: string): readonly string[] {
  let end = 0;
  const gaps = lex(text).map((token) => {
    const gap = text.slice(end, token.offset);
    end = token.end;
    return gap;
  });
  return gaps
    .join('\n')
    .split(/[\n\r]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

describe('formatting', () => {
  it('keeps comments with what they are about', () => {
    const text = `// The rules of the ward.


// Who may read.
@id( "read" )   // an id
@draft permit(principal is Nurse,action in [Action::"read", // charts
  Action::"list"],
   // any chart
resource) when{ context.a // first
 && context.b// second
 // third
 && [1,2, // two
 ].contains(1)

 // last
 } unless { false };// behind
   // after



forbid(principal,action,resource);
// end`;
    expect(formatted(text)).toBe(`// The rules of the ward.

// Who may read.
@id("read") // an id
@draft
permit (
  principal is Nurse,
  action in [
    Action::"read", // charts
    Action::"list"
  ],
  // any chart
  resource
)
when {
  context.a && // first
  context.b && // second
  // third
  [
    1,
    2, // two
  ].contains(1)

  // last
}
unless { false }; // behind

// after

forbid (principal, action, resource);
// end
`);
  });

  it('leaves a text with a problem alone', () => {
    expect(formatPolicies('permit(principal, action);')).toMatchObject({
      ok: false,
      problems: [{ code: 'vm-parse.unexpected-token', line: 1, column: 25 }],
    });
  });

  it('loses no comment and no token, wherever comments stand, and changes nothing the second time', () => {
    const gap = fc.constantFrom(
      '',
      ' ',
      '\n',
      '\n\n\n',
      ' // c\n',
      '\n// c\n\n',
      '// c\n // d\r\n',
      '\r// e\r',
      '\t//\n',
    );
    const commented = fc.tuple(template, fc.array(gap, { minLength: 1, maxLength: 40 })).map(([tree, gaps]) => {
      const printed = printPolicy(tree);
      return lex(printed)
        .map(({ offset, end }, i) => `${printed.slice(offset, end)}${gaps[i % gaps.length]} `)
        .join('');
    });
    fc.assert(
      fc.property(commented, commented, (first, second) => {
        const text = `${first}\n${second}`;
        const once = formatted(text);
        expect(formatted(once)).toBe(once);
        expect(commentsOf(once)).toEqual(commentsOf(text));
        const tokensOf = (of: string) => lex(of).map((token) => token.text);
        // A comma behind a last item goes.
        expect(tokensOf(once)).toEqual(tokensOf(text));
        expect(once).not.toMatch(/[ \t]\n|\n\n\n|^\n/);
      }),
      { numRuns: 100 },
    );
  });

  it('leaves an empty text empty, and a text of comments one', () => {
    expect(formatted('')).toBe('');
    expect(formatted(' \n\n')).toBe('');
    expect(formatted('\n\n// a\n\n\n//b')).toBe('// a\n\n//b\n');
  });

  it('wraps no line that could be broken', () => {
    for (const name of ['consent', 'governance', 'participants', 'records', 'views']) {
      const once = formatted(readFileSync(new URL(`../../../policies/${name}.cedar`, import.meta.url), 'utf8'));
      expect(formatted(once)).toBe(once);
      for (const line of once.split('\n')) if (!line.includes('//')) expect(line.length).toBeLessThanOrEqual(100);
    }
  });
});
