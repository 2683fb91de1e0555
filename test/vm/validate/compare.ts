import { readPolicies } from '../../../src/vm/syntax/parse.ts';
import { reviewPolicy, type Validation } from '../../../src/vm/validate/validate.ts';
import { codesOf } from './codes-of-messages.ts';
import { type OfficialVerdict, officialVerdict } from './official.ts';
import { schema } from './schema.ts';

/** How our checker and the official engine judge the same policies. */
export interface Comparison {
  /** One line for each difference. */
  readonly differences: readonly string[];
  readonly valid: number;
  readonly invalid: number;
  /** Error codes of ours that occurred. */
  readonly codes: ReadonlySet<string>;
}

/**
 * They must agree on whether there is an error, on the warning that a policy is impossible (where there is no error), and ours must
 * find nothing of a kind that the official engine does not. That one tells more where one mistake leads to another.
 */
export function compare(texts: readonly string[], isTemplate = false): Comparison {
  const byId = Object.fromEntries(texts.map((text, index) => [`p${index}`, text]));
  const official = officialVerdict(schema.text, isTemplate ? { templates: byId } : { staticPolicies: byId });
  const ours = texts.map((text) => reviewText(text));
  const valid = ours.filter(({ errors }) => errors.length === 0).length;
  return {
    differences: ours.flatMap((validation, index) =>
      differencesOf(texts[index] as string, validation, official, `p${index}`),
    ),
    valid,
    invalid: ours.length - valid,
    codes: new Set(ours.flatMap(({ errors }) => errors.map(({ code }) => code))),
  };
}

export function reviewText(text: string, mode: 'strict' | 'permissive' = 'strict'): Validation {
  const { policies, templates, problems } = readPolicies(text);
  const [policy] = [...policies, ...templates];
  if (policy === undefined) throw new Error(`not a policy: ${text}: ${JSON.stringify(problems)}`);
  return reviewPolicy(schema.schema, policy, mode);
}

/** The official engine tells of a tag that was not asked for before it looks whether the type has any. */
const generalized = (codes: Iterable<string>): readonly string[] =>
  [...new Set([...codes].map((code) => code.replace('no-tags', 'optional-tag')))].sort();

function differencesOf(text: string, ours: Validation, official: OfficialVerdict, id: string): string[] {
  const [errors, warnings] = [codesOf(official.errors.get(id)), codesOf(official.warnings.get(id))];
  const found = generalized(ours.errors.map(({ code }) => code));
  const judged = `${text}: ours ${found.join(' ') || 'valid'}, official ${errors.join(' ') || 'valid'}`;
  const theirs = new Set(generalized(errors));
  if ((found.length === 0) !== (errors.length === 0) || found.some((code) => !theirs.has(code))) return [judged];
  const isImpossible = ours.warnings.some(({ code }) => code === 'vm-validate.impossible');
  return found.length === 0 && isImpossible !== warnings.includes('vm-validate.impossible')
    ? [`${text}: ours ${isImpossible ? 'impossible' : 'possible'}`]
    : [];
}
