import type { Schema } from '../../../vm/index.ts';
import { positionOf } from '../../../vm/syntax/position.ts';
import { validatePolicies } from '../../../vm/validate/validate.ts';
import { EXIT, type ExitCode } from '../../exit-codes.ts';
import type { Output } from '../../output.ts';
import { problemText, type TextProblem } from './problem-text.ts';
import { duplicatesIn, type PolicyFile, readPolicyFiles } from './read-policies.ts';
import { readSchemaFile } from './read-schema.ts';

export interface CheckOptions {
  readonly schema?: string;
}

/** A problem of one file; `policy` is the id of the policy it is in, where that could be read. */
interface Found extends TextProblem {
  readonly file: string;
  readonly policy?: string;
}

/** `carechain policy check`: 0 where every file reads and, with a schema, fits it; 1 where not. All problems are told at once. */
export async function policyCheck(
  files: readonly string[],
  { schema: schemaFile }: CheckOptions,
  output: Output,
): Promise<ExitCode> {
  const schema = schemaFile === undefined ? undefined : await readSchemaFile(schemaFile);
  const read = await readPolicyFiles(files);
  const found = read.map((file) => problemsOf(file, schema));
  const problems: readonly Found[] = [...found.flatMap((one) => one.problems), ...duplicatesIn(read)];
  const warnings = found.flatMap((one) => one.warnings);
  const textIn = new Map(read.map(({ file, text }) => [file, text]));
  const shown = (one: Found): string => problemText(one.file, textIn.get(one.file) ?? '', one);
  for (const warning of warnings) output.say(`warning: ${shown(warning)}`);
  const all = read.flatMap(({ policies }) => policies);
  const templates = all.filter(({ isTemplate }) => isTemplate).length;
  const summary = [
    counted(all.length - templates, 'policy', 'policies'),
    counted(templates, 'template', 'templates'),
    counted(problems.length, 'problem', 'problems'),
  ].join(', ');
  output.result(
    { policies: all.length - templates, templates, problems, warnings },
    [...problems.map(shown), summary].join('\n'),
  );
  return problems.length === 0 ? EXIT.holds : EXIT.violated;
}

function problemsOf(
  read: PolicyFile,
  schema: Schema | undefined,
): { problems: readonly Found[]; warnings: readonly Found[] } {
  const { file, text, policies } = read;
  const problems: Found[] = read.problems.map(({ code, line, column, suggestion }) =>
    found({ file, code, line, column, suggestion }),
  );
  if (schema === undefined) return { problems, warnings: [] };
  const warnings: Found[] = [];
  const validations = validatePolicies(
    schema,
    policies.map(({ policy }) => policy),
    'strict',
  );
  for (const [i, { errors, warnings: advice }] of validations.entries()) {
    const policy = policies[i]?.id;
    const placed = ({ code, at, message, suggestion }: (typeof errors)[number]): Found =>
      found({ file, policy, code, ...positionOf(text, at), message, suggestion });
    problems.push(...errors.map(placed));
    warnings.push(...advice.map(placed));
  }
  return { problems, warnings };
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** Without the parts that are not known. */
const found = (problem: { [K in keyof Found]: Found[K] | undefined }): Found =>
  Object.fromEntries(Object.entries(problem).filter(([, value]) => value !== undefined)) as unknown as Found;
