import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSchema } from '../../../src/vm/schema/read-schema.ts';
import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { validatePolicies } from '../../../src/vm/validate/validate.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../../support/fixtures.ts';
import { accepted } from '../support.ts';

const folder = fixturesFolder();
const root = join(folder ?? '', 'corpora', 'cedar');
const MODES = ['strict', 'permissive'] as const;

interface Test {
  readonly policies: string;
  readonly schema: string;
  readonly shouldValidate: boolean;
}
/** Verdicts of the official engine, by policy. */
interface Verdicts {
  readonly policyValidation: {
    strict: boolean;
    permissive: boolean;
    perPolicy: Record<string, Record<string, boolean>>;
  };
}

const text = (path: string): string => readFileSync(join(root, path), 'utf8');
const namesIn = (suite: string): string[] =>
  readdirSync(join(root, suite)).filter((name) => name.endsWith('.json') && !name.endsWith('.entities.json'));

/** For each policy of a test, whether it fits the schema. */
function verdictsOf(test: Test, mode: (typeof MODES)[number]): boolean[] {
  const { policies, problems } = readPolicies(text(test.policies));
  if (problems.length > 0) throw new Error(`cannot read ${test.policies}`);
  const schema = accepted(parseSchema(text(test.schema)));
  return validatePolicies(schema, policies, mode).map(({ errors }) => errors.length === 0);
}

describe.skipIf(folder === undefined)(
  `validation of the official corpus ${folder === undefined ? FIXTURES_SKIPPED : ''}`,
  { timeout: 60_000 },
  () => {
    it('says of every test whether it should validate', () => {
      const wrong: string[] = [];
      const counts = { valid: 0, invalid: 0 };
      for (const suite of ['corpus-tests', 'merged-tests'])
        for (const name of namesIn(suite)) {
          const test = JSON.parse(text(`${suite}/${name}`)) as Test;
          const isValid = verdictsOf(test, 'strict').every((verdict) => verdict);
          if (isValid !== test.shouldValidate) wrong.push(`${suite}/${name}`);
          counts[isValid ? 'valid' : 'invalid']++;
        }
      expect(wrong).toEqual([]);
      expect(counts).toEqual({ valid: 309, invalid: 146 });
    });

    it.each([
      { mode: 'strict' as const, valid: 290, invalid: 110 },
      { mode: 'permissive' as const, valid: 331, invalid: 69 },
    ])('gives the verdict of the official engine for every policy, $mode', ({ mode, valid, invalid }) => {
      const wrong: string[] = [];
      const counts = { valid: 0, invalid: 0 };
      for (const name of namesIn('corpus-tests')) {
        const test = JSON.parse(text(`corpus-tests/${name}`)) as Test;
        const verdictFile = `validation-cedar-go/${name.replace('.json', '.validation.json')}`;
        const { policyValidation } = JSON.parse(text(verdictFile)) as Verdicts;
        const ours = verdictsOf(test, mode);
        if (ours.every((verdict) => verdict) !== policyValidation[mode]) wrong.push(`${name}: all`);
        for (const [index, isValid] of ours.entries()) {
          if (isValid !== policyValidation.perPolicy[`policy${index}`]?.[mode]) wrong.push(`${name}: policy${index}`);
          counts[isValid ? 'valid' : 'invalid']++;
        }
      }
      expect(wrong).toEqual([]);
      expect(counts).toEqual({ valid, invalid });
    });
  },
);
