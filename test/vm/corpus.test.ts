import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type AuthorizationRequest,
  authorize,
  type EntityReader,
  entitiesFromJson,
  isAuthorizedCedar,
  type Json,
  type PolicySet,
  parseJson,
  parsePolicies,
  recordFromJson,
  uidFromJson,
} from '../../src/vm/index.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../support/fixtures.ts';
import { accepted, GAS_LIMIT } from './support.ts';

/** The official corpus: 400 tests of one policy, 55 of several, their answers from the official engine. */
const SUITES = [
  { folder: 'corpus-tests', tests: 400 },
  { folder: 'merged-tests', tests: 55 },
];
const REQUESTS = 3_361;

const folder = fixturesFolder();

interface Case {
  readonly name: string;
  readonly policies: PolicySet;
  readonly entities: EntityReader;
  readonly request: AuthorizationRequest;
  readonly expected: { readonly decision: Json; readonly reason: Json; readonly errors: Json };
}

const at = (json: Json | undefined, key: string): Json => (json as ReadonlyMap<string, Json>).get(key) as Json;

function casesOf(root: string, name: string): Case[] {
  const text = (path: string): string => readFileSync(join(root, path), 'utf8');
  const test = accepted(parseJson(text(name)));
  const policies = accepted(parsePolicies(text(at(test, 'policies') as string)));
  const entities = accepted(entitiesFromJson(accepted(parseJson(text(at(test, 'entities') as string)))));
  return (at(test, 'requests') as readonly Json[]).map((asked) => ({
    name: `${name}: ${at(asked, 'description')}`,
    policies,
    entities,
    request: {
      principal: accepted(uidFromJson(at(asked, 'principal'))),
      action: accepted(uidFromJson(at(asked, 'action'))),
      resource: accepted(uidFromJson(at(asked, 'resource'))),
      context: accepted(recordFromJson(at(asked, 'context'))),
    },
    expected: { decision: at(asked, 'decision'), reason: at(asked, 'reason'), errors: at(asked, 'errors') },
  }));
}

const sorted = (ids: Json | readonly string[]): readonly string[] => [...(ids as readonly string[])].sort();

describe.skipIf(folder === undefined)(
  `the official Cedar corpus ${folder === undefined ? FIXTURES_SKIPPED : ''}`,
  () => {
    const root = join(folder ?? '', 'corpora', 'cedar');
    const names = (suite: string): string[] =>
      readdirSync(join(root, suite))
        .filter((name) => name.endsWith('.json') && !name.endsWith('.entities.json'))
        .map((name) => `${suite}/${name}`);

    it('holds as many tests as we were given', () => {
      for (const { folder: suite, tests } of SUITES) expect(names(suite)).toHaveLength(tests);
    });

    it('agrees with us on decision, reason and errors of every request', () => {
      const cases = SUITES.flatMap(({ folder: suite }) => names(suite)).flatMap((name) => casesOf(root, name));
      const disagreements: string[] = [];
      for (const { name, policies, entities, request, expected } of cases) {
        const ours = isAuthorizedCedar(policies, request, entities);
        const theirs = { ...expected, reason: sorted(expected.reason), errors: sorted(expected.errors) };
        const same = JSON.stringify({ ...ours, reason: sorted(ours.reason), errors: sorted(ours.errors) });
        if (same !== JSON.stringify(theirs)) disagreements.push(name);
      }
      expect(disagreements).toEqual([]);
      expect(cases).toHaveLength(REQUESTS);
    });

    it('gets the same decision from the chain, but for a forbid that erred', () => {
      let decided = 0;
      for (const name of SUITES.flatMap(({ folder: suite }) => names(suite)))
        for (const { policies, request, entities } of casesOf(root, name)) {
          const cedar = isAuthorizedCedar(policies, request, entities);
          const forbids = new Set(policies.policies.filter(({ effect }) => effect === 'forbid').map(({ id }) => id));
          const forbidErred = cedar.errors.some((id) => forbids.has(id));
          const { allowed, outOfGas } = authorize(policies, request, entities, GAS_LIMIT);
          expect({ allowed, outOfGas }).toEqual({
            allowed: cedar.decision === 'allow' && !forbidErred,
            outOfGas: false,
          });
          decided++;
        }
      expect(decided).toBe(REQUESTS);
    });
  },
);
