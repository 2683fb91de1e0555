import { basename } from 'node:path';
import { isList, isObject, type Json, type JsonObject } from '../../../../vm/json/json.ts';
import { fileError } from '../files.ts';

/** One test of the official corpus: which files it is about, and what the official engine says of each request. */
export interface CorpusTest {
  readonly path: string;
  /** Its file's name, without `.json`. */
  readonly name: string;
  readonly policies: string;
  readonly entities: string;
  readonly schema: string | undefined;
  /** Does strict validation find no error? Undefined where the test does not say. */
  readonly shouldValidate: boolean | undefined;
  readonly requests: readonly CorpusRequest[];
}

export interface CorpusRequest {
  readonly description: string;
  readonly principal: Json;
  readonly action: Json;
  readonly resource: Json;
  readonly context: Json;
  readonly validateRequest: boolean;
  /** Undefined where the test does not say. */
  readonly decision: string | undefined;
  readonly reason: readonly string[] | undefined;
  readonly errors: readonly string[] | undefined;
}

/** Among other JSON files, a test is an object with `policies` and `requests`. Text that is no JSON counts: reading it says why. */
export function isTest(text: string): boolean {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && 'policies' in json && 'requests' in json;
  } catch {
    return true;
  }
}

export function testOf(path: string, json: Json): CorpusTest {
  const wrong = (field: string) => fileError('consortium-policy.unreadable', path, `field ${field}`);
  if (!isObject(json)) throw wrong('');
  const text = (field: string): string => {
    const value = json.get(field);
    if (typeof value !== 'string') throw wrong(field);
    return value;
  };
  const [requests, shouldValidate] = [json.get('requests') ?? null, json.get('shouldValidate')];
  if (!isList(requests)) throw wrong('requests');
  return {
    path,
    name: basename(path, '.json'),
    policies: text('policies'),
    entities: text('entities'),
    schema: json.has('schema') ? text('schema') : undefined,
    shouldValidate: typeof shouldValidate === 'boolean' ? shouldValidate : undefined,
    requests: requests.map((request, i) => {
      if (!isObject(request)) throw wrong(`requests[${i}]`);
      return requestOf(request, i);
    }),
  };
}

function requestOf(json: JsonObject, i: number): CorpusRequest {
  const part = (field: string): Json => json.get(field) ?? null;
  const [description, decision] = [json.get('description'), json.get('decision')];
  return {
    description: typeof description === 'string' ? description : `request ${i}`,
    principal: part('principal'),
    action: part('action'),
    resource: part('resource'),
    context: json.get('context') ?? new Map(),
    validateRequest: json.get('validateRequest') !== false,
    decision: typeof decision === 'string' ? decision.toLowerCase() : undefined,
    reason: idsOf(json.get('reason') ?? json.get('reasons')),
    errors: idsOf(json.get('errors')),
  };
}

const idsOf = (json: Json | undefined): readonly string[] | undefined =>
  json !== undefined && isList(json) && json.every((id) => typeof id === 'string')
    ? (json as readonly string[])
    : undefined;
