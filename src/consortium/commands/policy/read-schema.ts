import { readSchema, type Schema } from '../../../vm/index.ts';
import { refusalText } from '../../output.ts';
import { fileError, readText } from './files.ts';
import { problemText } from './problem-text.ts';
import { schemaSource } from './schema-text.ts';

/** A schema file, in Cedar's syntax or JSON; every problem of it is told. */
export async function readSchemaFile(file: string): Promise<Schema> {
  const source = schemaSource(await readText(file));
  if (!source.ok) throw fileError('consortium-policy.unreadable', file, refusalText(source.rejection));
  const { schema, problems } = readSchema(source.value);
  if (schema !== undefined) return schema;
  const told = problems.map((problem) => {
    const { name, suggestion } = problem;
    return problemText(file, source.value, {
      ...problem,
      suggestion: suggestion === undefined ? name : `${name}: did you mean ${suggestion}?`,
    });
  });
  throw fileError('consortium-policy.unreadable', file, `\n${told.join('\n')}`);
}
