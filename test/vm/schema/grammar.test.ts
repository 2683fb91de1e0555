import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSchema } from '../../../src/vm/schema/read-schema.ts';
import { FIXTURES_SKIPPED } from '../../support/fixtures.ts';
import { officialMeaning, ourMeaning } from './meaning.ts';
import { ODD_SCHEMAS } from './odd-schemas.ts';
import { CORPUS_TIMEOUT_MS, corpusSchemas, folder, isAcceptedByUs, isAcceptedOfficially, schemaOf } from './support.ts';

const disagreements = (texts: readonly string[]): readonly string[] =>
  texts.filter((text) => isAcceptedByUs(text) !== isAcceptedOfficially(text));

/** What the official call for meanings refuses, though it accepts the schema: it does not know the type `Action`. */
const knowsAction = (text: string): boolean => /\bAction\b(?!::")/.test(text);

const TOKENS = /"(?:\\[^\n]|[^"\\])*"|\s+|[A-Za-z_]\w*|::|./gsu;
const WORDS = [
  'Long',
  'Set',
  'in',
  '__cedar',
  'Action',
  '::',
  '"x"',
  'String',
  '?',
  '@a',
  'enum',
  'tags',
  '{',
  '}',
  ',',
];

/** A text with one or two tokens dropped, repeated, replaced or swapped. */
const mutated = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...texts),
      fc.array(fc.tuple(fc.nat(4), fc.nat(100_000), fc.nat(100_000)), { minLength: 1, maxLength: 2 }),
    )
    .map(([text, changes]) => {
      const tokens: string[] = text.match(TOKENS) ?? [''];
      for (const [change, from, to] of changes) {
        const [a, b] = [from % tokens.length, to % tokens.length];
        const [first, second] = [tokens[a] ?? '', tokens[b] ?? ''];
        if (change === 0) tokens.splice(a, 1);
        else if (change === 1) tokens.splice(a, 0, second);
        else if (change === 2) tokens[a] = second;
        else if (change === 3) [tokens[a], tokens[b]] = [second, first];
        else tokens[a] = WORDS[to % WORDS.length] as string;
      }
      return tokens.join('');
    });

describe('schemas in Cedar syntax, beside the official engine', () => {
  it('are accepted and refused alike at the edges of the language', () => {
    expect(disagreements(ODD_SCHEMAS)).toEqual([]);
    expect([ODD_SCHEMAS.length, ODD_SCHEMAS.filter(isAcceptedByUs).length]).toEqual([228, 94]);
  });

  it('mean the same where both accept them', () => {
    const texts = ODD_SCHEMAS.filter((text) => isAcceptedByUs(text) && !knowsAction(text));
    for (const text of texts) expect([text, ourMeaning(schemaOf(text))]).toEqual([text, officialMeaning(text)]);
    expect(texts.length).toBeGreaterThan(80);
  });

  it('are accepted and refused alike when tokens are dropped, repeated, replaced or swapped', () => {
    const texts = ODD_SCHEMAS.filter(isAcceptedByUs);
    let accepted = 0;
    fc.assert(
      fc.property(mutated(texts), (text) => {
        expect(isAcceptedByUs(text)).toBe(isAcceptedOfficially(text));
        if (isAcceptedByUs(text)) accepted++;
      }),
      { numRuns: 600 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  it('are read or refused with a problem, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const { schema, problems } = readSchema(text);
        expect(schema === undefined).toBe(problems.length > 0);
      }),
    );
  });
});

describe.skipIf(folder === undefined)(
  `the schemas of the corpus ${folder === undefined ? FIXTURES_SKIPPED : ''}`,
  () => {
    it('are all accepted, and mean what the official engine reads in them', { timeout: CORPUS_TIMEOUT_MS }, () => {
      const texts = corpusSchemas();
      expect(texts).toHaveLength(455);
      let compared = 0;
      for (const text of texts) {
        const ours = ourMeaning(schemaOf(text));
        if (knowsAction(text)) continue;
        expect(ours).toEqual(officialMeaning(text));
        compared++;
      }
      expect(compared).toBeGreaterThan(400);
    });

    it('are accepted and refused alike when their tokens are changed', () => {
      const texts = corpusSchemas().filter((text) => text.length < 1_500);
      fc.assert(
        fc.property(mutated(texts), (text) => {
          expect(isAcceptedByUs(text)).toBe(isAcceptedOfficially(text));
        }),
        { numRuns: 600 },
      );
    });
  },
);
