import { writeFile } from 'node:fs/promises';
import { formatPolicies } from '../../../vm/syntax/format.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import { type Output, usageError } from '../../output.ts';
import { readText } from './files.ts';
import { problemText } from './problem-text.ts';

export interface FmtOptions {
  readonly check?: boolean;
  readonly write?: boolean;
}

/** `carechain policy fmt`: 0; 1 where a file cannot be read as policies or, with `--check`, is not in canonical layout. */
export async function policyFmt(files: readonly string[], options: FmtOptions, output: Output): Promise<ExitCode> {
  if (options.check === true && options.write === true) throw usageError('--check writes nothing: give one of the two');
  const [formatted, changed]: [Record<string, string>, string[]] = [{}, []];
  let refused = 0;
  for (const file of files) {
    const text = await readText(file);
    const result = formatPolicies(text);
    if (!result.ok) {
      refused++;
      for (const problem of result.problems) output.say(problemText(file, text, problem));
      continue;
    }
    formatted[file] = result.text;
    if (result.text === text) continue;
    changed.push(file);
    if (options.write === true) await writeFile(file, result.text);
  }
  const lists = options.check === true || options.write === true;
  const verb = options.write === true ? 'formatted' : 'not formatted';
  const text = lists
    ? changed.map((file) => `${verb}: ${file}`).join('\n')
    : Object.values(formatted).join('\n').replace(/\n$/, '');
  if (output.json || text !== '') output.result(lists ? { changed, refused } : { formatted, refused }, text);
  return refused > 0 || (options.check === true && changed.length > 0) ? EXIT.violated : EXIT.holds;
}
