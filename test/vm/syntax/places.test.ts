import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { childrenOf, type Expression } from '../../../src/vm/syntax/ast.ts';
import { quote, quotePattern } from '../../../src/vm/syntax/escape.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { positionOf, positionsIn } from '../../../src/vm/syntax/position.ts';
import { printPolicy } from '../../../src/vm/syntax/print-policy.ts';
import { unparseValue } from '../../../src/vm/syntax/unparse-value.ts';
import { template } from './trees.ts';

/** Texts one of which must stand where the node says it is. */
function tokensOf(node: Expression): readonly string[] {
  switch (node.kind) {
    case 'literal':
      return unparseValue(node.value).slice(0, 1);
    case 'variable':
    case 'attribute':
      return [node.name, quote(node.name)];
    case 'call':
      return [node.name];
    case 'and':
      return [node.isIn ? 'is' : '&&'];
    case 'or':
      return ['||'];
    case 'not':
      return ['!'];
    case 'negate':
      return ['-'];
    case 'binary':
      return [node.operator];
    case 'set':
      return ['['];
    case 'record':
      return ['{'];
    default:
      return [node.kind];
  }
}

const allOf = (node: Expression): readonly Expression[] => [node, ...childrenOf(node).flatMap(allOf)];

describe('places', () => {
  it('of expressions are those of their own tokens, of clauses those of their variables', () => {
    fc.assert(
      fc.property(template, template, (first, second) => {
        const text = `// one\n${printPolicy(first)} ${printPolicy(second)}`;
        const { policies, templates } = readPolicies(text);
        for (const policy of [...policies, ...templates]) {
          expect(text.startsWith(policy.text, policy.at)).toBe(true);
          expect(policy.position).toEqual(positionOf(text, policy.at));
          for (const variable of ['principal', 'action', 'resource'] as const)
            expect(text.startsWith(variable, policy.scope[variable].at)).toBe(true);
          for (const { kind, at, body, position } of policy.conditions) {
            expect(text.startsWith(kind, at)).toBe(true);
            expect(position).toEqual(positionOf(text, at));
            for (const node of allOf(body)) {
              const found = tokensOf(node).some((token) => text.startsWith(token, node.at));
              expect(found, `${node.kind} at ${node.at} of ${text}`).toBe(true);
            }
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are counted in lines and columns from 1', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '\n', '\r', 'é', '🎉') }),
        fc.nat({ max: 20 }),
        (text, offset) => {
          const lines = text.slice(0, offset).split('\n');
          const expected = { line: lines.length, column: (lines.at(-1) as string).length + 1 };
          if (offset <= text.length) expect(positionsIn(text)(offset)).toEqual(expected);
        },
      ),
    );
  });

  it('write a pattern as it is read', () => {
    expect(quotePattern(['a', '*"', ''])).toBe('"a*\\*\\"*"');
  });
});
