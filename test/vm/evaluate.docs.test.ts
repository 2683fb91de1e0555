import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  authorize,
  entitiesFromJson,
  explain,
  parseJson,
  parsePolicies,
  recordFromJson,
  toldTo,
  uidFromJson,
} from '../../src/vm/index.ts';
import { readPolicies } from '../../src/vm/syntax/parse.ts';
import { printPolicy } from '../../src/vm/syntax/print-policy.ts';
import { accepted, GAS_LIMIT } from './support.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const PAGES = ['README.md', 'for-clinicians.md', 'how-an-evaluator-works.md'].map((name) => `docs/policies/${name}`);

const blocksOf = (path: string, language: string): readonly string[] =>
  [...read(path).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .filter(([, written]) => written === language)
    .map(([, , block = '']) => block);

const trimmed = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .join('\n');

describe('the pages about policies', () => {
  it('show code that stands in the engine as it stands there', () => {
    const files = readdirSync(new URL('src/vm/', root), { recursive: true, encoding: 'utf8' });
    const code = files.filter((name) => name.endsWith('.ts')).map((name) => trimmed(read(`src/vm/${name}`)));
    const blocks = PAGES.flatMap((page) => blocksOf(page, 'ts'));
    expect(blocks.length).toBeGreaterThan(5);
    expect(blocks.filter((block) => !code.some((file) => file.includes(trimmed(block))))).toEqual([]);
  });

  it('show policies that are the shipped ones', () => {
    const shipped = readdirSync(new URL('policies/', root))
      .filter((name) => name.endsWith('.cedar'))
      .flatMap((name) => readPolicies(read(`policies/${name}`)).policies);
    const shown = [...shipped, ...readPolicies(read('docs/policies/first/ward.cedar')).policies].map((policy) =>
      printPolicy(policy),
    );
    const blocks = PAGES.flatMap((page) => blocksOf(page, 'cedar'));
    expect(blocks.length).toBeGreaterThan(2);
    for (const block of blocks) {
      const { policies, problems } = readPolicies(block);
      expect(problems).toEqual([]);
      for (const policy of policies) expect(shown).toContain(printPolicy(policy));
    }
  });

  it('tell what the commands answer', () => {
    const tour = read('docs/policies/README.md');
    const json = (name: string) => accepted(parseJson(read(`docs/policies/first/${name}.json`)));
    const policies = accepted(parsePolicies(read('docs/policies/first/ward.cedar')));
    const entities = accepted(entitiesFromJson(json('entities')));
    const asked = json('request') as ReadonlyMap<string, never>;
    const uid = (name: string) => accepted(uidFromJson(asked.get(name) as never));
    const request = {
      principal: uid('principal'),
      action: uid('action'),
      resource: uid('resource'),
      context: accepted(recordFromJson(asked.get('context') as never)),
    };
    const { allowed, reasons, gasUsed } = authorize(policies, request, entities, GAS_LIMIT);
    expect({ allowed, reasons }).toEqual({ allowed: true, reasons: ['ward-reads'] });
    expect(tour).toContain(`gas      ${gasUsed}\n`);
    expect(read('docs/policies/how-an-evaluator-works.md')).toContain(`[first tour](README.md) is ${gasUsed}.`);
    for (const id of ['8', '9']) {
      const explanation = explain(policies, { ...request, resource: { ...request.resource, id } }, entities, GAS_LIMIT);
      expect(tour).toContain(`\n${toldTo('reviewer', explanation).sentence}\n`);
      expect(tour).toContain(`\n${toldTo('requester', explanation).sentence}\n`);
    }
  });
});
