import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseJson } from '../../../../vm/index.ts';
import { filesBelow } from '../../../marker-search.ts';
import { refusalText } from '../../../output.ts';
import { fileError, readText } from '../files.ts';
import { type CorpusTest, isTest, testOf } from './test-file.ts';

const VERDICTS = '.validation.json';
/** Parts of a test that lie beside it. */
const PARTS = ['.entities.json', VERDICTS, '.cedarschema.json', '.schema.json'];

export interface Corpus {
  readonly tests: readonly CorpusTest[];
  /** Files of validator verdicts, by the name of their test. */
  readonly verdicts: ReadonlyMap<string, string>;
}

/** Every test below a folder, in the order of paths. What is JSON and no test is passed over. */
export async function findTests(folder: string): Promise<Corpus> {
  if ((await stat(folder).catch(() => undefined))?.isDirectory() !== true)
    throw fileError('consortium-command.file-missing', folder);
  const files = (await filesBelow(folder)).filter((path) => path.endsWith('.json'));
  const tests: CorpusTest[] = [];
  for (const path of files) {
    if (PARTS.some((part) => path.endsWith(part))) continue;
    const text = await readText(path);
    if (!isTest(text)) continue;
    const json = parseJson(text);
    if (!json.ok) throw fileError('consortium-policy.unreadable', path, refusalText(json.rejection));
    tests.push(testOf(path, json.value));
  }
  if (tests.length === 0) throw fileError('consortium-policy.no-tests', folder);
  const verdicts = files.filter((path) => path.endsWith(VERDICTS));
  return { tests, verdicts: new Map(verdicts.map((path) => [basename(path, VERDICTS), path])) };
}
