import { isList, isObject, type Json, parseJson } from '../../../../vm/json/json.ts';
import { refusalText } from '../../../output.ts';
import { fileError, readText } from '../files.ts';

/** What a validator said of one test: of each policy in both modes, of each entity and each request. True is valid. */
export interface Verdicts {
  readonly policies: ReadonlyMap<string, { readonly strict?: boolean; readonly permissive?: boolean }>;
  /** By `Type::id`, the id as it is. */
  readonly entities: ReadonlyMap<string, boolean>;
  /** In the order of the test's requests. */
  readonly requests: readonly boolean[];
}

export async function readVerdicts(path: string): Promise<Verdicts> {
  const json = parseJson(await readText(path));
  if (!json.ok) throw fileError('consortium-policy.unreadable', path, refusalText(json.rejection));
  const perPolicy = entriesOf(partOf(partOf(json.value, 'policyValidation'), 'perPolicy'));
  const perEntity = entriesOf(partOf(partOf(json.value, 'entityValidation'), 'perEntity'));
  const requests = partOf(json.value, 'requestValidation');
  return {
    policies: new Map(
      perPolicy.map(([id, verdict]) => [id, { ...mode(verdict, 'strict'), ...mode(verdict, 'permissive') }]),
    ),
    entities: new Map(perEntity.map(([name, verdict]) => [name, isValid(verdict)])),
    requests: isList(requests) ? requests.map(isValid) : [],
  };
}

const partOf = (json: Json, name: string): Json => (isObject(json) ? (json.get(name) ?? null) : null);
const entriesOf = (json: Json): readonly (readonly [string, Json])[] => (isObject(json) ? [...json] : []);

function mode(verdict: Json, name: 'strict' | 'permissive'): { readonly [key in typeof name]?: boolean } {
  const value = partOf(verdict, name);
  return typeof value === 'boolean' ? { [name]: value } : {};
}

/** No list of errors has an item, and no mode says false. */
function isValid(verdict: Json): boolean {
  return entriesOf(verdict).every(([name, value]) => {
    if (/errors?$/i.test(name)) return isList(value) ? value.length === 0 : value === null || value === false;
    return value !== false;
  });
}
