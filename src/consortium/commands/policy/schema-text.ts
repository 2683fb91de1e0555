import { ok, type Result } from '../../../base/result.ts';
import { parseJson, parseSchema, type Schema, type VmCode } from '../../../vm/index.ts';
import { schemaTextOfJson } from './json-schema.ts';

/** A schema as Cedar's syntax has it, whichever of the two forms it was written in. */
export function schemaSource(text: string): Result<string, VmCode> {
  if (!text.trimStart().startsWith('{')) return ok(text);
  const json = parseJson(text);
  return json.ok ? schemaTextOfJson(json.value) : json;
}

export function schemaFromText(text: string): Result<Schema, VmCode> {
  const source = schemaSource(text);
  return source.ok ? parseSchema(source.value) : source;
}
