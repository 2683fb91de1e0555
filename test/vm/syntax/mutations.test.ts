import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyToJson } from '../../../src/vm/json/policy-json.ts';
import { formatPolicies } from '../../../src/vm/syntax/format.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { nearlyCedar } from './mutations.ts';
import { isOfficial, officialJson, officialParts, plain } from './official.ts';

const NUM_RUNS = Number(process.env.CARECHAIN_SYNTAX_RUNS ?? 400);

describe('texts a few tokens or characters away from Cedar', () => {
  it('are accepted where the official parser accepts them, with the same meaning', () => {
    let accepted = 0;
    fc.assert(
      fc.property(nearlyCedar, (text) => {
        const { policies, templates, problems } = readPolicies(text);
        expect(problems.length === 0, JSON.stringify(problems)).toBe(isOfficial(text));
        if (problems.length > 0) return;
        accepted++;
        const parts = officialParts(text);
        expect([policies.length, templates.length]).toEqual([parts.policies.length, parts.templates.length]);
        for (const policy of [...policies, ...templates])
          expect(plain(policyToJson(policy))).toEqual(officialJson(policy.text));
      }),
      { numRuns: NUM_RUNS },
    );
    expect(accepted).toBeGreaterThan(NUM_RUNS / 200);
  });

  it('are formatted where they are accepted, for good, and mean the same', () => {
    fc.assert(
      fc.property(nearlyCedar, (text) => {
        const formatted = formatPolicies(text);
        expect(formatted.ok).toBe(readPolicies(text).problems.length === 0);
        if (!formatted.ok) return;
        expect(formatPolicies(formatted.text)).toEqual(formatted);
        const [before, after] = [readPolicies(text), readPolicies(formatted.text)];
        for (const kind of ['policies', 'templates'] as const)
          expect(after[kind].map(policyToJson)).toEqual(before[kind].map(policyToJson));
      }),
      { numRuns: NUM_RUNS },
    );
  });
});
