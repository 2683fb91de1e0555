import { describe, expect, it } from 'vitest';
import { printSchema } from '../../../src/vm/schema/print-schema.ts';
import { FIXTURES_SKIPPED } from '../../support/fixtures.ts';
import { ourMeaning } from './meaning.ts';
import { ODD_SCHEMAS } from './odd-schemas.ts';
import { CORPUS_TIMEOUT_MS, corpusSchemas, folder, isAcceptedByUs, isAcceptedOfficially, schemaOf } from './support.ts';
import { WORLD } from './world.ts';

/** Text → schema → text → schema: the schemas mean the same, and the second text is the first. */
function checkRoundTrip(text: string): void {
  const schema = schemaOf(text);
  const printed = printSchema(schema);
  const again = schemaOf(printed);
  expect(ourMeaning(again)).toEqual(ourMeaning(schema));
  expect(printSchema(again)).toBe(printed);
}

describe('printing a schema', () => {
  it('gives a text that means the same and prints the same', () => {
    for (const text of [WORLD, ...ODD_SCHEMAS.filter(isAcceptedByUs)]) checkRoundTrip(text);
  });

  it('gives a text that the official engine accepts', () => {
    for (const text of [WORLD, ...ODD_SCHEMAS.filter(isAcceptedByUs)])
      expect([text, isAcceptedOfficially(printSchema(schemaOf(text)))]).toEqual([text, true]);
  });

  it('tells apart names that only their place tells apart', () => {
    checkRoundTrip('type T = Action; action a; namespace N { action b; entity E { x: T, y: Action, z: Set<T> }; }');
    checkRoundTrip(
      'entity String, ipaddr; namespace N { entity Long; entity E { a: __cedar::String, b: String, c: Long }; }',
    );
  });

  it('looks like a person wrote it', () => {
    const text =
      'namespace N{entity A,B in[A]{x?:Set<Long>}tags String;action a,b in a appliesTo{principal:A,resource:[A,B]};}';
    expect(() => schemaOf(text)).toThrow('vm-schema.action-cycle');
    expect(printSchema(schemaOf(text.replace('a,b in a', 'a;action "b\\n" in a')))).toBe(
      [
        'namespace N {',
        '  entity A in [N::A] = { "x"?: Set<Long> } tags String;',
        '  entity B in [N::A] = { "x"?: Set<Long> } tags String;',
        '  action "a";',
        '  action "b\\u{a}" in [N::Action::"a"] appliesTo {',
        '    principal: [N::A],',
        '    resource: [N::A, N::B],',
        '    context: {},',
        '  };',
        '}',
        '',
      ].join('\n'),
    );
  });
});

describe.skipIf(folder === undefined)(`printing the corpus ${folder === undefined ? FIXTURES_SKIPPED : ''}`, () => {
  it('gives texts that mean the same and print the same', { timeout: CORPUS_TIMEOUT_MS }, () => {
    for (const text of corpusSchemas()) checkRoundTrip(text);
  });
});
