import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPolicies } from '../../src/vm/syntax/parse.ts';
import { policyFiles } from '../ledger/town.ts';
import { CASES } from './matrix/index.ts';
import { idOf } from './verdicts.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const ROW = /^\| `([a-z-]+)` \| ([F\d, ]+) \| (.+) \| (".+") \|$/;

/** A row of the page: a policy, its features, and the names of cases. */
const rows = read('docs/policies/consortium.md')
  .split('\n')
  .flatMap((line) => {
    const [, id = '', features = '', sentence = '', names = ''] = ROW.exec(line) ?? [];
    const cases = names.split(' · ').map((name) => name.slice(1, -1));
    return id === '' ? [] : [{ id, features: features.split(', '), sentence, cases }];
  });
const policies = policyFiles().flatMap(({ text }) => readPolicies(text).policies);
const byName = new Map(CASES.map(([name, , expected]) => [name, expected]));

describe("the page of the consortium's policies", () => {
  it('has a row for each policy, and for nothing else', () => {
    expect(rows.map(({ id }) => id).sort()).toEqual(policies.map(idOf).sort());
  });

  it.each(rows)('says of $id a sentence, features that there are, and cases that there are', (row) => {
    const known: readonly string[] = read('docs/features.md').match(/^\| F\d+ /gm) ?? [];
    expect(row.features.filter((feature) => !known.includes(`| ${feature} `))).toEqual([]);
    expect(row.sentence).toMatch(/^[A-Z].*\.\*?$/);
    expect(row.cases.filter((name) => !byName.has(name))).toEqual([]);
  });

  it.each(rows)('names a case that $id decides', ({ id, cases }) => {
    expect(cases.some((name) => byName.get(name)?.by.includes(id))).toBe(true);
  });

  it.each(['F20', 'F21', 'F22', 'F29', 'F30', 'F42', 'F46', 'F49', 'F50', 'F56'])('has a policy for %s', (feature) => {
    expect(rows.some(({ features }) => features.includes(feature))).toBe(true);
  });
});
