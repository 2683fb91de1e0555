import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as official from '@cedar-policy/cedar-wasm/nodejs';
import { parseSchema, readSchema } from '../../../src/vm/schema/read-schema.ts';
import type { Schema } from '../../../src/vm/schema/schema.ts';
import { fixturesFolder } from '../../support/fixtures.ts';
import { accepted } from '../support.ts';

export const schemaOf = (text: string): Schema => accepted(parseSchema(text));

export const isAcceptedByUs = (text: string): boolean => readSchema(text).schema !== undefined;
export const isAcceptedOfficially = (text: string): boolean => official.checkParseSchema(text).type === 'success';

export const folder = fixturesFolder();
export const root = join(folder ?? '', 'corpora', 'cedar');
export const SUITES = ['corpus-tests', 'merged-tests'] as const;

export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
export const filesIn = (suite: string, ending: string): readonly string[] =>
  readdirSync(join(root, suite))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => `${suite}/${name}`);

export const corpusSchemas = (): readonly string[] =>
  SUITES.flatMap((suite) => filesIn(suite, '.cedarschema')).map(textOf);

/** A test over the whole corpus: seconds on a free machine, more beside others. */
export const CORPUS_TIMEOUT_MS = 90_000;
