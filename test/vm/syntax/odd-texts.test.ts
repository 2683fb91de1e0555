import { describe, expect, it } from 'vitest';
import { policyToJson } from '../../../src/vm/json/policy-json.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { printPolicy } from '../../../src/vm/syntax/print-policy.ts';
import { ODD_CHARACTERS } from './mutations.ts';
import { ODD_EXPRESSIONS, ODD_SETS } from './odd-texts.ts';
import { isOfficial, officialJson, plain } from './official.ts';
import { meaningOf, onlyOf, when } from './tree.ts';

const PLACED = ODD_CHARACTERS.flatMap((odd) => [
  `${odd}permit(principal, action, resource);`,
  `permit(principal, action, resource)${odd};`,
  `permit(principal, action, resource); // a comment ${odd} permit(principal, action, resource)`,
  `permit(principal, action, resource) // a comment ${odd} ;`,
  when(`"a${odd}b" == "${odd}"`),
  when(`"a" like "a${odd}b"`),
  when(`context.a${odd}b`),
  when(`context has "${odd}"`),
]);
const TEXTS = [...ODD_SETS, ...ODD_EXPRESSIONS.map(when), ...PLACED];
const isOurs = (text: string): boolean => readPolicies(text).problems.length === 0;

describe('texts at the edges of the grammar', () => {
  it('are accepted where the official parser accepts them, and refused where it refuses', () => {
    const disagreements = TEXTS.filter((text) => isOurs(text) !== isOfficial(text));
    expect(disagreements).toEqual([]);
  });

  it('are of both kinds', () => {
    const accepted = TEXTS.filter(isOfficial).length;
    expect(accepted).toBeGreaterThan(140);
    expect(TEXTS.length - accepted).toBeGreaterThan(140);
  });

  it('mean the same to both parsers, as written and as we print them', () => {
    for (const text of [...ODD_EXPRESSIONS.map(when), ...PLACED].filter(isOfficial)) {
      if (readPolicies(text).policies.length !== 1) continue;
      const policy = onlyOf(text);
      const official = officialJson(text);
      expect(plain(policyToJson(policy)), text).toEqual(official);
      const printed = printPolicy(policy);
      expect(officialJson(printed), printed).toEqual(official);
      expect(meaningOf(onlyOf(printed)), printed).toEqual(meaningOf(policy));
      expect(printPolicy(onlyOf(printed))).toBe(printed);
    }
  });
});
