import { utf8 } from '../../base/bytes.ts';
import { ok, type Result, refuse } from '../../base/result.ts';
import type { VmCode } from '../codes.ts';
import { VM_LIMITS } from '../limits.ts';
import { checkDeclarations } from './check-declarations.ts';
import { lexSchema } from './lex-schema.ts';
import { parseDeclarations } from './parse-declarations.ts';
import { Problems, type SchemaProblem } from './problems.ts';
import { resolveSchema } from './resolve-schema.ts';
import type { Schema } from './schema.ts';
import { SchemaTokens } from './schema-tokens.ts';
import type { WrittenNamespace } from './written.ts';

/** A schema, or everything that keeps the text from being one (the first problems, in the order of the text). */
export type SchemaReading =
  | { readonly schema: Schema; readonly problems: readonly [] }
  | { readonly schema?: undefined; readonly problems: readonly SchemaProblem[] };

/** Reads a schema in Cedar's own syntax (language 4.5). A refusal is the first problem, with `line` and `column`. */
export function parseSchema(text: string): Result<Schema, VmCode> {
  const { schema, problems } = readSchema(text);
  if (schema !== undefined) return ok(schema);
  const { code, ...detail } = problems[0] as SchemaProblem;
  return refuse(code, detail);
}

/**
 * Reads a schema and tells several problems at once. Names are looked at only in a text without problems of syntax, and
 * resolved only where each is declared once: otherwise one mistake would be told many times.
 */
export function readSchema(text: string): SchemaReading {
  const problems = new Problems();
  const failed = (): SchemaReading => ({ problems: problems.in(text) });

  const bytesMax = VM_LIMITS.schemaTextBytesMax;
  const lone = text.length > bytesMax ? -1 : text.search(/\p{Surrogate}/u);
  if (lone >= 0) problems.add('vm-lex.not-unicode', lone);
  else if (text.length > bytesMax || utf8(text).length > bytesMax) problems.add('vm-schema.too-large', 0);
  if (!problems.isEmpty) return failed();

  const namespaces = parseDeclarations(new SchemaTokens(lexSchema(text, problems), problems));
  if (declarationCount(namespaces) > VM_LIMITS.schemaDeclarationsMax) problems.add('vm-schema.too-complex', 0);
  if (!problems.isEmpty) return failed();
  checkDeclarations(namespaces, problems);
  if (!problems.isEmpty) return failed();
  const schema = resolveSchema(namespaces, problems);
  return problems.isEmpty ? { schema, problems: [] } : failed();
}

function declarationCount(namespaces: readonly WrittenNamespace[]): number {
  let count = 0;
  for (const { entities, actions, types } of namespaces) {
    count += types.length;
    for (const { names } of [...entities, ...actions]) count += names.length;
  }
  return count;
}
