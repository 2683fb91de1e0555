import {
  type AuthorizationRequest,
  type EntityReader,
  type EntityUid,
  type Json,
  type PolicySet,
  parseJson,
  type Schema,
  validateEntities,
  validateRequest,
} from '../../../vm/index.ts';
import { isObject } from '../../../vm/json/json.ts';
import { refusalText, usageError } from '../../output.ts';
import { readUid } from './expression.ts';
import { fileError, readText } from './files.ts';
import { corpusEntities } from './read-entities.ts';
import { policySetFrom } from './read-policies.ts';
import { requestFromJson } from './read-request.ts';
import { readSchemaFile } from './read-schema.ts';

/** Flags of the commands that decide a request. */
export interface QuestionOptions {
  readonly policies: readonly string[];
  readonly entities?: string;
  readonly schema?: string;
  readonly request?: string;
  readonly principal?: string;
  readonly action?: string;
  readonly resource?: string;
  /** JSON, or a file of it. */
  readonly context?: string;
  readonly gas?: string;
}

export interface Question {
  readonly policies: PolicySet;
  readonly entities: EntityReader;
  readonly request: AuthorizationRequest;
  readonly gasLimit: number;
}

const GAS_LIMIT = 1_000_000;

/** Everything that a decision needs, read from files and flags; with a schema, read by it and held against it. */
export async function readQuestion(options: QuestionOptions): Promise<Question> {
  const schema = options.schema === undefined ? undefined : await readSchemaFile(options.schema);
  return {
    policies: await policySetFrom(options.policies),
    entities: await readEntitiesFile(options.entities, schema),
    request: await readRequest(options, schema),
    gasLimit: gasLimitOf(options.gas),
  };
}

export function gasLimitOf(text: string | undefined): number {
  if (text === undefined) return GAS_LIMIT;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usageError(`${text} is no amount of gas`);
}

export async function readEntitiesFile(file: string | undefined, schema: Schema | undefined): Promise<EntityReader> {
  const text = file === undefined ? '[]' : await readText(file);
  const read = corpusEntities(text, schema);
  if (!read.ok) throw fileError('consortium-policy.unreadable', file ?? '', refusalText(read.rejection));
  const valid = schema === undefined ? undefined : validateEntities(schema, read.value.data);
  if (valid?.ok === false) throw fileError('consortium-policy.unreadable', file ?? '', refusalText(valid.rejection));
  return read.value.reader;
}

async function readRequest(options: QuestionOptions, schema: Schema | undefined): Promise<AuthorizationRequest> {
  const file = options.request;
  const fromFile = file === undefined ? undefined : await readJsonFile(file);
  if (fromFile !== undefined && !isObject(fromFile)) throw fileError('consortium-policy.unreadable', file as string);
  const part = (name: 'principal' | 'action' | 'resource'): Json => {
    const given = options[name];
    if (given !== undefined) return jsonOf(uidFrom(given));
    const found = fromFile?.get(name);
    if (found === undefined) throw usageError(`no ${name}: give --${name} Type::"id" or a --request file with it`);
    return found;
  };
  const context = options.context === undefined ? fromFile?.get('context') : await readContextFlag(options.context);
  const read = requestFromJson(
    { principal: part('principal'), action: part('action'), resource: part('resource'), context: context ?? new Map() },
    schema,
  );
  if (!read.ok) throw usageError(`the request cannot be read: ${refusalText(read.rejection)}`);
  const valid = schema === undefined ? undefined : validateRequest(schema, read.value);
  if (valid?.ok === false) throw usageError(`the request does not fit the schema: ${refusalText(valid.rejection)}`);
  return read.value;
}

export function uidFrom(text: string): EntityUid {
  const uid = readUid(text);
  if (!uid.ok) throw usageError(`${text} is no entity: write Type::"id"`);
  return uid.value;
}

const jsonOf = ({ type, id }: EntityUid): Json =>
  new Map([
    ['type', type],
    ['id', id],
  ]);

async function readContextFlag(given: string): Promise<Json> {
  if (!given.trimStart().startsWith('{')) return readJsonFile(given);
  const json = parseJson(given);
  if (!json.ok) throw usageError(`--context is no JSON: ${refusalText(json.rejection)}`);
  return json.value;
}

async function readJsonFile(file: string): Promise<Json> {
  const json = parseJson(await readText(file));
  if (!json.ok) throw fileError('consortium-policy.unreadable', file, refusalText(json.rejection));
  return json.value;
}
