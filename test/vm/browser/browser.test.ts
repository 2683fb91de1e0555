import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { requestsOf } from '../../../src/bench/policies/requests.ts';
import { WORLD } from '../../../src/bench/policies/world.ts';
import { FIXTURES_SKIPPED, fixturesFolder } from '../../support/fixtures.ts';
import { answersOf } from './entry.ts';

const GAS_LIMIT = 100_000;
/** Of the requests and of the official corpus every so many: a bare context is slow, and all of them say no more. */
const REQUESTS_STRIDE = 4;
const CORPUS_STRIDE = 2;

/**
 * The engine as a browser gets it, in a world that has ECMAScript and two objects of the Encoding Standard, which every browser has and
 * the CBOR library asks for when it is loaded. There is nothing of Node.
 */
let inBrowser: typeof answersOf;

beforeAll(async () => {
  const bundled = await build({
    entryPoints: [fileURLToPath(new URL('entry.ts', import.meta.url))],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'engine',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  });
  const context = createContext(Object.assign(Object.create(null), { TextEncoder, TextDecoder }));
  runInContext(bundled.outputFiles[0]?.text ?? '', context);
  inBrowser = (...given) => [...(runInContext('engine.answersOf', context) as typeof answersOf)(...given)];
});

const policies = new URL('../../../policies/', import.meta.url);
const constitution = readdirSync(policies)
  .filter((name) => name.endsWith('.cedar'))
  .sort()
  .map((name) => readFileSync(new URL(name, policies), 'utf8'))
  .join('\n');

describe('in a browser', () => {
  it('the consortium decides as on Node: the same answers, gas and bytes of traces', () => {
    const requests = requestsOf()
      .filter((_, i) => i % REQUESTS_STRIDE === 0)
      .map(({ entities: _, ...request }) => request);
    const given = [constitution, JSON.stringify(WORLD), JSON.stringify(requests), GAS_LIMIT] as const;
    const answers = answersOf(...given);
    expect(inBrowser(...given)).toEqual(answers);
    expect(answers).toHaveLength(requests.length);
    expect(new Set(answers.map((answer) => answer.split(' ')[0]))).toEqual(new Set(['true', 'false']));
  });

  it('texts beyond ASCII, large integers and spent gas come out the same', () => {
    const text =
      '@id("ü😀") permit(principal, action, resource) when { principal.name == "é" && principal.n > 9007199254740993 };';
    const entities = [{ uid: { type: 'User', id: '😀' }, attrs: { name: 'è', n: 1 }, parents: [] }];
    const uid = { type: 'User', id: '😀' };
    const requests = [{ principal: uid, action: { type: 'Action', id: 'é' }, resource: uid, context: { '😀': 'ü' } }];
    for (const gas of [3, GAS_LIMIT]) {
      const given = [text, JSON.stringify(entities), JSON.stringify(requests), gas] as const;
      expect(inBrowser(...given)).toEqual(answersOf(...given));
    }
  });
});

const folder = fixturesFolder();

describe.skipIf(folder === undefined)(
  `the official Cedar corpus in a browser ${folder === undefined ? FIXTURES_SKIPPED : ''}`,
  () => {
    const root = join(folder ?? '', 'corpora', 'cedar');

    it('gets the same answers, gas and bytes of traces as on Node', () => {
      const names = readdirSync(join(root, 'corpus-tests')).filter((name) => /^[^.]+\.json$/.test(name));
      let compared = 0;
      for (const name of names.filter((_, i) => i % CORPUS_STRIDE === 0)) {
        const read = (path: string): string => readFileSync(join(root, path), 'utf8');
        const test = JSON.parse(read(join('corpus-tests', name))) as Record<string, string>;
        // Sliced, not parsed and printed: JSON.parse would round large integers.
        const requests = read(join('corpus-tests', name))
          .replace(/^[\s\S]*?"requests":\s*/, '')
          .replace(/\}\s*$/, '');
        const given = [read(test.policies ?? ''), read(test.entities ?? ''), requests, GAS_LIMIT] as const;
        expect(inBrowser(...given)).toEqual(answersOf(...given));
        compared++;
      }
      expect(compared).toBe(Math.ceil(names.length / CORPUS_STRIDE));
    });
  },
);
