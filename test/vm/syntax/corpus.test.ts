import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { policyToJson } from '../../../src/vm/json/policy-json.ts';
import { formatPolicies } from '../../../src/vm/syntax/format.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { printPolicy } from '../../../src/vm/syntax/print-policy.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../../support/fixtures.ts';
import { officialJson, plain } from './official.ts';
import { meaningOf, onlyOf } from './tree.ts';

const folder = fixturesFolder();

describe.skipIf(folder === undefined)(
  `the policies of the official corpus ${folder === undefined ? FIXTURES_SKIPPED : ''}`,
  () => {
    const texts = (): readonly string[] => {
      const root = join(folder ?? '', 'corpora', 'cedar', 'corpus-tests');
      const names = readdirSync(root).filter((name) => name.endsWith('.cedar'));
      return names.map((name) => readFileSync(join(root, name), 'utf8'));
    };

    it('are read to the official tree, and printed to a text of the same tree', () => {
      let count = 0;
      for (const text of texts()) {
        const { policies, templates, problems } = readPolicies(text);
        expect(problems).toEqual([]);
        for (const policy of [...policies, ...templates]) {
          const official = officialJson(policy.text);
          expect(plain(policyToJson(policy))).toEqual(official);
          const printed = printPolicy(policy);
          expect(officialJson(printed)).toEqual(official);
          expect(meaningOf(onlyOf(printed))).toEqual(meaningOf(policy));
          expect(printPolicy(onlyOf(printed))).toBe(printed);
          count++;
        }
      }
      expect(count).toBeGreaterThanOrEqual(400);
    });

    it('are formatted for good, to a text of the same tree', () => {
      for (const text of texts()) {
        const once = formatPolicies(text);
        if (!once.ok) throw new Error(JSON.stringify(once.problems));
        expect(formatPolicies(once.text)).toEqual(once);
        expect(readPolicies(once.text).policies.map(meaningOf)).toEqual(readPolicies(text).policies.map(meaningOf));
      }
    });
  },
);
